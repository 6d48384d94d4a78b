// Answers of Cohere's chat, streamed and whole, as events.

import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/base/json.ts';
import type { ReportedUsage } from '../../../src/chat/usage.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { answerOf, decode, differingCuts, frames, QUIRKS } from '../streams.ts';

const cohere = PROTOCOLS['cohere-chat'];

interface Event {
  readonly type: string;
  readonly [key: string]: unknown;
}

function stream(...events: readonly Event[]): string {
  const lines = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return `${lines.join('')}data: [DONE]\n\n`;
}

const START: Event = {
  type: 'message-start',
  id: 'c14c80c3',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [] } },
};

function content(index: number, more: object, type = 'content-delta'): Event {
  return { type, index, delta: { message: { content: more } } };
}

function call(type: string, index: number, called: object): Event {
  return { type, index, delta: { message: { tool_calls: called } } };
}

function ending(reason: string, more: object = {}): Event {
  const usage = {
    billed_units: { input_tokens: 39, output_tokens: 27 },
    tokens: { input_tokens: 1683, output_tokens: 93 },
    cached_tokens: 1600,
  };
  return { type: 'message-end', delta: { finish_reason: reason, usage, ...more } };
}

const TEXT = stream(
  START,
  content(0, { type: 'thinking', thinking: '' }, 'content-start'),
  content(0, { thinking: 'Zwei Städte 𝄞' }),
  { type: 'content-end', index: 0 },
  content(1, { type: 'text', text: '' }, 'content-start'),
  content(1, { text: 'Grüße aus ' }),
  content(1, { text: '🌍' }),
  { type: 'content-end', index: 1 },
  ending('COMPLETE'),
);

const CALLS = stream(
  START,
  { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I will ' } } },
  { type: 'tool-plan-delta', delta: { message: { tool_plan: 'look.' } } },
  call('tool-call-start', 0, {
    id: 'w_1',
    type: 'function',
    function: { name: 'w', arguments: '' },
  }),
  call('tool-call-delta', 0, { function: { arguments: '{"city":' } }),
  call('tool-call-delta', 0, { function: { arguments: '"Köln"}' } }),
  { type: 'tool-call-end', index: 0 },
  call('tool-call-start', 1, { type: 'function', function: { name: 'now', arguments: '' } }),
  { type: 'tool-call-end', index: 1 },
  ending('TOOL_CALL'),
);

describe("a stream of Cohere's", () => {
  it('is thinking, text, billed usage and a finish', () => {
    const events = decode(cohere, TEXT);
    expect(events[0]).toEqual({ type: 'start', id: 'c14c80c3', model: '' });
    expect(answerOf(events)).toEqual({
      parts: [
        { type: 'thinking', text: 'Zwei Städte 𝄞' },
        { type: 'text', text: 'Grüße aus 🌍' },
      ],
      logprobs: [],
      finish: 'stop',
      usage: usage(39, 27),
    });
  });

  it('is a plan, calls with ids and a finish', () => {
    const { parts, finish } = answerOf(decode(cohere, CALLS));
    expect(parts).toEqual([
      { type: 'thinking', text: 'I will look.' },
      { type: 'tool_call', id: 'w_1', name: 'w', argumentsJson: '{"city":"Köln"}' },
      { type: 'tool_call', id: 'call_c14c80c3_1', name: 'now', argumentsJson: '{}' },
    ]);
    expect(finish).toBe('tool_calls');
  });

  it.each([
    ['text', TEXT],
    ['calls', CALLS],
  ])('of %s gives the same events wherever it is cut', (_, text) => {
    for (const lineEnd of ['\n', '\r\n', '\r']) {
      const bytes = text.replaceAll('\n', lineEnd);
      expect(decode(cohere, bytes)).toEqual(decode(cohere, text));
      expect(differingCuts(cohere, bytes)).toEqual([]);
    }
  });

  it('breaks off wherever it is cut before its end', () => {
    const bytes = Buffer.from(TEXT);
    const endAt = bytes.indexOf('event: message-end');
    for (let at = 0; at < endAt; at += 5) {
      const last = decode(cohere, bytes.subarray(0, at)).at(-1);
      expect(last).toMatchObject({ type: 'error', error: { code: 'upstream_broke_off' } });
    }
    // Without [DONE] it is complete all the same; with nothing but [DONE] it is not.
    expect(decode(cohere, TEXT.replace('data: [DONE]\n\n', ''))).toEqual(decode(cohere, TEXT));
    expect(decode(cohere, stream(START)).at(-1)).toMatchObject({ type: 'error' });
  });

  it('ends with [DONE] or an error', () => {
    const failure = 'data: {"id":"x","message":"overheard"}\n\n';
    const ends = frames(TEXT, failure).map((event) => cohere.isTerminal(event));
    expect(ends.filter(Boolean)).toHaveLength(2);
    expect(ends.slice(-2)).toEqual([true, true]);
    const events = decode(cohere, stream(START), failure);
    expect(JSON.stringify(events)).not.toContain('overheard');
  });

  it.each([
    ['COMPLETE', 'stop'],
    ['STOP_SEQUENCE', 'stop_sequence'],
    ['MAX_TOKENS', 'length'],
    ['SOMETHING_NEW', 'stop'],
  ])('that ended by %s ends by %s', (reason, finish) => {
    const events = decode(cohere, stream(START, content(0, { text: 'x' }), ending(reason)));
    expect(answerOf(events).finish).toBe(finish);
  });

  it.each([
    ['ERROR', {}, 'upstream_failed'],
    ['TIMEOUT', {}, 'upstream_timeout'],
    ['COMPLETE', { error: 'overheard' }, 'upstream_failed'],
  ])('that ended by %s %j has failed, after its usage', (reason, more, code) => {
    const events = decode(cohere, stream(START, ending(reason, more)));
    expect(events.slice(1)).toMatchObject([
      { type: 'usage', usage: usage(39, 27) },
      { type: 'error', error: { code } },
    ]);
    expect(JSON.stringify(events)).not.toContain('overheard');
  });

  it('tells sources that have an address, and places that find their words', () => {
    const cite = (citation: object): Event => ({
      type: 'citation-start',
      index: 0,
      delta: { message: { citations: citation } },
    });
    const page = { url: 'https://example.com/a', title: 'A', snippet: 'the sky is blue' };
    const web = { type: 'tool', id: 't:0', tool_output: page };
    const file = { type: 'document', id: 'd', document: { text: 'no address' } };
    const events = decode(
      cohere,
      stream(
        START,
        content(0, { text: '🌍 is blue.' }),
        cite({ start: 3, end: 5, text: 'is', sources: [web, file], type: 'TEXT_CONTENT' }),
        cite({ start: 5, end: 9, text: 'blue', sources: [web] }),
        cite({ start: 0, end: 2, text: 'I ', sources: [web], type: 'PLAN' }),
        ending('COMPLETE'),
      ),
    );
    const source = { url: page.url, title: 'A', quote: 'the sky is blue' };
    expect(events.filter(({ type }) => type === 'citation')).toEqual([
      { type: 'citation', citation: { ...source, start: 3, end: 5 } },
      { type: 'citation', citation: source },
    ]);
  });

  it.each(['null', '7', '[]', '{}', 'nonsense', '{"type":"debug","prompt":"x"}'])(
    'outlives an event like %s',
    (odd) => {
      const events = decode(cohere, `data: ${odd}\n\n${TEXT}`);
      expect(events).toEqual(decode(cohere, TEXT));
    },
  );
});

describe("a whole reply of Cohere's", () => {
  const message = {
    role: 'assistant',
    tool_plan: 'I will look.',
    content: [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'hi' },
    ],
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"n":1}' } }],
  };
  const { finish_reason, usage: spent } = ending('TOOL_CALL')['delta'] as Record<string, unknown>;

  it('says what a stream says', () => {
    const body = { id: 'x', finish_reason, message, usage: spent } as JsonValue;
    const { parts, finish, usage: reported } = answerOf(cohere.decodeReply(body, QUIRKS));
    expect(parts).toEqual([
      { type: 'thinking', text: 'I will look.hm' },
      { type: 'text', text: 'hi' },
      { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{"n":1}' },
    ]);
    expect(finish).toBe('tool_calls');
    expect(reported).toEqual(usage(39, 27));
  });

  it.each<JsonValue>([null, [], 'text', {}, { message: 'overheard' }])(
    'that is %j is a failure',
    (body) => {
      const events = cohere.decodeReply(body, QUIRKS);
      expect(events).toMatchObject([{ type: 'error', error: { code: 'upstream_failed' } }]);
      expect(JSON.stringify(events)).not.toContain('overheard');
    },
  );
});

describe("usage of Cohere's", () => {
  const usageOf = (reported: unknown): ReportedUsage | undefined =>
    answerOf(decode(cohere, stream(START, ending('COMPLETE', { usage: reported })))).usage;

  it('is what is billed, not what was read', () => {
    const tokens = { input_tokens: 9, output_tokens: 9 };
    const billed = { input_tokens: 2, output_tokens: 0 };
    expect(usageOf({ tokens, billed_units: billed })).toEqual(usage(2, 0));
    expect(usageOf({ tokens })).toBeUndefined();
    expect(usageOf({ billed_units: { input_tokens: 2 } })?.output).toBeUndefined();
    expect(usageOf(null)).toBeUndefined();
  });

  it('counts searches, and knows no price for anything else', () => {
    const billed = { input_tokens: 2, output_tokens: 1 };
    expect(usageOf({ billed_units: { ...billed, search_units: 3 } })?.units).toEqual({
      searchUnits: 3,
    });
    expect(usageOf({ billed_units: { ...billed, classifications: 1 } })?.problem).toBe(
      'unpriced_class',
    );
    expect(usageOf({ billed_units: { ...billed, classifications: 0 } })?.problem).toBeUndefined();
  });

  it.each([-1, 0.5, '2', {}])('with %j for a count is not believed', (count) => {
    for (const key of ['input_tokens', 'output_tokens', 'search_units', 'images']) {
      expect(usageOf({ billed_units: { input_tokens: 1, [key]: count } })?.problem).toBe(
        'not_a_count',
      );
    }
    expect(usageOf({ billed_units: count })?.problem).toBe(
      typeof count === 'object' ? undefined : 'not_a_count',
    );
  });
});

describe("a refusal of Cohere's", () => {
  it.each([
    [401, { id: 'x', message: 'invalid api token' }, 'upstream_refused_hub'],
    [404, { id: 'x', message: "model 'x' not found" }, 'upstream_model_missing'],
    [400, { id: 'x', message: 'invalid request: message must not be empty' }, 'upstream_rejected'],
    [400, { message: 'long', error_type: 'TOO_MANY_TOKENS' }, 'context_too_long'],
    [
      400,
      { message: 'too many tokens: total number of tokens in the prompt cannot exceed 4081' },
      'context_too_long',
    ],
    [
      400,
      { message: 'too many tokens: max tokens must be less than or equal to 4096' },
      'upstream_rejected',
    ],
    [429, { message: 'You are using a Trial key' }, 'upstream_rate_limited'],
    [500, { message: 'internal server error' }, 'upstream_failed'],
  ])('%i %j is %s', (status, body, code) => {
    expect(cohere.decodeError(status, body).code).toBe(code);
  });
});

function usage(inUncached: number, outText: number): ReportedUsage {
  return {
    input: {
      inUncached,
      inCacheRead: 0,
      inCacheWrite5m: 0,
      inCacheWrite1h: 0,
      inCacheWriteOther: 0,
    },
    output: { outText, outReasoning: 0 },
    cacheUnknown: true,
    final: true,
  };
}
