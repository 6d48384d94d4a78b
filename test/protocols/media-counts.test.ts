// Sound and pictures are told from text without a token lost or counted twice, or not at all.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_TOKENS, inputTokens, outputTokens } from '../../src/chat/usage.ts';
import { splitInput, splitOutput } from '../../src/protocols/media-counts.ts';

const count = fc.nat({ max: 60 });

it('splits a prompt into parts that are its sum, or refuses', () => {
  const parts = fc.record({
    whole: fc.nat({ max: 200 }),
    cached: count,
    written: count,
    audio: count,
    image: count,
    cachedAudio: count,
    cachedImage: count,
  });
  let split = 0;
  fc.assert(
    fc.property(parts, (of) => {
      const input = splitInput(of);
      if (input === undefined) return;
      split += 1;
      expect(inputTokens({ ...NO_TOKENS, ...input })).toBe(of.whole);
      expect(Object.values(input).every((tokens) => tokens >= 0)).toBe(true);
      const { inAudio = 0, inAudioCacheRead = 0, inImage = 0, inImageCacheRead = 0 } = input;
      expect([inAudio + inAudioCacheRead, inImage + inImageCacheRead]).toEqual([
        of.audio,
        of.image,
      ]);
      expect(input.inCacheRead + inAudioCacheRead + inImageCacheRead).toBe(of.cached);
    }),
    { numRuns: 5_000 },
  );
  expect(split).toBeGreaterThan(50);
});

it('splits an answer likewise', () => {
  const parts = fc.record({
    whole: fc.nat({ max: 200 }),
    reasoning: count,
    audio: count,
    image: count,
  });
  fc.assert(
    fc.property(parts, (of) => {
      const output = splitOutput(of);
      const isTooMuch = of.reasoning + of.audio + of.image > of.whole;
      expect(output === undefined).toBe(isTooMuch);
      if (output) expect(outputTokens({ ...NO_TOKENS, ...output })).toBe(of.whole);
    }),
  );
});

it.each([
  ['more heard from a cache than heard', { whole: 9, cached: 4, audio: 3, cachedAudio: 4 }],
  ['more seen from a cache than seen', { whole: 9, cached: 4, cachedImage: 1 }],
  ['more heard from a cache than cached', { whole: 9, cached: 1, audio: 3, cachedAudio: 2 }],
])('refuses %s', (_, parts) => {
  expect(splitInput(parts)).toBeUndefined();
});

it('says nothing of sound and pictures where there are none', () => {
  expect(Object.keys(splitInput({ whole: 5 })!)).not.toContain('inAudio');
  expect(splitOutput({ whole: 5 })).toEqual({ outText: 5, outReasoning: 0 });
});
