// The reduction of Gemini's reports to disjoint classes, also of those that cannot be true.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_TOKENS, type ReportedUsage } from '../../../src/chat/usage.ts';
import { answerOf, CONTEXT } from '../streams.ts';
import { chunk, gemini, read } from './wire.ts';

const count = fc.oneof(fc.constant(0), fc.nat({ max: 100_000 }));
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
    [{ promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 101 }] }, 'parts_exceed_whole'],
    [{ candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1 }] }, 'parts_exceed_whole'],
    [{ cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 1 }] }, 'parts_exceed_whole'],
    [{ promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 'x' }] }, 'not_a_count'],
    [{ promptTokensDetails: [{ modality: 'SMELL', tokenCount: 1 }] }, 'unpriced_class'],
    [
      {
        candidatesTokenCount: 9,
        totalTokenCount: 109,
        candidatesTokensDetails: [{ modality: 'VIDEO', tokenCount: 9 }],
      },
      'unpriced_class',
    ],
  ])('names what is wrong with %j', (more, problem) => {
    expect(usageOf({ ...PROMPT, ...more })?.problem).toBe(problem);
  });

  it('tells sound and pictures from text, each token in one class', () => {
    const inputs = fc.record({
      inUncached: count,
      inCacheRead: count,
      inAudio: count,
      inAudioCacheRead: count,
    });
    const output = fc.record({
      outText: count,
      outReasoning: count,
      outAudio: count,
      outImage: count,
    });
    const of = (modality: string, tokenCount: number) => ({ modality, tokenCount });
    fc.assert(
      fc.property(inputs, output, count, (input, made, tool) => {
        const cached = input.inCacheRead + input.inAudioCacheRead;
        const prompt = input.inUncached + input.inAudio + cached;
        const candidates = made.outText + made.outAudio + made.outImage;
        const usage = usageOf({
          promptTokenCount: prompt,
          toolUsePromptTokenCount: tool,
          cachedContentTokenCount: cached,
          candidatesTokenCount: candidates,
          thoughtsTokenCount: made.outReasoning,
          totalTokenCount: prompt + tool + candidates + made.outReasoning,
          promptTokensDetails: [
            of('AUDIO', input.inAudio + input.inAudioCacheRead),
            of('TEXT', input.inUncached + input.inCacheRead),
          ],
          cacheTokensDetails: [of('AUDIO', input.inAudioCacheRead), of('TEXT', input.inCacheRead)],
          candidatesTokensDetails: [of('IMAGE', made.outImage), of('AUDIO', made.outAudio)],
        });
        const tokens = { ...NO_TOKENS, ...usage?.input, ...usage?.output };
        const { inUncached } = input;
        expect(tokens).toEqual({ ...NO_TOKENS, ...input, ...made, inUncached: inUncached + tool });
        expect(usage?.problem).toBeUndefined();
      }),
    );
  });

  it('counts sound that tools put into the prompt', () => {
    const usage = usageOf({
      promptTokenCount: 5,
      toolUsePromptTokenCount: 8,
      candidatesTokenCount: 1,
      toolUsePromptTokensDetails: [{ modality: 'AUDIO', tokenCount: 6 }],
    });
    expect(usage?.input).toMatchObject({ inUncached: 7, inAudio: 6 });
  });

  it('is not known of a picture whose last report has not come', () => {
    const picture = chunk([{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }], {}, {});
    const running = { ...PROMPT, candidatesTokenCount: 0 };
    const usages = (...chunks: object[]) =>
      read(...chunks).flatMap((event) => (event.type === 'usage' ? [event.usage] : []));
    expect(usages(picture)).toEqual([{ final: false, problem: 'uncounted' }]);
    const told = chunk([{ text: 'x' }], {}, { usageMetadata: running });
    const end = chunk([], { finishReason: 'STOP' }, { usageMetadata: running });
    expect(usages(picture, told, end).map(({ problem }) => problem)).toEqual([
      'uncounted',
      'uncounted',
      undefined,
    ]);
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
    const heard = { ...input, inAudio: 6, inAudioCacheRead: 4 };
    const drawn = { outText: 7, outReasoning: 3, outAudio: 2, outImage: 1 };
    const more = { input: heard, output: drawn, final: true };
    const written = gemini.encodeReply([{ type: 'usage', usage: more }], CONTEXT);
    const again = answerOf(gemini.decodeReply(written, {} as never)).usage;
    expect(again?.input).toMatchObject({ inUncached: 50, inAudio: 6, inAudioCacheRead: 4 });
    expect(again?.output).toEqual(drawn);
  });
});
