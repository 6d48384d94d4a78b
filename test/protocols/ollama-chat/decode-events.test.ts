// Answers of Ollama's chat, streamed and whole, as events.

import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/base/json.ts';
import type { ReportedUsage } from '../../../src/chat/usage.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { answerOf, decode, differingCuts, QUIRKS } from '../streams.ts';

const ollama = PROTOCOLS['ollama-chat'];

const AT = '2026-08-05T08:10:56.372032Z';

function line(message: object, more: object = {}): string {
  const head = { model: 'qwen3:4b', created_at: AT };
  const whole = { ...head, message: { role: 'assistant', content: '', ...message }, done: false };
  return `${JSON.stringify({ ...whole, ...more })}\n`;
}

function call(name: string, given: unknown, id?: string): object {
  return { ...(id !== undefined && { id }), function: { index: 0, name, arguments: given } };
}

const COUNTS = { prompt_eval_count: 195, eval_count: 575, eval_duration: 8_732_379_668 };
const END = line({}, { done: true, done_reason: 'stop', ...COUNTS });
const STREAM = [
  line({ thinking: 'Zwei ' }),
  line({ thinking: 'Städte 𝄞' }),
  line({ content: 'Grüße' }),
  line({ tool_calls: [call('weather', { city: 'Köln', done: true })] }),
  line({ tool_calls: [call('now', {}), call('tide', { at: [1] }, 'call_x')] }),
  END,
].join('');

const CALLS = [
  {
    type: 'tool_call',
    id: 'call_20260805081056372032_0',
    name: 'weather',
    argumentsJson: '{"city":"Köln","done":true}',
  },
  {
    type: 'tool_call',
    id: 'call_20260805081056372032_1',
    name: 'now',
    argumentsJson: '{}',
  },
  { type: 'tool_call', id: 'call_x', name: 'tide', argumentsJson: '{"at":[1]}' },
];

describe("a stream of Ollama's", () => {
  it('is thinking, text, calls with ids, usage and a finish', () => {
    const events = decode(ollama, STREAM);
    expect(events[0]).toEqual({ type: 'start', id: '', model: 'qwen3:4b' });
    const { parts, finish, usage } = answerOf(events);
    expect(parts).toEqual([
      { type: 'thinking', text: 'Zwei Städte 𝄞' },
      { type: 'text', text: 'Grüße' },
      ...CALLS,
    ]);
    expect(finish).toBe('tool_calls');
    expect(classes(usage)).toEqual([195, 0, 575]);
  });

  it.each([
    ['LF', STREAM],
    ['CRLF', STREAM.replaceAll('\n', '\r\n')],
  ])('gives the same events wherever it is cut (%s)', (_, text) => {
    expect(decode(ollama, text)).toEqual(decode(ollama, STREAM));
    expect(differingCuts(ollama, text)).toEqual([]);
  });

  it('breaks off wherever it is cut before its last line', () => {
    const bytes = Buffer.from(STREAM);
    for (let at = 0; at < bytes.length - Buffer.byteLength(END); at += 5) {
      const last = decode(ollama, bytes.subarray(0, at)).at(-1);
      expect(last).toMatchObject({ type: 'error', error: { code: 'upstream_broke_off' } });
    }
  });

  it('ends with its last line or an error, and with nothing that only looks like one', () => {
    const ends = STREAM.split('\n')
      .filter((data) => data !== '')
      .map((data) => ollama.isTerminal({ name: '', data, raw: Buffer.alloc(0) }));
    expect(ends).toEqual([false, false, false, false, false, true]);
    const failure = { name: '', data: '{"error":"out of memory"}', raw: Buffer.alloc(0) };
    expect(ollama.isTerminal(failure)).toBe(true);
  });

  it('tells a failure in mid-stream without its words, and nothing after it', () => {
    const text = `${line({ content: 'a' })}{"error":"secret"}\n${line({ content: 'b' })}${END}`;
    const events = decode(ollama, text);
    expect(events.map(({ type }) => type)).toEqual(['start', 'text', 'error']);
    expect(events.at(-1)).toMatchObject({ error: { code: 'upstream_failed' } });
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('has log probabilities beside the text', () => {
    const logprobs = [
      { token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [{ token: 'b', logprob: -1 }] },
      { token: 7 },
    ];
    const events = decode(ollama, line({ content: 'a' }, { logprobs }), END);
    const tokens = [{ token: 'a', logprob: -0.5, bytes: [97], top: [{ token: 'b', logprob: -1 }] }];
    expect(events).toContainEqual({ type: 'logprobs', tokens });
  });

  it.each(['null', '[]', '7', '{}', 'nonsense', '{"message":7,"done":"yes"}'])(
    'outlives a line like %s',
    (odd) => {
      const events = decode(ollama, `${odd}\n`, line({ content: 'a' }), END);
      expect(answerOf(events)).toMatchObject({ parts: [{ text: 'a' }], finish: 'stop' });
    },
  );
});

describe("a whole reply of Ollama's", () => {
  const reply = (more: object): JsonValue =>
    JSON.parse(line({ content: 'hi', thinking: 'hm' }, { done: true, ...COUNTS, ...more }));

  it('says what a stream says', () => {
    const { parts, finish, usage } = answerOf(ollama.decodeReply(reply({}), QUIRKS));
    expect(parts).toEqual([
      { type: 'thinking', text: 'hm' },
      { type: 'text', text: 'hi' },
    ]);
    expect(finish).toBe('stop');
    expect(classes(usage)).toEqual([195, 0, 575]);
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['load', 'stop'],
    ['unload', 'stop'],
    [undefined, 'stop'],
  ])('that ended by %s ends by %s', (reason, finish) => {
    const events = ollama.decodeReply(reply({ done_reason: reason }), QUIRKS);
    expect(answerOf(events).finish).toBe(finish);
  });

  it.each<JsonValue>([null, [], 'text', {}, { message: 'text' }, { error: 'no' }])(
    'that is %j is a failure',
    (body) => {
      expect(ollama.decodeReply(body, QUIRKS)).toMatchObject([
        { type: 'error', error: { code: 'upstream_failed' } },
      ]);
    },
  );
});

describe("usage of Ollama's", () => {
  const usageOf = (counts: object): ReportedUsage | undefined =>
    answerOf(decode(ollama, line({ content: 'x' }), line({}, { done: true, ...counts }))).usage;

  it('has what was read from the cache inside the prompt', () => {
    const usage = usageOf({ ...COUNTS, prompt_eval_cached_count: 100 });
    expect(classes(usage)).toEqual([95, 100, 575]);
    expect(usage?.cacheUnknown).toBeUndefined();
    expect(usageOf(COUNTS)?.cacheUnknown).toBe(true);
  });

  it('does not know what is missing, and takes an explicit zero as zero', () => {
    expect(usageOf({ eval_count: 4 })).toEqual({
      output: { outText: 4, outReasoning: 0 },
      cacheUnknown: true,
      final: true,
    });
    expect(classes(usageOf({ prompt_eval_count: 0, eval_count: 4 }))).toEqual([0, 0, 4]);
    expect(usageOf({ prompt_eval_count: 3 })?.output).toBeUndefined();
    expect(usageOf({})).toBeUndefined();
  });

  it.each([
    [{ prompt_eval_count: -1, eval_count: 1 }, 'not_a_count'],
    [{ prompt_eval_count: 1, eval_count: '1' }, 'not_a_count'],
    [{ prompt_eval_count: 1, eval_count: 1, prompt_eval_cached_count: 0.5 }, 'not_a_count'],
    [{ prompt_eval_count: 1, eval_count: 1, prompt_eval_cached_count: 2 }, 'parts_exceed_whole'],
  ])('%j is not believed', (counts, problem) => {
    expect(usageOf(counts)?.problem).toBe(problem);
  });
});

describe("a refusal of Ollama's", () => {
  it.each([
    [404, { error: 'model "x" not found, try pulling it first' }, 'upstream_model_missing'],
    [400, { error: 'x does not support tools' }, 'upstream_rejected'],
    [400, { error: 'prompt too long; exceeded max context length' }, 'context_too_long'],
    [503, { error: 'server busy' }, 'upstream_overloaded'],
    [500, { error: 'out of memory' }, 'upstream_failed'],
  ])('%i %j is %s', (status, body, code) => {
    expect(ollama.decodeError(status, body).code).toBe(code);
  });
});

/** Tokens as [uncached, read, output]. */
function classes(usage: ReportedUsage | undefined): (number | undefined)[] {
  const { input, output } = usage ?? {};
  return [input?.inUncached, input?.inCacheRead, output?.outText];
}
