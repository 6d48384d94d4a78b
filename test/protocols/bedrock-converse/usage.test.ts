// The reduction of Converse usage to disjoint classes.

import { describe, expect, it } from 'vitest';
import type { ReportedUsage } from '../../../src/chat/usage.ts';
import { decode, metadata, messageStop, start } from './answers.ts';

function usageOf(usage: object, more: object = {}): ReportedUsage | undefined {
  const events = decode(start(), messageStop('end_turn'), metadata(usage, more));
  const found = events.find(({ type }) => type === 'usage');
  return found?.type === 'usage' ? found.usage : undefined;
}

/** Tokens as [uncached, read, written 5m, written 1h, text]. */
function classes(usage: ReportedUsage | undefined): unknown[] {
  const { input, output } = usage ?? {};
  return [
    input?.inUncached,
    input?.inCacheRead,
    input?.inCacheWrite5m,
    input?.inCacheWrite1h,
    output?.outText,
  ];
}

const hour = (inputTokens: number) => ({ ttl: '1h', inputTokens });
const five = (inputTokens: number) => ({ ttl: '5m', inputTokens });

describe('Converse usage', () => {
  it.each<[string, object, number[]]>([
    [
      'additive',
      {
        inputTokens: 2,
        cacheReadInputTokens: 1322,
        cacheWriteInputTokens: 0,
        outputTokens: 5,
        totalTokens: 1329,
      },
      [2, 1322, 0, 0, 5],
    ],
    [
      'of five minutes where no lifetime is told',
      { inputTokens: 2, cacheWriteInputTokens: 1322, outputTokens: 5, totalTokens: 1329 },
      [2, 0, 1322, 0, 5],
    ],
    [
      'split by lifetime',
      {
        inputTokens: 2,
        cacheWriteInputTokens: 30,
        cacheDetails: [hour(10), five(20)],
        outputTokens: 5,
        totalTokens: 37,
      },
      [2, 0, 20, 10, 5],
    ],
    [
      'of an hour where that is the one lifetime told',
      { inputTokens: 2, cacheWriteInputTokens: 30, cacheDetails: [hour(10)], outputTokens: 5 },
      [2, 0, 0, 30, 5],
    ],
    [
      'written as the split alone says',
      { inputTokens: 2, cacheDetails: [five(20)], outputTokens: 5, totalTokens: 27 },
      [2, 0, 20, 0, 5],
    ],
    [
      'counted once under both names',
      {
        inputTokens: 2,
        cacheReadInputTokens: 7,
        cacheReadInputTokenCount: 7,
        cacheWriteInputTokens: 9,
        cacheWriteInputTokenCount: 9,
        outputTokens: 5,
        totalTokens: 23,
      },
      [2, 7, 9, 0, 5],
    ],
    [
      'known under the older names alone',
      { inputTokens: 2, cacheReadInputTokenCount: 7, outputTokens: 5, totalTokens: 14 },
      [2, 7, 0, 0, 5],
    ],
    [
      'free of tools that were not used',
      { inputTokens: 402, outputTokens: 11, serverToolUsage: {}, totalTokens: 413 },
      [402, 0, 0, 0, 11],
    ],
  ])('is %s', (_, reported, expected) => {
    const usage = usageOf(reported);
    expect(classes(usage)).toEqual(expected);
    expect(usage).toMatchObject({ final: true });
    expect(usage?.problem).toBeUndefined();
  });

  it('tells whether caches were spoken of', () => {
    const counts = { inputTokens: 2, outputTokens: 5 };
    expect(usageOf(counts)?.cacheUnknown).toBe(true);
    expect(usageOf({ ...counts, cacheReadInputTokens: 0 })?.cacheUnknown).toBeUndefined();
  });

  it.each([
    ['priority', 'priority'],
    ['default', undefined],
  ])('was served in the tier %s', (type, tier) => {
    const usage = usageOf({ inputTokens: 2, outputTokens: 5 }, { serviceTier: { type } });
    expect(usage?.serviceTier).toBe(tier);
  });

  it.each<[string, unknown, string]>([
    ['a text', { inputTokens: '2', outputTokens: 5 }, 'not_a_count'],
    ['a fraction', { inputTokens: 2.5, outputTokens: 5 }, 'not_a_count'],
    ['less than nothing', { inputTokens: -2, outputTokens: 5 }, 'not_a_count'],
    ['no object', 7, 'not_a_count'],
    [
      'more in its parts than in the whole',
      { inputTokens: 2, outputTokens: 5, cacheWriteInputTokens: 5, cacheDetails: [five(6)] },
      'parts_exceed_whole',
    ],
    [
      'another total than its parts',
      { inputTokens: 2, outputTokens: 5, cacheReadInputTokens: 1, totalTokens: 7 },
      'total_does_not_reconcile',
    ],
    [
      'tools that Bedrock ran',
      { inputTokens: 2, outputTokens: 5, serverToolUsage: { webSearch: 1 } },
      'unpriced_class',
    ],
  ])('is not believed where it holds %s', (_, usage, problem) => {
    expect(usageOf(usage as object)).toMatchObject({ problem });
  });

  it('of nothing is none', () => {
    expect(usageOf({})).toBeUndefined();
    expect(decode(start(), messageStop('end_turn'))).toHaveLength(2);
  });
});
