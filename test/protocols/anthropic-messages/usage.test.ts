// The reduction of Messages usage to disjoint classes, over the reports of one answer.

import { describe, expect, it } from 'vitest';
import type { ReportedUsage } from '../../../src/chat/usage.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { decode, messagesStream } from '../streams.ts';

const messages = PROTOCOLS['anthropic-messages'];

/** The last usage of a stream whose start and deltas report these. */
function usageOf(start: unknown, ...deltas: unknown[]): ReportedUsage | undefined {
  const events = decode(
    messages,
    messagesStream(
      { type: 'message_start', message: { id: 'm', usage: start } } as never,
      ...deltas.map((usage, i) => {
        const reason = i === deltas.length - 1 ? 'end_turn' : null;
        return { type: 'message_delta', delta: { stop_reason: reason }, usage } as never;
      }),
      { type: 'message_stop' },
    ),
  );
  const usages = events.flatMap((event) => (event.type === 'usage' ? [event.usage] : []));
  return usages.at(-1);
}

/** Tokens as [uncached, read, written 5m, written 1h, text, reasoning]. */
function classes(usage: ReportedUsage | undefined): number[] {
  const { input, output } = usage ?? {};
  return [
    input?.inUncached ?? -1,
    input?.inCacheRead ?? -1,
    input?.inCacheWrite5m ?? -1,
    input?.inCacheWrite1h ?? -1,
    output?.outText ?? -1,
    output?.outReasoning ?? -1,
  ];
}

const split = (five: number, hour: number) => ({
  cache_creation_input_tokens: five + hour,
  cache_creation: { ephemeral_5m_input_tokens: five, ephemeral_1h_input_tokens: hour },
});

describe('Messages usage', () => {
  it.each<[string, unknown, unknown, number[]]>([
    [
      'additive, with the split of the start',
      { input_tokens: 30, cache_read_input_tokens: 50, ...split(5, 15), output_tokens: 3 },
      { output_tokens: 45, output_tokens_details: { thinking_tokens: 12 } },
      [30, 50, 5, 15, 33, 12],
    ],
    [
      'not summed over start and delta',
      { input_tokens: 30, output_tokens: 3 },
      { input_tokens: 30, output_tokens: 5 },
      [30, 0, 0, 0, 5, 0],
    ],
    [
      'a zero in the delta does not erase the start',
      { input_tokens: 30, cache_read_input_tokens: 8, output_tokens: 1 },
      { input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 5 },
      [30, 8, 0, 0, 5, 0],
    ],
    [
      'only in the delta',
      { input_tokens: 0, output_tokens: 0 },
      { input_tokens: 9, cache_read_input_tokens: 4, output_tokens: 2 },
      [9, 4, 0, 0, 2, 0],
    ],
    [
      'grown by server work',
      { input_tokens: 2263, output_tokens: 1 },
      { input_tokens: 8050, output_tokens: 90 },
      [8050, 0, 0, 0, 90, 0],
    ],
    [
      'nulls leave what is known',
      { input_tokens: 4, cache_read_input_tokens: 3, output_tokens: 1 },
      {
        input_tokens: null,
        cache_read_input_tokens: null,
        output_tokens: 2,
        output_tokens_details: { thinking_tokens: null },
      },
      [4, 3, 0, 0, 2, 0],
    ],
    [
      'an excess of writes goes to the one lifetime in use',
      { input_tokens: 1, ...split(0, 10), output_tokens: 1 },
      { cache_creation_input_tokens: 25, output_tokens: 2 },
      [1, 0, 0, 25, 2, 0],
    ],
    [
      'and to five minutes where both are in use',
      { input_tokens: 1, ...split(4, 10), output_tokens: 1 },
      { cache_creation_input_tokens: 20, output_tokens: 2 },
      [1, 0, 10, 10, 2, 0],
    ],
    [
      'writes without a split',
      { input_tokens: 1, cache_creation_input_tokens: 7, output_tokens: 1 },
      { output_tokens: 0 },
      [1, 0, 7, 0, 0, 0],
    ],
  ])('is %s', (_, start, delta, expected) => {
    const usage = usageOf(start, delta);
    expect(classes(usage)).toEqual(expected);
    expect(usage?.problem).toBeUndefined();
    expect(usage?.final).toBe(true);
  });

  it('is running until the stop reason has come', () => {
    expect(usageOf({ input_tokens: 5, output_tokens: 2 })).toMatchObject({ final: false });
    const usage = usageOf({ input_tokens: 5 }, { output_tokens: 7 }, { output_tokens: 9 });
    expect(classes(usage)).toEqual([5, 0, 0, 0, 9, 0]);
    const early = { type: 'message_delta', delta: {}, usage: { input_tokens: 5 } };
    expect(decode(messages, messagesStream(early))).toMatchObject([
      { type: 'usage', usage: { final: false } },
      { type: 'error' },
    ]);
  });

  it('stays final in a report after the stop reason', () => {
    const stop = { type: 'message_delta', delta: { stop_reason: 'end_turn' } };
    const late = { type: 'message_delta', delta: {}, usage: { input_tokens: 1, output_tokens: 2 } };
    const usages = decode(messages, messagesStream(stop, late, { type: 'message_stop' })).filter(
      ({ type }) => type === 'usage',
    );
    expect(usages).toMatchObject([{ usage: { final: true, output: { outText: 2 } } }]);
  });

  it('knows whether caches were told of', () => {
    expect(usageOf({ input_tokens: 5 }, { output_tokens: 1 })?.cacheUnknown).toBe(true);
    const told = usageOf({ input_tokens: 5, cache_read_input_tokens: 0 }, { output_tokens: 1 });
    expect(told?.cacheUnknown).toBeUndefined();
  });

  it.each([-1, 1.5, '10', true, 2 ** 53])('does not believe %j as a count', (count) => {
    for (const key of ['input_tokens', 'output_tokens', 'cache_read_input_tokens']) {
      const start = { input_tokens: 1, output_tokens: 1, [key]: count };
      expect(usageOf(start, { output_tokens: 1 })?.problem).toBe('not_a_count');
    }
  });

  it('does not believe null as the only word on a required count', () => {
    expect(usageOf({ input_tokens: null, output_tokens: 1 })?.problem).toBe('not_a_count');
  });

  it.each<[object, string]>([
    [{ ...split(9, 9), cache_creation_input_tokens: 3 }, 'parts_exceed_whole'],
    [{ output_tokens: 2, output_tokens_details: { thinking_tokens: 3 } }, 'parts_exceed_whole'],
    [{ server_tool_use: { web_search_requests: 1 } }, 'unpriced_class'],
    [{ speed: 'fast' }, 'unpriced_class'],
    [{ inference_geo: 'us' }, 'unpriced_class'],
    [{ iterations: [{ type: 'compaction', output_tokens: 9 }] }, 'unpriced_class'],
  ])('names what is wrong with %j', (more, problem) => {
    expect(usageOf({ input_tokens: 1, output_tokens: 1, ...more })?.problem).toBe(problem);
  });

  it('names the tier in which it was served, and keeps it over later reports', () => {
    const start = { input_tokens: 1, output_tokens: 1, service_tier: 'priority' };
    expect(usageOf(start, { output_tokens: 2 })?.serviceTier).toBe('priority');
    expect(usageOf({ ...start, service_tier: 'standard' })?.serviceTier).toBeUndefined();
  });

  it('names the model that the provider fell back to, unless turns before it cost more', () => {
    const fallback = { type: 'fallback_message', model: 'claude-haiku-4-5' };
    const free = { type: 'message', input_tokens: 0, output_tokens: 0 };
    const usage = { input_tokens: 1, output_tokens: 1 };
    const fellBack = usageOf({ ...usage, iterations: [free, fallback] });
    expect(fellBack).toMatchObject({ fallbackModel: 'claude-haiku-4-5' });
    expect(fellBack?.problem).toBeUndefined();
    const billed = { ...free, input_tokens: 9 };
    expect(usageOf({ ...usage, iterations: [billed, fallback] })?.problem).toBe('unpriced_class');
  });

  it('finds nothing wrong with what costs nothing more', () => {
    const usage = usageOf({
      input_tokens: 1,
      output_tokens: 1,
      server_tool_use: { web_search_requests: 0 },
      service_tier: 'standard',
      speed: 'standard',
      inference_geo: 'not_available',
      iterations: [{ type: 'message' }],
    });
    expect(usage?.problem).toBeUndefined();
  });
});
