import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { provePrices } from '../../scripts/prove/prices.ts';
import { builtInPrices, openCatalog } from '../../src/catalog/catalog.ts';
import { buildPriceBook } from '../../src/catalog/price-book.ts';
import { costOf, soldTiers, worstRates } from '../../src/catalog/price.ts';
import {
  MEDIA_CLASSES,
  TOKEN_CLASSES,
  type TokenClass,
  type TokenCounts,
  inputTokens,
} from '../../src/chat/usage.ts';
import { EVERYTHING, NOW_MS, check, priceOf, used } from './pricing.ts';

const BUILT_IN = check(builtInPrices().prices, { origin: 'builtin' });
const PLAIN = { model: 'm', effectiveFrom: '2026-01-01', rates: { input: '1', output: '2' } };

const count = fc.nat({ max: 400_000 });
/** Of text as a rule: few models sell anything else. */
const sometimes = fc.oneof({ arbitrary: fc.constant(0), weight: 9 }, count);
const isMedia = (name: TokenClass) => MEDIA_CLASSES.some((each) => each === name);
const counts = fc.record(
  Object.fromEntries(TOKEN_CLASSES.map((name) => [name, isMedia(name) ? sometimes : count])),
) as fc.Arbitrary<TokenCounts>;

const MEDIA = {
  audioInput: '32',
  audioCacheRead: '0.4',
  imageInput: '8',
  imageCacheRead: '2.5',
  audioOutput: '64',
  imageOutput: '30',
};

const cost = (price: ReturnType<typeof priceOf>, of: ReturnType<typeof used>, markupBps = 0) =>
  costOf({ price, markupBps }, of);

describe('the cost of a request', () => {
  test('is what an oracle works out from the published decimals, 20 000 times', () => {
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const proof = provePrices(20_000, seed);
    expect(proof, `seed ${seed}`).toMatchObject({ priced: 20_000, differences: [] });
    expect(proof.unsold).toBeLessThan(15_000);
  });

  test('is rounded up once, after the markup', () => {
    // A third of a nano-dollar with 50 % on it is half of one, not one and a half.
    const price = priceOf({ ...PLAIN, rates: { input: '0.000333', output: '1' } });
    expect(cost(price, used({ inUncached: 1 }), 5_000)).toEqual({
      priceId: 'm@2026-01-01',
      providerCostNanos: 1n,
      costNanos: 1n,
    });
    const three = used({ inUncached: 3_003 });
    expect(cost(price, three, 0)).toMatchObject({ providerCostNanos: 1_000n, costNanos: 1_000n });
    expect(cost(price, three, 550)).toMatchObject({ providerCostNanos: 1_000n, costNanos: 1_055n });
    expect(cost(price, three, -9_999)).toMatchObject({ costNanos: 1n });
  });

  test('by an own credential is the fee alone, rounded up once, and nothing to the hub', () => {
    const price = priceOf({ ...PLAIN, rates: { input: '0.000333', output: '1' } });
    const fee = (inUncached: number, feeBps: number, markupBps = 0) =>
      costOf({ price, markupBps, feeBps }, used({ inUncached }));
    expect(fee(3_003, 500)).toEqual({
      priceId: 'm@2026-01-01',
      providerCostNanos: 0n,
      costNanos: 50n,
    });
    // A twentieth of 1 001.331 nano-dollars.
    expect(fee(3_007, 500)).toMatchObject({ costNanos: 51n });
    expect(fee(1, 1)).toMatchObject({ costNanos: 1n });
    expect(fee(3_003, 500, 9_000)).toMatchObject({ costNanos: 50n });
    expect(fee(3_003, 10_000)).toMatchObject({ costNanos: 1_000n });
    expect(fee(3_003, 0)).toMatchObject({ costNanos: 0n, providerCostNanos: 0n });
    const writes = { cacheWrite5m: '1.5', cacheWrite1h: '2', cacheWrite: '1.25' };
    const whole = priceOf({
      ...PLAIN,
      rates: { input: '1.25', cacheRead: '0.125', output: '10.01', ...writes, ...MEDIA },
    });
    fc.assert(
      fc.property(counts, fc.nat({ max: 10_000 }), (tokens, feeBps) => {
        const list = costOf({ price: whole, markupBps: 0 }, used(tokens));
        const own = costOf({ price: whole, markupBps: 0, feeBps }, used(tokens));
        if (!list || !own) return expect(own).toEqual(list);
        // The list price itself was rounded up, by less than one.
        const [least, most] = [
          (list.costNanos - 1n) * BigInt(feeBps),
          list.costNanos * BigInt(feeBps),
        ];
        expect(own.costNanos * 10_000n >= least).toBe(true);
        expect(own.costNanos * 10_000n < most + 10_000n).toBe(true);
      }),
    );
  });

  test('of a long prompt is that of the whole request, at the token after the threshold', () => {
    const rates = { input: '10', cacheRead: '1', cacheWrite5m: '12', output: '20' };
    const price = priceOf({
      ...PLAIN,
      rates: { ...rates, input: '1', output: '2' },
      longContext: [{ above: 100, rates }],
    });
    const at = (inUncached: number) => cost(price, used({ inUncached, outText: 1 }));
    expect(at(100)).toMatchObject({ priceId: 'm@2026-01-01', costNanos: 102_000n });
    expect(at(101)).toMatchObject({ priceId: 'm@2026-01-01+100', costNanos: 1_030_000n });
    const cached = used({ inUncached: 1, inCacheRead: 50, inCacheWrite5m: 50 });
    expect(cost(price, cached)?.priceId).toBe('m@2026-01-01+100');
  });

  test('in a service tier is the factor on every rate, or the rates of its own', () => {
    const price = priceOf({
      ...PLAIN,
      longContext: [{ above: 100, rates: { input: '4', output: '8' } }],
      serviceTiers: { flex: '0.5', priority: { rates: { input: '3', output: '5' } } },
    });
    const at = (tier: string, inUncached = 10) => cost(price, used({ inUncached }, {}, tier));
    expect(at('flex')).toMatchObject({ priceId: 'm@2026-01-01/flex', costNanos: 5_000n });
    expect(at('flex', 101)).toMatchObject({
      priceId: 'm@2026-01-01+100/flex',
      costNanos: 202_000n,
    });
    expect(at('priority', 101)).toMatchObject({ costNanos: 303_000n });
    expect(at('scale')).toBeUndefined();
  });

  test('is unknown, never zero, where a class among it is not sold', () => {
    const price = priceOf(PLAIN);
    const caches = ['inCacheRead', 'inCacheWrite5m', 'inCacheWrite1h', 'inCacheWriteOther'];
    for (const name of [...caches, ...MEDIA_CLASSES]) {
      expect(cost(price, used({ inUncached: 1, [name]: 1 }))).toBeUndefined();
      expect(cost(price, used({ inUncached: 1, [name]: 0 }))).toBeDefined();
    }
    expect(cost(price, used({ inUncached: 1 }, { images: 1 }))).toBeUndefined();
  });

  test('of sound and pictures is that of text beside theirs, each at its own rate', () => {
    const price = priceOf({ ...PLAIN, rates: { ...PLAIN.rates, ...MEDIA } });
    const of = (tokens: Partial<TokenCounts>) => cost(price, used(tokens))?.costNanos;
    expect(of({ inAudio: 3, outAudio: 2 })).toBe(3n * 32_000n + 2n * 64_000n);
    expect(of({ inAudioCacheRead: 5, inImageCacheRead: 2 })).toBe(5n * 400n + 2n * 2_500n);
    expect(of({ inUncached: 1, inImage: 10, outText: 1, outImage: 7 })).toBe(293_000n);
  });

  test('of a long prompt counts what it hears and sees', () => {
    const rates = { ...PLAIN.rates, ...MEDIA };
    const price = priceOf({ ...PLAIN, rates, longContext: [{ above: 100, rates }] });
    for (const name of MEDIA_CLASSES.filter((each) => each.startsWith('in'))) {
      const at = (inUncached: number) => cost(price, used({ inUncached, [name]: 60 }))?.priceId;
      expect([at(40), at(41)]).toEqual(['m@2026-01-01', 'm@2026-01-01+100']);
    }
    expect(cost(price, used({ inUncached: 100, outAudio: 9 }))?.priceId).toBe('m@2026-01-01');
  });

  test('by the image, the minute, the character and the search is exact', () => {
    const price = priceOf({
      ...PLAIN,
      rates: { image: '0.04', audioMinute: '0.006', millionCharacters: '15', searchUnit: '0.002' },
    });
    const of = (units: Parameters<typeof used>[1]) => cost(price, used({}, units))?.costNanos;
    expect(of({ images: 3 })).toBe(120_000_000n);
    expect(of({ audioMs: 60_000 })).toBe(6_000_000n);
    expect(of({ audioMs: 1 })).toBe(100n);
    expect(of({ characters: 7 })).toBe(105_000n);
    expect(of({ searchUnits: 1 })).toBe(2_000_000n);
  });
});

describe('what is held', () => {
  test('covers every cost of the same prompt and cap, in every tier that may be served', () => {
    const models = fc.constantFrom(...BUILT_IN.fresh);
    fc.assert(
      fc.property(models, counts, fc.nat(1_000), fc.nat(3), (price, tokens, slack, pick) => {
        const sold = soldTiers(price);
        const tier = [...sold][pick % sold.size];
        const prompt = inputTokens(tokens) + slack;
        const worst = worstRates(price, new Set([undefined, tier]), prompt);
        const output = BigInt(tokens.outText + tokens.outReasoning);
        const media =
          BigInt(tokens.inAudio + tokens.inAudioCacheRead) * worst.media.inAudio +
          BigInt(tokens.inImage + tokens.inImageCacheRead) * worst.media.inImage +
          BigInt(tokens.outAudio) * worst.media.outAudio +
          BigInt(tokens.outImage) * worst.media.outImage;
        const text = BigInt(prompt) * worst.input + output * worst.output;
        const held = (text + media + 999_999n) / 1_000_000n;
        const found = cost(price, used(tokens, {}, tier));
        expect(found === undefined || found.costNanos <= held).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the program's own list", () => {
  test('has no fault, and an id of its own for every rate', () => {
    expect(BUILT_IN.faults).toEqual([]);
    const ids = BUILT_IN.fresh.flatMap(({ tiers }) => tiers.map((tier) => tier.priceId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('openai/gpt-6-sol@2026-11-23+272000/flex');
  });

  test('has a price for every model, with an input and an output', () => {
    const book = buildPriceBook(
      BUILT_IN.fresh.map((price) => ({ origin: 'builtin' as const, price })),
      [],
    );
    for (const { id } of EVERYTHING.models) {
      const { rates } = book.priceAt(id, NOW_MS)!.tiers[0]!;
      expect(Object.keys(rates).length, id).toBeGreaterThan(0);
    }
    expect(book.priceAt('ollama/qwen3:8b', NOW_MS)?.model).toBe('ollama/*');
    expect(book.priceAt('openai/gpt-4o', Date.parse('2026-11-22T23:59:59Z'))).toBeUndefined();
  });
});

describe('the catalogue', () => {
  test('finds a model by its id and, where it is the only one, by its bare name', () => {
    expect(EVERYTHING.find('openai/gpt-4o')?.model.id).toBe('openai/gpt-4o');
    expect(EVERYTHING.find('gpt-4o')?.model.id).toBe('openai/gpt-4o');
    expect(EVERYTHING.find('echo')?.model.id).toBe('sandbox/echo');
    for (const name of ['', 'gpt', 'openai/', 'openai/echo', '__proto__', 'toString']) {
      expect(EVERYTHING.find(name)).toBeUndefined();
    }
  });

  test('knows no model of a provider that is off', () => {
    const none = openCatalog(new Map());
    expect(none.models).toEqual([]);
    expect(none.find('openai/gpt-4o')).toBeUndefined();
  });

  test('passes any sound name on to a server of the operator', () => {
    const route = EVERYTHING.find('ollama/qwen3:8b');
    expect(route?.model).toMatchObject({ id: 'ollama/qwen3:8b', upstreamModel: 'qwen3:8b' });
    for (const name of ['ollama/', 'ollama/a b', 'ollama/\n', `ollama/${'x'.repeat(101)}`]) {
      expect(EVERYTHING.find(name)).toBeUndefined();
    }
  });
});
