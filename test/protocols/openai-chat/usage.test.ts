// The reduction of Chat usage to disjoint classes, also of reports that cannot be true.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_TOKENS, type ReportedUsage } from '../../../src/chat/usage.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { answerOf, chatChunk, chatStream, decode } from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const someTokens = fc.oneof(fc.constant(0), fc.nat({ max: 100_000 }));

function usageOf(usage: unknown, more: object = {}): ReportedUsage | undefined {
  const stream = chatStream(chatChunk({ content: 'x' }, 'stop'), { choices: [], usage, ...more });
  return answerOf(decode(chat, stream)).usage;
}

/** Tokens as [uncached, read, written, text, reasoning]. */
function classes(usage: ReportedUsage | undefined): number[] {
  const { input, output } = usage ?? {};
  return [
    input?.inUncached ?? -1,
    input?.inCacheRead ?? -1,
    input?.inCacheWriteOther ?? -1,
    output?.outText ?? -1,
    output?.outReasoning ?? -1,
  ];
}

describe('Chat usage', () => {
  it.each([
    [
      'OpenAI, everything inside',
      {
        prompt_tokens: 100,
        completion_tokens: 40,
        total_tokens: 140,
        prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 15 },
      },
      [30, 60, 10, 25, 15],
    ],
    [
      'no details',
      { prompt_tokens: 7, completion_tokens: 2, prompt_tokens_details: null },
      [7, 0, 0, 2, 0],
    ],
    [
      'DeepSeek',
      { prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 4 },
      [5, 4, 0, 1, 0],
    ],
    ['Moonshot', { prompt_tokens: 9, completion_tokens: 1, cached_tokens: 4 }, [5, 4, 0, 1, 0]],
    [
      'Mistral',
      {
        prompt_tokens: 9,
        completion_tokens: 1,
        prompt_token_details: { cached_tokens: 8 },
      },
      [1, 8, 0, 1, 0],
    ],
    [
      'Alibaba',
      {
        prompt_tokens: 9,
        completion_tokens: 1,
        prompt_tokens_details: { cache_creation_input_tokens: 3 },
      },
      [6, 0, 3, 1, 0],
    ],
    [
      'xAI, reasoning on top as its total proves',
      {
        prompt_tokens: 12,
        completion_tokens: 1,
        total_tokens: 303,
        completion_tokens_details: { reasoning_tokens: 290 },
      },
      [12, 0, 0, 1, 290],
    ],
    ['zero', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, [0, 0, 0, 0, 0]],
  ])('is reduced: %s', (_, usage, expected) => {
    const reduced = usageOf(usage);
    expect(classes(reduced)).toEqual(expected);
    expect(reduced?.problem).toBeUndefined();
    expect(reduced?.final).toBe(true);
  });

  it.each([-1, 1.5, '10', null, true, {}, 2 ** 53])('does not believe %j as a count', (count) => {
    expect(usageOf({ prompt_tokens: count, completion_tokens: 1 })?.problem).toBe('not_a_count');
    expect(usageOf({ prompt_tokens: 1, completion_tokens: count })?.problem).toBe('not_a_count');
  });

  it.each([-1, 0.5, '4', 2 ** 60])('does not believe %j as a detail', (count) => {
    for (const details of [
      { prompt_tokens_details: { cached_tokens: count } },
      { prompt_tokens_details: { cache_write_tokens: count } },
      { completion_tokens_details: { reasoning_tokens: count } },
      { total_tokens: count },
    ]) {
      const usage = usageOf({ prompt_tokens: 10, completion_tokens: 10, ...details });
      expect(usage?.problem).toBe('not_a_count');
    }
  });

  it('does not believe numbers that JSON cannot hold', () => {
    const line = 'data: {"choices":[],"usage":{"prompt_tokens":1e999,"completion_tokens":1}}\n\n';
    const usage = decode(chat, line).find(({ type }) => type === 'usage');
    expect(usage).toMatchObject({ usage: { problem: 'not_a_count' } });
  });

  it.each([
    [{ prompt_tokens_details: { cached_tokens: 11 } }, 'parts_exceed_whole'],
    [{ prompt_tokens_details: { cached_tokens: 6, cache_write_tokens: 5 } }, 'parts_exceed_whole'],
    [{ completion_tokens_details: { reasoning_tokens: 6 } }, 'parts_exceed_whole'],
    [{ total_tokens: 16 }, 'total_does_not_reconcile'],
    [{ prompt_tokens_details: { audio_tokens: 11 } }, 'parts_exceed_whole'],
    [{ prompt_tokens_details: { audio_tokens: 6, cached_tokens: 5 } }, 'parts_exceed_whole'],
    [{ completion_tokens_details: { audio_tokens: 3, reasoning_tokens: 3 } }, 'parts_exceed_whole'],
    [{ prompt_tokens_details: { audio_tokens: -1 } }, 'not_a_count'],
    [
      { prompt_tokens_details: { audio_tokens: 4, cached_tokens_details: { audio_tokens: 1 } } },
      'parts_exceed_whole',
    ],
  ])('names what is wrong with %j', (more, problem) => {
    expect(usageOf({ prompt_tokens: 10, completion_tokens: 5, ...more })?.problem).toBe(problem);
  });

  it('tells sound and pictures from text, each token in one class', () => {
    const input = fc.record({
      inUncached: someTokens,
      inCacheRead: someTokens,
      inCacheWriteOther: someTokens,
      inAudio: someTokens,
      inAudioCacheRead: someTokens,
    });
    const output = fc.record({
      outText: someTokens,
      outReasoning: someTokens,
      outAudio: someTokens,
      outImage: someTokens,
    });
    fc.assert(
      fc.property(input, output, (read, made) => {
        const cached = read.inCacheRead + read.inAudioCacheRead;
        const usage = usageOf({
          prompt_tokens: cached + read.inUncached + read.inCacheWriteOther + read.inAudio,
          completion_tokens: made.outText + made.outReasoning + made.outAudio + made.outImage,
          prompt_tokens_details: {
            cached_tokens: cached,
            cache_write_tokens: read.inCacheWriteOther,
            audio_tokens: read.inAudio + read.inAudioCacheRead,
            cached_tokens_details: { audio_tokens: read.inAudioCacheRead },
          },
          completion_tokens_details: {
            reasoning_tokens: made.outReasoning,
            audio_tokens: made.outAudio,
            image_tokens: made.outImage,
          },
        });
        expect({ ...NO_TOKENS, ...usage?.input, ...usage?.output }).toEqual({
          ...NO_TOKENS,
          ...read,
          ...made,
        });
        expect(usage?.problem).toBeUndefined();
      }),
    );
  });

  it('has one price for text and images in a prompt', () => {
    const details = { image_tokens: 6, text_tokens: 4 };
    const usage = { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: details };
    expect(classes(usageOf(usage))).toEqual([10, 0, 0, 1, 0]);
  });

  it('is not known of sound whose usage has not come', () => {
    const sound = chatChunk({ audio: { id: 'a', data: 'AAAA' } });
    const reported = (...chunks: object[]) => answerOf(decode(chat, chatStream(...chunks))).usage;
    expect(reported(sound)).toEqual({ final: false, problem: 'uncounted' });
    const whole = { prompt_tokens: 1, completion_tokens: 4 };
    const end = [chatChunk({}, 'stop'), { choices: [], usage: whole }];
    expect(reported(sound, ...end)?.problem).toBeUndefined();
    expect(reported(chatChunk({ content: 'x', audio: null }))).toBeUndefined();
  });

  it('names the tier in which it was served, where it is not the standard one', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1 };
    const tierOf = (tier: string) => usageOf(usage, { service_tier: tier })?.serviceTier;
    expect(['flex', 'priority', 'scale'].map(tierOf)).toEqual(['flex', 'priority', 'scale']);
    expect(['default', 'auto', 'standard'].map(tierOf)).toEqual([undefined, undefined, undefined]);
    // What can be no name is no standard tier either.
    expect(tierOf('Flex!')).toBe('unknown');
  });

  it('takes the last report and adds nothing up', () => {
    const first = { prompt_tokens: 5, completion_tokens: 1 };
    const last = { prompt_tokens: 5, completion_tokens: 3 };
    const stream = chatStream(
      chatChunk({ content: 'a' }, undefined, { usage: first }),
      chatChunk({}, 'stop', { x_groq: { usage: last }, usage: last }),
      { choices: [], usage: last },
    );
    const events = decode(chat, stream);
    expect(classes(answerOf(events).usage)).toEqual([5, 0, 0, 3, 0]);
    const finals = events.flatMap((event) => (event.type === 'usage' ? [event.usage.final] : []));
    expect(finals).toEqual([false, true, true]);
  });

  it.each([
    ['on the finish chunk', [chatChunk({}, 'stop', { usage: count(4) })]],
    ['in x_groq', [chatChunk({}, 'stop', { x_groq: { usage: count(4) } })]],
    [
      'with the finish repeated',
      [chatChunk({}, 'stop'), chatChunk({}, 'stop', { usage: count(4) })],
    ],
    ['on a chunk without choices', [chatChunk({}, 'stop'), { choices: [], usage: count(4) }]],
    ['on a chunk with null choices', [chatChunk({}, 'stop'), { choices: null, usage: count(4) }]],
  ])('is found %s', (_, chunks) => {
    const events = decode(chat, chatStream(...chunks));
    expect(classes(answerOf(events).usage)).toEqual([4, 0, 0, 4, 0]);
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
  });

  it('says nothing where the provider said nothing', () => {
    expect(usageOf(null)).toBeUndefined();
    expect(usageOf({})).toBeUndefined();
  });

  it('knows one side when only one is told', () => {
    const usage = usageOf({ prompt_tokens: 6 });
    expect(usage?.input?.inUncached).toBe(6);
    expect(usage?.output).toBeUndefined();
  });
});

function count(tokens: number): object {
  return { prompt_tokens: tokens, completion_tokens: tokens };
}
