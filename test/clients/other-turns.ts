// What stand-ins of Cohere, of Ollama and of a server for Completions say on the wire, whole and
// streamed, usage included. Written from the providers' own references, not from src/protocols.

import type { ServerResponse } from 'node:http';
import { type Answer, messagesStream } from '../support/upstream.ts';
import type { Spent, Turn } from './turns.ts';

/** Answers as Cohere does, streamed if it is asked to. */
export function speakCohere(turn: Turn): Answer {
  return (response, { body }) => {
    if (body['stream'] !== true) return sendJson(response, cohereReply(turn));
    const events = messagesStream(...cohereEvents(turn));
    return send(response, 'text/event-stream', [...events, 'data: [DONE]\n\n']);
  };
}

function cohereReply(turn: Turn): object {
  const { text, calls = [], spent } = turn;
  return {
    id: 'c-1',
    message: {
      role: 'assistant',
      ...(text !== undefined && { content: [{ type: 'text', text }] }),
      ...(calls.length > 0 && { tool_plan: 'I will look.', tool_calls: calls.map(functionCall) }),
    },
    ...cohereEnd(turn, spent),
  };
}

type Event = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The events of a text before its end. */
export function cohereOpening(turn: Turn): Event[] {
  return cohereEvents(turn).slice(0, -2);
}

function cohereEvents(turn: Turn): Event[] {
  const { text, calls = [], spent } = turn;
  const content = (type: string, more: object) => ({
    type,
    index: 0,
    delta: { message: { content: more } },
  });
  const texts = pieces(text ?? '').map((piece) => content('content-delta', { text: piece }));
  const plan = { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I will look.' } } };
  return [
    { type: 'message-start', id: 'c-1', delta: { message: { role: 'assistant' } } },
    ...(text === undefined ? [] : [content('content-start', { type: 'text', text: '' })]),
    ...texts,
    ...(text === undefined ? [] : [{ type: 'content-end', index: 0 }]),
    ...(calls.length > 0 ? [plan] : []),
    ...calls.flatMap((call, index) => {
      const { id, type, function: called } = functionCall(call);
      const empty = { id, type, function: { name: called.name, arguments: '' } };
      const event = (name: string, tool_calls: object) => ({
        type: name,
        index,
        delta: { message: { tool_calls } },
      });
      return [
        event('tool-call-start', empty),
        ...pieces(called.arguments).map((piece) =>
          event('tool-call-delta', { function: { arguments: piece } }),
        ),
        { type: 'tool-call-end', index },
      ];
    }),
    { type: 'message-end', delta: cohereEnd(turn, spent) },
  ];
}

function functionCall({ id, name, input }: NonNullable<Turn['calls']>[number]) {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input) } };
}

/** What is billed, and what was read, which is more. */
function cohereEnd(turn: Turn, { uncached, text }: Spent): object {
  return {
    finish_reason: (turn.calls ?? []).length > 0 ? 'TOOL_CALL' : 'COMPLETE',
    usage: {
      billed_units: { input_tokens: uncached, output_tokens: text },
      tokens: { input_tokens: uncached + 1_000, output_tokens: text + 5 },
      cached_tokens: 900,
    },
  };
}

/** Answers as Ollama does, streamed unless it is told not to; its calls have no ids. */
export function speakOllama(turn: Turn): Answer {
  return (response, { body }) => {
    const { text = '', thinking, calls = [], spent } = turn;
    const head = { model: body['model'], created_at: '2026-08-06T06:53:44.157971Z' };
    const tool_calls = calls.map(({ name, input }) => ({ function: { name, arguments: input } }));
    const end = {
      done: true,
      done_reason: 'stop',
      total_duration: 13_373_849_417,
      prompt_eval_count: spent.uncached + (spent.cacheRead ?? 0),
      ...(spent.cacheRead !== undefined && { prompt_eval_cached_count: spent.cacheRead }),
      eval_count: spent.text,
    };
    const message = (more: object) => ({ role: 'assistant', content: '', ...more });
    if (body['stream'] === false) {
      const whole = {
        ...(thinking && { thinking: thinking.text }),
        content: text,
        ...(calls.length > 0 && { tool_calls }),
      };
      return sendJson(response, { ...head, message: message(whole), ...end });
    }
    const last = `${JSON.stringify({ ...head, message: message({}), ...end })}\n`;
    const lines = [...ollamaOpening(turn, body['model']), last];
    return send(response, 'application/x-ndjson', lines);
  };
}

/** The lines of an answer before its last. */
export function ollamaOpening({ text = '', thinking, calls = [] }: Turn, model: unknown): string[] {
  const head = { model, created_at: '2026-08-06T06:53:44.157971Z' };
  return [
    ...pieces(thinking?.text ?? '').map((piece) => ({ content: '', thinking: piece })),
    ...pieces(text).map((piece) => ({ content: piece })),
    ...calls.map(({ name, input }) => ({
      content: '',
      tool_calls: [{ function: { name, arguments: input } }],
    })),
  ].map((said) => {
    const line = { ...head, message: { role: 'assistant', ...said }, done: false };
    return `${JSON.stringify(line)}\n`;
  });
}

/** Answers as OpenAI's Completions did, streamed if it is asked to. */
export function speakCompletions({ text = '', spent }: Turn): Answer {
  return (response, { body }) => {
    const { uncached, text: written } = spent;
    const head = { id: 'cmpl-1', object: 'text_completion', created: 1, model: body['model'] };
    const choice = (piece: string, finish_reason: string | null) => ({
      ...head,
      choices: [{ index: 0, text: piece, logprobs: null, finish_reason }],
    });
    const usage = {
      prompt_tokens: uncached,
      completion_tokens: written,
      total_tokens: uncached + written,
    };
    if (body['stream'] !== true) return sendJson(response, { ...choice(text, 'stop'), usage });
    const options = body['stream_options'] as { include_usage?: boolean } | undefined;
    const chunks = [
      ...pieces(text).map((piece) => choice(piece, null)),
      choice('', 'stop'),
      ...(options?.include_usage ? [{ ...head, choices: [], usage }] : []),
    ];
    const events = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
    return send(response, 'text/event-stream', [...events, 'data: [DONE]\n\n']);
  };
}

/** Every event is a write of its own. */
function send(response: ServerResponse, contentType: string, events: readonly string[]): void {
  response.writeHead(200, { 'content-type': contentType });
  for (const event of events) response.write(event);
  response.end();
}

function sendJson(response: ServerResponse, body: object): void {
  send(response, 'application/json', [JSON.stringify(body)]);
}

/** Pieces of uneven length, which cut words apart. */
function pieces(text: string): string[] {
  return text.match(/[^]{1,5}/gu) ?? [];
}
