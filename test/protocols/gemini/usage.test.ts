// The reduction of Gemini's reports to disjoint classes, also of those that cannot be true.

import { describe, expect, it } from 'vitest';
import type { ReportedUsage } from '../../../src/chat/usage.ts';
import { answerOf, CONTEXT } from '../streams.ts';
import { chunk, gemini, read } from './wire.ts';

const PROMPT = { promptTokenCount: 100, totalTokenCount: 100 };

function usagesOf(...reports: readonly unknown[]): ReportedUsage[] {
  const chunks = reports.map((usageMetadata, i) => {
    const finish = i === reports.length - 1 ? { finishReason: 'STOP' } : {};
    return chunk([{ text: 'x' }], finish, { usageMetadata });
  });
  return read(...chunks).flatMap((event) => (event.type === 'usage' ? [event.usage] : []));
}

function usageOf(...reports: readonly unknown[]): ReportedUsage | undefined {
  return usagesOf(...reports).at(-1);
}

/** Tokens as [uncached, read, text, reasoning]. */
function classes(usage: ReportedUsage | undefined): number[] {
  const { input, output } = usage ?? {};
  return [
    input?.inUncached ?? -1,
    input?.inCacheRead ?? -1,
    output?.outText ?? -1,
    output?.outReasoning ?? -1,
  ];
}

describe('Gemini usage', () => {
  it.each([
    [
      'cached tokens inside, thoughts on top',
      {
        promptTokenCount: 100,
        cachedContentTokenCount: 60,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 15,
        totalTokenCount: 135,
      },
      [40, 60, 20, 15],
    ],
    [
      'what tools put into the prompt',
      {
        promptTokenCount: 91,
        candidatesTokenCount: 29,
        thoughtsTokenCount: 265,
        toolUsePromptTokenCount: 405,
        totalTokenCount: 790,
      },
      [496, 0, 29, 265],
    ],
    [
      'thoughts alone, the answer by the total',
      { promptTokenCount: 91, thoughtsTokenCount: 66, totalTokenCount: 157 },
      [91, 0, 0, 66],
    ],
    ['a prompt alone', PROMPT, [100, 0, 0, 0]],
    ['an explicit zero', { ...PROMPT, candidatesTokenCount: 0 }, [100, 0, 0, 0]],
    ['no total', { promptTokenCount: 5, candidatesTokenCount: 2 }, [5, 0, 2, 0]],
    ['an answer alone', { candidatesTokenCount: 2 }, [-1, -1, 2, 0]],
  ])('is reduced: %s', (_, report, expected) => {
    const usage = usageOf(report);
    expect(classes(usage)).toEqual(expected);
    expect(usage).toMatchObject({ final: true });
    expect(usage?.problem).toBeUndefined();
  });

  it('takes the last complete report, and adds nothing up', () => {
    const first = { promptTokenCount: 9, candidatesTokenCount: 1, totalTokenCount: 10 };
    const last = { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13 };
    const usages = usagesOf({ trafficType: 'ON_DEMAND' }, first, last, { promptTokenCount: 9 });
    expect(usages.map(classes)).toEqual([
      [9, 0, 1, 0],
      [9, 0, 4, 0],
      [9, 0, 4, 0],
    ]);
    expect(usages.map(({ final }) => final)).toEqual([false, false, true]);
  });

  it.each([
    [{ cachedContentTokenCount: 101 }, 'parts_exceed_whole'],
    [{ candidatesTokenCount: 3 }, 'total_does_not_reconcile'],
    [{ totalTokenCount: 90, candidatesTokenCount: 0 }, 'total_does_not_reconcile'],
    [{ promptTokenCount: -1 }, 'not_a_count'],
    [{ thoughtsTokenCount: 'x' }, 'not_a_count'],
    [{ promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 1 }] }, 'unpriced_class'],
    [{ candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1 }] }, 'unpriced_class'],
  ])('names what is wrong with %j', (more, problem) => {
    expect(usageOf({ ...PROMPT, ...more })?.problem).toBe(problem);
  });

  it('has one price for text, pictures and documents in a prompt', () => {
    const promptTokensDetails = ['TEXT', 'IMAGE', 'DOCUMENT'].map((modality) => ({
      modality,
      tokenCount: 9,
    }));
    expect(usageOf({ ...PROMPT, promptTokensDetails })?.problem).toBeUndefined();
    const silent = [{ modality: 'AUDIO', tokenCount: 0 }];
    expect(usageOf({ ...PROMPT, promptTokensDetails: silent })?.problem).toBeUndefined();
  });

  it('names the tier in which it was served, where it is not the standard one', () => {
    const tierOf = (more: object) => usageOf({ ...PROMPT, ...more })?.serviceTier;
    expect(tierOf({ serviceTier: 'standard' })).toBeUndefined();
    expect(tierOf({ serviceTier: 'flex' })).toBe('flex');
    expect(tierOf({ trafficType: 'ON_DEMAND_PRIORITY' })).toBe('priority');
    expect(tierOf({ trafficType: 'ON_DEMAND' })).toBeUndefined();
    expect(usageOf({ trafficType: 'ON_DEMAND_FLEX' }, PROMPT)?.serviceTier).toBe('flex');
  });

  it('says nothing where the provider said nothing', () => {
    expect(usageOf(null)).toBeUndefined();
    expect(usageOf({})).toBeUndefined();
  });

  it('is written so that its parts add up', () => {
    const input = {
      inUncached: 30,
      inCacheRead: 50,
      inCacheWrite5m: 5,
      inCacheWrite1h: 15,
      inCacheWriteOther: 0,
    };
    const usage = { input, output: { outText: 7, outReasoning: 3 }, final: true };
    const reply = gemini.encodeReply([{ type: 'usage', usage }], CONTEXT);
    expect(reply['usageMetadata']).toEqual({
      promptTokenCount: 100,
      cachedContentTokenCount: 50,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 3,
      totalTokenCount: 110,
    });
    const back = answerOf(gemini.decodeReply(reply, {} as never)).usage;
    expect(classes(back)).toEqual([50, 50, 7, 3]);
  });
});
