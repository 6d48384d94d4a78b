import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Quote, costOf } from '../../src/catalog/price.ts';
import { withSearches } from '../../src/gateway/hold.ts';
import { worstCaseOf } from '../../src/gateway/worst-case.ts';
import type { RequestFacts } from '../../src/protocols/protocol.ts';
import { perplexity } from '../../src/providers/perplexity.ts';
import { EVERYTHING, priceOf, used } from '../catalog/pricing.ts';

const MODEL = EVERYTHING.find('openai/gpt-6-sol')!.model;
const LONG = { input: '4', cacheRead: '0.4', cacheWrite: '5', output: '15' };
const PRICE = priceOf({
  model: MODEL.id,
  effectiveFrom: '2026-01-01',
  rates: { input: '2', cacheRead: '0.2', cacheWrite: '2.5', output: '10' },
  longContext: [{ above: 5_000, rates: LONG }],
  serviceTiers: { flex: '0.5', priority: '2' },
});
const HEARING = priceOf({
  model: MODEL.id,
  effectiveFrom: '2026-01-01',
  rates: { input: '2', output: '10', audioInput: '34', audioCacheRead: '3', audioOutput: '64' },
});
const SPEAKING = priceOf({
  model: MODEL.id,
  effectiveFrom: '2026-01-01',
  rates: {
    input: '2',
    output: '10',
    audioInput: '34',
    audioCacheRead: '3',
    audioOutput: '64',
    imageInput: '8',
    imageCacheRead: '2',
    imageOutput: '30',
  },
});
const FACTS: RequestFacts = {
  model: MODEL.id,
  stream: false,
  choices: 1,
  includeUsage: false,
  images: 0,
  imageBytes: 0,
  unboundedInput: false,
};

const quoteOf = (markupBps: number, price = PRICE): Quote => ({
  modelId: MODEL.id,
  price,
  markupBps,
  atMs: 0,
});
const bps = fc.integer({ min: -9_999, max: 20_000 });
const choices = fc.integer({ min: 1, max: 4 });

describe('what a request can cost at the most', () => {
  test('is never less than what it costs, in any tier that may be served, with the markup', () => {
    const tier = fc.constantFrom<[string | undefined, string | undefined]>(
      [undefined, undefined],
      ['flex', 'flex'],
      ['flex', undefined],
      ['priority', 'priority'],
      ['auto', 'priority'],
    );
    const shares = fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100));
    fc.assert(
      fc.property(bps, choices, tier, fc.nat(8_000), fc.nat(500), shares, (...all) => {
        const [markupBps, n, [asked, serviceTier], bodyBytes, cap, [a, b, c, d]] = all;
        const facts = { ...FACTS, choices: n, ...(asked !== undefined && { serviceTier: asked }) };
        const worst = worstCaseOf(MODEL, quoteOf(markupBps), facts, bodyBytes);
        const share = (part: number) => Math.floor((bodyBytes * part) / (a + b + c + 1));
        const tokens = {
          inUncached: share(a),
          inCacheRead: share(b),
          inCacheWriteOther: share(c),
          outText: Math.floor((cap * n * d) / 100),
          outReasoning: cap * n - Math.floor((cap * n * d) / 100),
        };
        const cost = costOf(quoteOf(markupBps), used(tokens, {}, serviceTier));
        expect(cost!.costNanos <= worst.costAt(cap)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('grows with the markup to the nano-dollar', () => {
    const plain = worstCaseOf(MODEL, quoteOf(0), FACTS, 952).costAt(100);
    // 3 000 tokens of prompt at the dearest $2.50, 100 of answer at $10 a million.
    expect(plain).toBe(3_000n * 2_500n + 100n * 10_000n);
    const dearer = worstCaseOf(MODEL, quoteOf(1_000), FACTS, 952).costAt(100);
    expect(dearer).toBe((plain * 11n) / 10n);
  });

  test('counts bytes that are read again', () => {
    const again = worstCaseOf(MODEL, quoteOf(0), { ...FACTS, repeatedBytes: 48 }, 904);
    expect(again.costAt(0)).toBe(3_000n * 2_500n);
  });

  test('is not told of tokens that have no price, unless they are free', () => {
    const media = [{ class: 'inImage', param: 'image' } as const];
    const facts = { ...FACTS, units: { images: 1 }, media };
    const refusal = { code: 'unsupported_parameter', param: 'image' };
    const cost = (rates: Record<string, string>) => {
      const price = priceOf({ model: MODEL.id, effectiveFrom: '2026-01-01', rates });
      return worstCaseOf(MODEL, quoteOf(0, price), facts, 100).costAt(0);
    };
    expect(() => cost({ input: '2', output: '8' })).toThrow(expect.objectContaining(refusal));
    expect(cost({ input: 'free', output: 'free' })).toBe(0n);
    expect(cost({ image: '0.04' })).toBe(40_000_000n);
  });

  test('covers sound and pictures, read and made, and no dearer rate than can be met', () => {
    const nat = fc.nat(3_000);
    fc.assert(
      fc.property(nat, nat, nat, nat, fc.nat(500), fc.nat(100), choices, (...all) => {
        const [text, most, cachedAudio, seen, cap, share, n] = all;
        const media = [
          { class: 'inAudio', param: 'a', most },
          { class: 'inImage', param: 'b' },
          { class: 'outAudio', param: 'c' },
        ] as const;
        const facts = { ...FACTS, choices: n, images: 1, media };
        const worst = worstCaseOf(MODEL, quoteOf(0, SPEAKING), facts, text);
        const outAudio = Math.floor((cap * n * share) / 100);
        const tokens = {
          inUncached: text,
          inAudio: Math.max(0, most - cachedAudio),
          inAudioCacheRead: Math.min(most, cachedAudio),
          inImage: seen,
          outAudio,
          outText: cap * n - outAudio,
          // A picture is made whole, whatever is left of the cap.
          outImage: n * 4_096,
        };
        const cost = costOf(quoteOf(0, SPEAKING), used(tokens));
        expect(cost!.costNanos <= worst.costAt(cap)).toBe(true);
      }),
    );
    const silent = worstCaseOf(MODEL, quoteOf(0, HEARING), FACTS, 952);
    expect(silent.costAt(100)).toBe(3_000n * 2_000n + 100n * 10_000n);
    const heard = { ...FACTS, media: [{ class: 'inAudio', param: 'a', most: 500 }] as const };
    const loud = worstCaseOf(MODEL, quoteOf(0, HEARING), heard, 952);
    expect(loud.costAt(100) - silent.costAt(100)).toBe(500n * 34_000n);
    const spoken = { ...FACTS, media: [{ class: 'outAudio', param: 'a' }] as const };
    const speaking = worstCaseOf(MODEL, quoteOf(0, HEARING), spoken, 952);
    expect(speaking.costAt(100) - silent.costAt(100)).toBe(100n * 54_000n);
  });

  test('of sound without a bound is that of the whole window', () => {
    const facts = { ...FACTS, media: [{ class: 'inAudio', param: 'a' }] as const };
    const all = worstCaseOf(MODEL, quoteOf(0, HEARING), facts, 952).costAt(0);
    expect(all).toBe(BigInt(MODEL.contextWindow) * 34_000n);
  });

  test('refuses sound and pictures by the field that brings or orders them', () => {
    for (const name of ['inAudio', 'inImage', 'outAudio', 'outImage'] as const) {
      const facts = (param?: string) => ({
        ...FACTS,
        media: [{ class: name, ...(param !== undefined && { param }) }],
      });
      expect(() => worstCaseOf(MODEL, quoteOf(0), facts('x'), 100)).toThrow(
        expect.objectContaining({ code: 'unsupported_parameter', param: 'x' }),
      );
      expect(worstCaseOf(MODEL, quoteOf(0, SPEAKING), facts('x'), 100).costAt(0)).toBeGreaterThan(
        0n,
      );
      // What may be there or not is no reason to refuse.
      expect(worstCaseOf(MODEL, quoteOf(0), facts(), 100).costAt(0)).toBeGreaterThan(0n);
    }
  });

  test('lets a sum buy the highest cap that it covers, and no higher', () => {
    const sum = fc.bigInt({ min: 0n, max: 10_000_000_000n });
    fc.assert(
      fc.property(bps, choices, sum, (markupBps, n, extra) => {
        const worst = worstCaseOf(MODEL, quoteOf(markupBps), { ...FACTS, choices: n }, 100);
        const nanos = worst.costAt(0) + extra;
        const cap = worst.capWithin(nanos);
        expect(worst.costAt(cap) <= nanos).toBe(true);
        // The one rounding may make the next token fit; the one after it never does.
        expect(cap === worst.limit || worst.costAt(cap + 2) > nanos).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is the fee where an own credential serves, and a fee of nothing lowers no cap', () => {
    const plain = worstCaseOf(MODEL, quoteOf(0), FACTS, 952).costAt(100);
    const byFee = (feeBps: number) => worstCaseOf(MODEL, { ...quoteOf(2_000), feeBps }, FACTS, 952);
    expect(byFee(500).costAt(100)).toBe(plain / 20n);
    const free = byFee(0);
    expect([free.costAt(free.limit), free.capWithin(0n)]).toEqual([0n, free.limit]);
  });

  test('is nothing where the price is for something else', () => {
    const images = priceOf({
      model: MODEL.id,
      rates: { image: '0.04' },
      effectiveFrom: '2026-01-01',
    });
    expect(() => worstCaseOf(MODEL, quoteOf(0, images), FACTS, 100)).toThrow(/no price/);
  });

  test('is nothing in a tier that is not sold', () => {
    const facts = { ...FACTS, serviceTier: 'scale' };
    expect(() => worstCaseOf(MODEL, quoteOf(0), facts, 100)).toThrow(/service_tier/);
  });

  test('covers the search that a provider bills with every answer', () => {
    const price = priceOf({
      model: 'perplexity/sonar',
      effectiveFrom: '2026-01-01',
      rates: { input: '1', output: '1', searchUnit: '0.012' },
    });
    const facts = { ...FACTS, maxOutputTokens: 10 };
    const mostOf = (each: RequestFacts) =>
      worstCaseOf(MODEL, quoteOf(0, price), each, 100).costAt(10);
    const searched = withSearches(facts, perplexity.quirks);
    expect(mostOf(searched) - mostOf(facts)).toBe(12_000_000n);
  });
});
