// What a client of interactions gets of an answer that another protocol's provider made.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../../src/base/errors.ts';
import type { ChatEvent, FinishReason } from '../../../src/chat/events.ts';
import { answerOf, CONTEXT, decode, encode, fixture, frames } from '../streams.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { ask, type Event, interactions, text } from './wire.ts';

const said = (words: string): ChatEvent => ({ type: 'text', text: words });
const thought = (words: string): ChatEvent => ({ type: 'thinking', text: words });
const signed = (signature: string, maker = 'gemini-interactions'): ChatEvent => ({
  type: 'thinking_signature',
  signature,
  maker,
});
const call = (number: number): ChatEvent => ({
  type: 'tool_call',
  call: number,
  id: `c${number}`,
  name: 'f',
});
const args = (number: number, json: string): ChatEvent => ({
  type: 'tool_arguments',
  call: number,
  json,
});
const finish = (reason: FinishReason): ChatEvent => ({ type: 'finish', reason });
const sealed = (maker: string, data: string) =>
  `hub:${maker}:${Buffer.from(data).toString('base64url')}`;

type Told = Event & {
  readonly index?: number;
  readonly step?: { readonly type: string };
  readonly delta?: object;
  readonly interaction?: Record<string, unknown>;
};

function told(events: readonly ChatEvent[]): Told[] {
  const framed = frames(encode(interactions, events));
  const list = framed.filter(({ data }) => data !== '[DONE]' && data !== '');
  const parsed = list.map(({ data }) => JSON.parse(data) as Told);
  expect(list.map(({ name }) => name)).toEqual(parsed.map(({ event_type }) => event_type));
  return parsed;
}

/** The steps of a stream with their pieces; fails unless they come strictly one after the other. */
function stepsOf(events: readonly ChatEvent[]): unknown[] {
  const steps: unknown[] = [];
  let open: { step: object; pieces: object[] } | undefined;
  for (const { event_type, index, step, delta } of told(events)) {
    if (!event_type.startsWith('step.')) continue;
    expect(index).toBe(steps.length);
    if (event_type === 'step.start') {
      expect(open).toBeUndefined();
      open = { step: step!, pieces: [] };
    } else if (event_type === 'step.delta') open?.pieces.push(delta!);
    else {
      steps.push([open?.step, ...(open?.pieces ?? [])]);
      open = undefined;
    }
  }
  expect(open).toBeUndefined();
  return steps;
}

const wholeOf = (events: readonly ChatEvent[]) => interactions.encodeReply(events, CONTEXT);
const output = { type: 'model_output' };
const opened = (id: string) => ({ type: 'function_call', id, name: 'f', arguments: {} });
const piece = (json: string) => ({ type: 'arguments_delta', arguments: json });

describe('a stream for a client of interactions', () => {
  it('begins with the interaction and ends with it and the mark', () => {
    const events = told([said('a'), finish('stop')]);
    expect(events.map(({ event_type }) => event_type)).toEqual([
      'interaction.created',
      'interaction.status_update',
      'step.start',
      'step.delta',
      'step.stop',
      'interaction.completed',
    ]);
    const identity = { id: 'v1_req_1', object: 'interaction', model: 'the-model' };
    expect(events[0]?.interaction).toEqual({ ...identity, status: 'in_progress' });
    expect(events.at(-1)?.interaction).toEqual({
      ...identity,
      status: 'completed',
      created: '2023-11-14T22:13:20Z',
      updated: '2023-11-14T22:13:20Z',
      service_tier: 'standard',
    });
    expect(encode(interactions, [])).toMatch(/event: done\ndata: \[DONE\]\n\n$/);
  });

  it('tells text as it comes', () => {
    const encoder = interactions.encodeEvents(CONTEXT);
    encoder.push({ type: 'start', id: 'x', model: 'm' });
    encoder.push(said('a'));
    expect(frames(encoder.push(said('b'))).map(({ data }) => JSON.parse(data))).toEqual([
      { event_type: 'step.delta', index: 0, delta: text('b') },
    ]);
    expect(encoder.push({ type: 'ping' })).toBe(interactions.keepAlive);
  });

  it('gives each thought its signature, and hides what is of other makers in envelopes', () => {
    const steps = stepsOf([
      thought('a'),
      thought('b'),
      signed('own'),
      signed('alone', 'gemini'),
      { type: 'redacted_thinking', data: 'd', maker: 'anthropic-messages' },
      thought('unsigned'),
      said('x'),
    ]);
    const start = { type: 'thought' };
    const summary = (words: string) => ({ type: 'thought_summary', content: text(words) });
    const signature = (value: string) => ({ type: 'thought_signature', signature: value });
    expect(steps).toEqual([
      [start, summary('a'), summary('b'), signature('own')],
      [start, signature(sealed('gemini', 's:alone'))],
      [start, signature(sealed('anthropic-messages', 'r:d'))],
      [start, summary('unsigned')],
      [output, text('x')],
    ]);
  });

  it('tells calls one after the other, however their arguments interleave', () => {
    const mixed = [call(0), args(0, '{"x"'), call(1), args(1, '{"y":2}'), args(0, ':1}'), call(2)];
    expect(stepsOf([...mixed, said('a')])).toEqual([
      [opened('c0'), piece('{"x"'), piece(':1}')],
      [opened('c1'), piece('{"y":2}')],
      [opened('c2'), piece('{}')],
      [output, text('a')],
    ]);
  });

  it('streams the arguments of the call that is next, and ends one that was cut short', () => {
    const encoder = interactions.encodeEvents(CONTEXT);
    encoder.push(call(0));
    expect(encoder.push(args(0, '{"x"'))).toContain('arguments_delta');
    encoder.push(call(1));
    expect(encoder.push(args(1, '{}'))).toBe('');
    expect(encoder.push(args(0, ':1}'))).toContain('"index":1');
    const newest = interactions.encodeEvents(CONTEXT);
    newest.push(call(0));
    expect(newest.push(args(0, '{}'))).not.toContain('step.stop');
    expect(newest.push(args(0, '\n'))).toContain('"arguments":"\\n"');
    expect(stepsOf([call(0), args(0, '{"x')])).toEqual([[opened('c0'), piece('{"x')]]);
  });

  it('tells sources by the bytes of their step', () => {
    const citation = { url: 'https://a.example/', title: 'A', start: 1, end: 3 };
    const cited: ChatEvent = { type: 'citation', citation };
    const steps = stepsOf([said('a'), thought('t'), said('äöü'), cited, said('!')]);
    const annotations = [
      { type: 'url_citation', url: 'https://a.example/', title: 'A', start_index: 2, end_index: 6 },
    ];
    expect(steps[2]).toEqual([
      output,
      text('äöü'),
      { type: 'text_annotation_delta', annotations },
      text('!'),
    ]);
    expect(wholeOf([said('äöü'), cited])['steps']).toEqual([
      { ...output, content: [text('äöü', { annotations })] },
    ]);
  });

  it('ends in an error event, and says nothing after it', () => {
    const encoder = interactions.encodeEvents(CONTEXT);
    encoder.push(said('a'));
    const error = new HubError('upstream_timeout');
    const [event] = frames(encoder.push({ type: 'error', error }));
    expect(event).toMatchObject({ name: 'error' });
    expect(JSON.parse(event!.data)).toEqual({
      event_type: 'error',
      error: { code: 'deadline_exceeded', message: error.message },
    });
    expect(encoder.push(said('b')) + encoder.end()).toBe('');
  });
});

describe('a whole interaction', () => {
  it('has the steps of the stream', () => {
    const events = [
      thought('t'),
      signed('own'),
      said('a'),
      call(0),
      args(0, '{"x":1}'),
      call(1),
      finish('stop'),
    ];
    expect(wholeOf(events)).toEqual({
      id: 'v1_req_1',
      object: 'interaction',
      model: 'the-model',
      status: 'requires_action',
      created: '2023-11-14T22:13:20Z',
      updated: '2023-11-14T22:13:20Z',
      service_tier: 'standard',
      steps: [
        { type: 'thought', summary: [text('t')], signature: 'own' },
        { ...output, content: [text('a')] },
        { ...opened('c0'), arguments: { x: 1 } },
        opened('c1'),
      ],
    });
  });

  it('keeps the text of arguments that were cut short', () => {
    expect(wholeOf([call(0), args(0, '{"x')])['steps']).toEqual([
      { ...opened('c0'), arguments: { _raw: '{"x' } },
    ]);
  });

  it('throws a failure', () => {
    const error = new HubError('upstream_failed');
    expect(() => wholeOf([said('a'), { type: 'error', error }])).toThrow(error);
  });
});

describe('the status', () => {
  it.each<[FinishReason, readonly ChatEvent[], string]>([
    ['stop', [said('a')], 'completed'],
    ['stop_sequence', [said('a')], 'completed'],
    ['paused', [said('a')], 'completed'],
    ['tool_calls', [call(0)], 'requires_action'],
    ['stop', [call(0)], 'requires_action'],
    ['tool_calls', [said('a')], 'completed'],
    ['length', [said('a')], 'incomplete'],
    ['context_full', [said('a')], 'incomplete'],
    ['content_filter', [said('a')], 'incomplete: content_filter'],
    ['refusal', [], 'incomplete: content_filter'],
    ['refusal', [{ type: 'refusal', text: 'No.' }], 'completed'],
  ])('of %s after %j is %s', (reason, events, expected) => {
    const all = [...events, finish(reason)];
    const wordOf = ({ status, errors }: Record<string, unknown>): string => {
      const [error] = (errors ?? []) as { code: string }[];
      return error ? `${status as string}: ${error.code}` : (status as string);
    };
    expect(wordOf(wholeOf(all))).toBe(expected);
    expect(wordOf(told(all).at(-1)?.interaction ?? {})).toBe(expected);
  });
});

describe.each([
  ['chat', PROTOCOLS['openai-chat']],
  ['responses', PROTOCOLS['openai-responses']],
  ['messages', PROTOCOLS['anthropic-messages']],
  ['gemini', PROTOCOLS.gemini],
])('an answer of %s', (name, protocol) => {
  const events = decode(protocol, fixture(name));

  it('has two calls at the end, in steps that follow each other', () => {
    const steps = stepsOf(events) as [{ type: string }][];
    expect(steps.slice(-2).map(([step]) => step.type)).toEqual(['function_call', 'function_call']);
    expect(steps.length).toBeGreaterThan(3);
  });

  it('comes back in the history as it was, with every signature and its maker', () => {
    const { steps } = wholeOf(events) as { steps: object[] };
    const [, returned] = ask({
      input: [{ type: 'user_input', content: [text('hi')] }, ...steps],
    }).messages;
    const { parts } = answerOf(events);
    const spelled = parts.map((part) =>
      part.type === 'tool_call'
        ? { ...part, argumentsJson: JSON.stringify(JSON.parse(part.argumentsJson)) }
        : part,
    );
    expect(returned).toEqual({ role: 'assistant', content: spelled });
  });
});
