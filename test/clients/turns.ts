// What a provider's stand-in says, once, and how each protocol says it on the wire: whole and
// streamed, usage included. Written from the providers' own references, not from src/protocols.

import { type Answer, chatStream, messagesStream } from '../support/upstream.ts';

/** Disjoint counts; how a provider adds them up is its protocol's matter. */
export interface Spent {
  readonly uncached: number;
  readonly cacheRead?: number;
  /** OpenAI knows one lifetime, Anthropic two. */
  readonly written?: number;
  readonly written5m?: number;
  readonly written1h?: number;
  readonly text: number;
  readonly reasoning?: number;
}

export interface Turn {
  readonly thinking?: { readonly text: string; readonly signature: string };
  readonly text?: string;
  readonly calls?: readonly {
    readonly id: string;
    readonly name: string;
    readonly input: object;
  }[];
  readonly spent: Spent;
}

export type Speaker = (turn: Turn) => Answer;

/** Answers as OpenAI does, streamed if it is asked to. */
export function speakChat(turn: Turn): Answer {
  return (response, { body }) => {
    if (body['stream'] !== true) {
      sendJson(response, chatReply(turn, body['model']));
      return;
    }
    const wantsUsage = (body['stream_options'] as { include_usage?: boolean })?.include_usage;
    sendEvents(response, chatStream(...chatChunks(turn, body['model'], wantsUsage === true)));
  };
}

/** Answers as Anthropic does, streamed if it is asked to. */
export function speakMessages(turn: Turn): Answer {
  return (response, { body }) => {
    if (body['stream'] !== true) sendJson(response, messagesReply(turn, body['model']));
    else sendEvents(response, messagesStream(...messagesEvents(turn, body['model'])));
  };
}

/** Answers as Google does, streamed if the address asks for it. */
export function speakGemini(turn: Turn): Answer {
  return (response, { path }) => {
    const model = /models\/(.+):/.exec(path)?.[1];
    const parts = geminiParts(turn);
    const usage = geminiUsage(turn.spent);
    if (!path.includes('stream')) {
      sendJson(response, geminiChunk(model, parts.flat(), usage, 'STOP'));
      return;
    }
    const last = geminiChunk(model, [{ text: '' }], usage, 'STOP');
    sendEvents(response, [...geminiOpening(turn, model), geminiEvent(last)]);
  };
}

/** The events of an answer before its last. */
export function geminiOpening(turn: Turn, model: unknown): string[] {
  const running = { promptTokenCount: 1 };
  return geminiParts(turn).map((parts) => geminiEvent(geminiChunk(model, parts, running)));
}

function geminiEvent(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\r\n\r\n`;
}

/** The parts of each chunk: text in pieces, a call whole; the first after the thoughts is signed. */
function geminiParts({ thinking, text = '', calls = [] }: Turn): object[][] {
  const thoughts = pieces(thinking?.text ?? '').map((part) => ({ text: part, thought: true }));
  const signature = thinking && { thoughtSignature: thinking.signature };
  const texts = pieces(text).map((part) => ({ text: part }));
  const called = calls.map(({ id, name, input }) => ({ functionCall: { id, name, args: input } }));
  const said = [...texts, ...called].map((part, i) => ({ ...part, ...(i === 0 && signature) }));
  return [...thoughts, ...said].map((part) => [part]);
}

function geminiChunk(
  model: unknown,
  parts: object[],
  usageMetadata: object,
  finishReason?: string,
): object {
  return {
    candidates: [{ content: { parts, role: 'model' }, index: 0, finishReason }],
    usageMetadata,
    modelVersion: model,
    responseId: 'resp-1',
  };
}

/** Cached tokens are part of the prompt, thoughts come on top of the answer. */
function geminiUsage({ uncached, cacheRead = 0, text, reasoning = 0 }: Spent): object {
  const prompt = uncached + cacheRead;
  return {
    promptTokenCount: prompt,
    cachedContentTokenCount: cacheRead,
    candidatesTokenCount: text,
    thoughtsTokenCount: reasoning,
    totalTokenCount: prompt + text + reasoning,
    serviceTier: 'standard',
  };
}

/** Every event is a write of its own. */
function sendEvents(response: Parameters<Answer>[0], events: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(event);
  response.end();
}

function sendJson(response: Parameters<Answer>[0], body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function chatReply(turn: Turn, model: unknown): object {
  const calls = (turn.calls ?? []).map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: turn.text ?? null,
          refusal: null,
          ...(turn.thinking && { reasoning_content: turn.thinking.text }),
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: chatFinish(turn),
      },
    ],
    usage: chatUsage(turn.spent),
  };
}

/** The first chunks of an answer: its role, its thoughts as others have them, its text, in pieces. */
export function chatOpening(turn: Turn, model: unknown): object[] {
  const thoughts = pieces(turn.thinking?.text ?? '').map((part) => ({ reasoning_content: part }));
  const deltas = pieces(turn.text ?? '').map((content) => ({ content }));
  return [{ role: 'assistant', content: '' }, ...thoughts, ...deltas].map((delta) =>
    chatChunk(model, [{ index: 0, delta, finish_reason: null }]),
  );
}

function chatChunks(turn: Turn, model: unknown, wantsUsage: boolean): object[] {
  const calls = (turn.calls ?? []).flatMap(({ id, name, input }, index) => [
    { index, id, type: 'function', function: { name, arguments: '' } },
    ...pieces(JSON.stringify(input)).map((part) => ({ index, function: { arguments: part } })),
  ]);
  return [
    ...chatOpening(turn, model),
    ...calls.map((call) =>
      chatChunk(model, [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }]),
    ),
    chatChunk(model, [{ index: 0, delta: {}, finish_reason: chatFinish(turn) }]),
    ...(wantsUsage ? [{ ...chatChunk(model, []), usage: chatUsage(turn.spent) }] : []),
  ];
}

function chatChunk(model: unknown, choices: object[]): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model,
    choices,
  };
}

function chatFinish(turn: Turn): string {
  return (turn.calls ?? []).length > 0 ? 'tool_calls' : 'stop';
}

/** OpenAI's counts include their parts. */
function chatUsage({ uncached, cacheRead = 0, written = 0, text, reasoning = 0 }: Spent): object {
  const prompt = uncached + cacheRead + written;
  return {
    prompt_tokens: prompt,
    completion_tokens: text + reasoning,
    total_tokens: prompt + text + reasoning,
    prompt_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: written },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function messagesReply(turn: Turn, model: unknown): object {
  return {
    ...messagesHead(model),
    content: [
      ...(turn.thinking
        ? [{ type: 'thinking', thinking: turn.thinking.text, signature: turn.thinking.signature }]
        : []),
      ...(turn.text === undefined ? [] : [{ type: 'text', text: turn.text }]),
      ...(turn.calls ?? []).map((call) => ({ type: 'tool_use', ...call })),
    ],
    stop_reason: messagesStop(turn),
    usage: messagesUsage(turn.spent),
  };
}

function messagesHead(model: unknown): object {
  return { id: 'msg_1', type: 'message', role: 'assistant', model, stop_sequence: null };
}

function messagesStop(turn: Turn): string {
  return (turn.calls ?? []).length > 0 ? 'tool_use' : 'end_turn';
}

type Event = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The first events of an answer: its start with the counts so far, and its text. */
export function messagesOpening(turn: Turn, model: unknown): Event[] {
  const { output_tokens: _, output_tokens_details: _details, ...usage } = messagesUsage(turn.spent);
  const message = {
    ...messagesHead(model),
    content: [],
    stop_reason: null,
    usage: { ...usage, output_tokens: 1 },
  };
  return [{ type: 'message_start', message }, { type: 'ping' }, ...textBlock(turn, 0)];
}

function messagesEvents(turn: Turn, model: unknown): Event[] {
  const { thinking } = turn;
  const [start, ping] = messagesOpening(turn, model) as [Event, Event];
  const blocks: ((index: number) => Event[])[] = [];
  if (thinking) {
    const empty = { type: 'thinking', thinking: '', signature: '' };
    const texts = pieces(thinking.text).map((part) => ({ type: 'thinking_delta', thinking: part }));
    const signature = { type: 'signature_delta', signature: thinking.signature };
    blocks.push((index) => block(index, empty, [...texts, signature]));
  }
  if (turn.text !== undefined) {
    blocks.push((index) => [...textBlock(turn, index), { type: 'content_block_stop', index }]);
  }
  for (const { id, name, input } of turn.calls ?? []) {
    const deltas = pieces(JSON.stringify(input)).map((part) => ({
      type: 'input_json_delta',
      partial_json: part,
    }));
    blocks.push((index) => block(index, { type: 'tool_use', id, name, input: {} }, deltas));
  }
  return [
    start,
    ping,
    ...blocks.flatMap((write, index) => write(index)),
    {
      type: 'message_delta',
      delta: { stop_reason: messagesStop(turn), stop_sequence: null },
      usage: messagesUsage(turn.spent),
    },
    { type: 'message_stop' },
  ];
}

function textBlock(turn: Turn, index: number): Event[] {
  const deltas = pieces(turn.text ?? '').map((text) => ({ type: 'text_delta', text }));
  return block(index, { type: 'text', text: '' }, deltas).slice(0, -1);
}

function block(index: number, start: object, deltas: readonly object[]): Event[] {
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

/** Anthropic's input counts stand side by side; its output count includes the thinking. */
function messagesUsage(spent: Spent): Record<string, unknown> {
  const { uncached, cacheRead = 0, written5m = 0, written1h = 0, text, reasoning = 0 } = spent;
  return {
    input_tokens: uncached,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: written5m + written1h,
    cache_creation: {
      ephemeral_5m_input_tokens: written5m,
      ephemeral_1h_input_tokens: written1h,
    },
    output_tokens: text + reasoning,
    output_tokens_details: { thinking_tokens: reasoning },
  };
}

/** Pieces of uneven length, which cut words and code points' neighbours apart. */
function pieces(text: string): string[] {
  return text.match(/[^]{1,5}/gu) ?? [];
}
