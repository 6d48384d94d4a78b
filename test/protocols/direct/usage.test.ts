// What replies of the endpoints that are not conversations report as used.

import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { DirectProtocol, RequestFacts } from '../../../src/protocols/protocol.ts';

const FACTS: RequestFacts = {
  model: 'm',
  stream: false,
  choices: 2,
  includeUsage: false,
  images: 0,
  imageBytes: 0,
  unboundedInput: false,
  units: { images: 1, audioMs: 4_000, searchUnits: 3 },
};

function read(id: 'openai-embeddings' | 'openai-images' | 'openai-transcriptions' | 'rerank') {
  const protocol: DirectProtocol = PROTOCOLS[id];
  return (body: JsonValue | undefined, facts = FACTS) => protocol.readUsage(body, facts);
}

const tokens = (inUncached: number, outText = 0) => ({
  input: {
    inUncached,
    inCacheRead: 0,
    inCacheWrite5m: 0,
    inCacheWrite1h: 0,
    inCacheWriteOther: 0,
  },
  output: { outText, outReasoning: 0 },
  final: true,
});

describe('images', () => {
  const images = read('openai-images');
  const data = [{}, {}];

  it('are counted in the reply', () => {
    expect(images({ data })).toEqual({ units: { images: 2 }, final: true });
    expect(images({ data: [] })).toEqual({ units: { images: 0 }, final: true });
  });

  const usage = { input_tokens: 50, output_tokens: 9, total_tokens: 59 };
  /** Tokens as [text read, from the cache, pictures read, from the cache, text made, pictures made]. */
  const classesOf = (more: JsonObject, facts = FACTS) => {
    const { input, output, problem } = images({ data, usage: { ...usage, ...more } }, facts)!;
    if (problem) return problem;
    const { inUncached, inCacheRead, inImage = 0, inImageCacheRead = 0 } = input!;
    return [inUncached, inCacheRead, inImage, inImageCacheRead, output!.outText, output!.outImage];
  };
  const GIVEN = { ...FACTS, images: 1 };

  it('come with their tokens, those of pictures apart', () => {
    expect(classesOf({})).toEqual([50, 0, 0, 0, 0, 9]);
    const seen = { input_tokens_details: { text_tokens: 8, image_tokens: 42 } };
    expect(classesOf(seen, GIVEN)).toEqual([8, 0, 42, 0, 0, 9]);
    expect(classesOf({ output_tokens_details: { image_tokens: 6, text_tokens: 3 } })).toEqual([
      50, 0, 0, 0, 3, 6,
    ]);
    const cached = { cached_tokens: 30, cached_tokens_details: { image_tokens: 25 } };
    const details = { ...seen.input_tokens_details, ...cached };
    expect(classesOf({ input_tokens_details: details }, GIVEN)).toEqual([3, 5, 17, 25, 0, 9]);
  });

  it('are pictures where a reply to pictures does not tell apart what was read', () => {
    expect(classesOf({}, GIVEN)).toEqual([0, 0, 50, 0, 0, 9]);
    expect(classesOf({ input_tokens_details: { text_tokens: 8 } }, GIVEN)).toEqual([
      8, 0, 42, 0, 0, 9,
    ]);
  });

  it('cannot have more of a part than there is, nor pictures that nobody gave', () => {
    expect(classesOf({ input_tokens_details: { image_tokens: 1 } })).toBe('parts_exceed_whole');
    expect(classesOf({ input_tokens_details: { image_tokens: 51 } }, GIVEN)).toBe(
      'parts_exceed_whole',
    );
    expect(classesOf({ output_tokens_details: { image_tokens: 10 } })).toBe('parts_exceed_whole');
    expect(classesOf({ input_tokens_details: { image_tokens: -1 } }, GIVEN)).toBe('not_a_count');
  });

  it.each([
    [{ data: [{}, {}, {}] }, 'parts_exceed_whole'],
    [{ data, svg_usage: { input_tokens: 1 } }, 'unpriced_class'],
    [{ data, usage: { input_tokens: 1.5, output_tokens: 9 } }, 'not_a_count'],
    [
      { data, usage: { input_tokens: 1, output_tokens: 9, total_tokens: 11 } },
      'total_does_not_reconcile',
    ],
  ] as [JsonObject, string][])('are not believed: %#', (body, problem) => {
    expect(images(body)).toMatchObject({ problem });
  });

  it.each([undefined, [], 'text', {}, { data: 5 }])('are missing: %j', (body) => {
    expect(() => images(body)).toThrow(expect.objectContaining({ code: 'upstream_failed' }));
  });

  it('can be an error all the same', () => {
    const body = { error: { type: 'rate_limit_error' } };
    expect(() => images(body)).toThrow(expect.objectContaining({ code: 'upstream_rate_limited' }));
  });
});

describe('a transcription', () => {
  const transcription = read('openai-transcriptions');
  const seconds = (audioMs: number) => ({ units: { audioMs }, final: true });
  const unmeasured = { ...FACTS, likelyUnits: { audioMs: 1_000 } };

  it('tells its seconds, whole or not, in either place', () => {
    expect(transcription({ usage: { type: 'duration', seconds: 3 } })).toEqual(seconds(3_000));
    expect(transcription({ duration: 3.21 })).toEqual(seconds(3_210));
    const both = { duration: 3.21, usage: { type: 'duration', seconds: 4 } };
    expect(transcription(both)).toEqual(seconds(4_000));
  });

  it('tells its tokens', () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 45, total_tokens: 59 };
    const classesOf = (input_token_details?: JsonObject) => {
      const told = input_token_details ? { ...usage, input_token_details } : usage;
      const { input, output, problem } = transcription({ usage: told })!;
      return problem ?? [input!.inUncached, input!.inAudio, output!.outText];
    };
    expect(classesOf({ audio_tokens: 12, text_tokens: 2 })).toEqual([2, 12, 45]);
    expect(classesOf({ audio_tokens: 12 })).toEqual([2, 12, 45]);
    expect(classesOf({ text_tokens: 2 })).toEqual([2, 12, 45]);
    expect(classesOf()).toEqual([0, 14, 45]);
    expect(classesOf({ audio_tokens: 15 })).toBe('parts_exceed_whole');
    expect(classesOf({ audio_tokens: 1.5 })).toBe('not_a_count');
  });

  it('may tell nothing of a recording that was measured, and of no other', () => {
    expect(transcription({ text: 'a' })).toBeUndefined();
    expect(transcription(undefined)).toBeUndefined();
    expect(transcription({ text: 'a' }, unmeasured)).toMatchObject({ problem: 'not_a_count' });
    expect(transcription(undefined, unmeasured)).toMatchObject({ problem: 'not_a_count' });
  });

  it.each([-1, '3', null, 1e300, 4.001])('of %j seconds is not believed', (told) => {
    const report = transcription({ usage: { type: 'duration', seconds: told } });
    expect(report?.problem).toBeDefined();
  });
});

describe('a rerank', () => {
  const rerank = read('rerank');

  it('tells search units, tokens, or both', () => {
    const meta = { billed_units: { search_units: 2 } };
    expect(rerank({ meta })).toEqual({ units: { searchUnits: 2 }, final: true });
    const usage = { total_tokens: 8 };
    expect(rerank({ usage })).toEqual(tokens(8));
    expect(rerank({ meta, usage })).toEqual({ ...tokens(8), units: { searchUnits: 2 } });
    expect(rerank({ results: [] })).toBeUndefined();
  });

  it.each([-1, '1', 0.5, 4])('of %j search units is not believed', (search_units) => {
    expect(rerank({ meta: { billed_units: { search_units } } })?.problem).toBeDefined();
  });
});

describe('an embedding', () => {
  const embedding = read('openai-embeddings');

  it('tells its tokens, by either name', () => {
    expect(embedding({ usage: { prompt_tokens: 3, total_tokens: 3 } })).toEqual(tokens(3));
    expect(embedding({ usage: { total_tokens: 3 } })).toEqual(tokens(3));
    expect(embedding({ usage: { prompt_tokens: 0, total_tokens: 0 } })).toEqual(tokens(0));
    expect(embedding({ data: [] })).toBeUndefined();
  });

  it.each([{ prompt_tokens: -1 }, { prompt_tokens: '3' }, { prompt_tokens: 3, total_tokens: 2 }])(
    'is not believed: %j',
    (usage) => {
      expect(embedding({ usage })?.problem).toBeDefined();
    },
  );
});
