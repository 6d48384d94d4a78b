// Proves that prices are exact: random price lists, usages and markups, priced by the product's own
// code and by an oracle that shares nothing with it. The oracle reads the published decimals itself,
// never divides before the end, and finds tier, refusal and price id by rules of its own.
//   node scripts/prove/prices.ts --count 10000000 --seed 1

import { parseArgs } from 'node:util';
import { buildPriceBook } from '../../src/catalog/price-book.ts';
import { checkPriceList } from '../../src/catalog/price-check.ts';
import { type Price, costOf } from '../../src/catalog/price.ts';
import { type Oracle, type Published, oracleOf } from './price-oracle.ts';
import { type Random, randomFrom } from './random.ts';

const USAGES_PER_PRICE = 500;
const MODEL = 'prover/model';

export interface Proof {
  readonly priced: number;
  readonly prices: number;
  /** Lists that have no exact form: both sides refused them. */
  readonly refusedLists: number;
  /** Usages with a class or a tier that is not sold: both sides refused them. */
  readonly unsold: number;
  /** The first few differences, in words. */
  readonly differences: readonly string[];
}

/** Prices `count` random usages twice; the same seed makes the same cases. */
export function provePrices(count: number, seed: number): Proof {
  const random = randomFrom(seed);
  const differences: string[] = [];
  let priced = 0;
  let prices = 0;
  let refusedLists = 0;
  let unsold = 0;
  while (priced < count && differences.length < 10) {
    const published = randomPublished(random);
    const oracle = oracleOf(published);
    const price = publish(published);
    if (!price || !oracle) {
      if (price || oracle) differences.push(`only one side refuses ${JSON.stringify(published)}`);
      refusedLists += 1;
      continue;
    }
    prices += 1;
    const last = Math.min(count, priced + USAGES_PER_PRICE);
    for (; priced < last; priced++) {
      const usage = randomUsage(random, published);
      const markupBps = random.chance(3) ? 0 : random.below(40_000) - 9_999;
      const found = costOf({ price, markupBps }, usage);
      const wanted = oracle.cost(usage, markupBps);
      if (!wanted) unsold += 1;
      if (
        found?.costNanos !== wanted?.costNanos ||
        found?.providerCostNanos !== wanted?.providerCostNanos ||
        found?.priceId !== wanted?.priceId
      ) {
        const words = { published, usage, markupBps, found: text(found), wanted: text(wanted) };
        differences.push(JSON.stringify(words));
      }
    }
  }
  return { priced, prices, refusedLists, unsold, differences };
}

function text(cost: ReturnType<Oracle['cost']>): string {
  return cost ? `${cost.priceId} ${cost.costNanos} ${cost.providerCostNanos}` : 'unsold';
}

/** The product's way from a published list to a price. */
function publish(published: Published): Price | undefined {
  const { faults, fresh } = checkPriceList(
    { prices: [{ model: MODEL, effectiveFrom: '2026-11-23', ...published }] },
    {
      book: buildPriceBook([], []),
      origin: 'builtin',
      nowMs: 0,
      isKnownModel: (model) => model === MODEL,
      acceptJumps: new Set([MODEL]),
    },
  );
  return faults.length === 0 ? fresh[0] : undefined;
}

const OPTIONAL_RATES = [
  'cacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite1h',
  'audioInput',
  'audioCacheRead',
  'imageInput',
  'imageCacheRead',
  'reasoning',
  'audioOutput',
  'imageOutput',
  'image',
  'audioMinute',
  'audioSecond',
  'character',
  'millionCharacters',
  'searchUnit',
] as const;

function randomPublished(random: Random): Published {
  const thresholds = [128_000, 200_000, 272_000].filter(() => random.chance(3));
  const factors = ['0.5', '2', '1.25', '0.333', '2.75'];
  const tiers = ['flex', 'priority', 'batch'].filter(() => random.chance(2));
  return {
    rates: randomRates(random),
    longContext: thresholds.map((above) => ({ above, rates: randomRates(random) })),
    serviceTiers: Object.fromEntries(
      tiers.map((name) => [
        name,
        random.chance(3)
          ? { rates: randomRates(random) }
          : (factors[random.below(factors.length)] ?? '1'),
      ]),
    ),
  };
}

function randomRates(random: Random): Record<string, string> {
  const rates: Record<string, string> = { input: randomUsd(random), output: randomUsd(random) };
  for (const name of OPTIONAL_RATES) {
    if (!random.chance(4)) rates[name] = random.chance(9) ? 'free' : randomUsd(random);
  }
  // One class has one figure.
  if (rates['audioSecond'] !== undefined) delete rates['audioMinute'];
  if (rates['character'] !== undefined) delete rates['millionCharacters'];
  return rates;
}

/** A decimal as vendors print them; every so often one that is too fine to have an exact form. */
function randomUsd(random: Random): string {
  const digits = random.chance(400) ? 10 : random.below(6);
  // Thirds of a minute have no decimal form, so figures are multiples of three.
  const value = 3 * (1 + random.below(10 ** random.below(7)));
  if (digits === 0) return String(value);
  const padded = String(value).padStart(digits + 1, '0');
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

const COUNTS = [1, 10, 1_000, 100_000, 3_000_000, 2 ** 40];

function randomCount(random: Random): number {
  if (random.chance(2)) return 0;
  return random.below(COUNTS[random.below(COUNTS.length)] ?? 1);
}

function randomUsage(random: Random, { longContext, serviceTiers }: Published) {
  const tokens = {
    inUncached: randomCount(random),
    inCacheRead: random.chance(2) ? randomCount(random) : 0,
    inCacheWrite5m: random.chance(4) ? randomCount(random) : 0,
    inCacheWrite1h: random.chance(4) ? randomCount(random) : 0,
    inCacheWriteOther: random.chance(4) ? randomCount(random) : 0,
    ...randomMedia(random),
    outText: randomCount(random),
    outReasoning: randomCount(random),
  };
  const cliff = longContext[random.below(longContext.length + 1)]?.above;
  if (cliff !== undefined && random.chance(3)) {
    // On the edge, just over it, and far away by one class alone.
    tokens.inCacheRead = random.below(cliff);
    tokens.inCacheWrite5m = 0;
    tokens.inCacheWrite1h = 0;
    tokens.inCacheWriteOther = 0;
    tokens.inAudio = random.chance(2) ? random.below(cliff - tokens.inCacheRead) : 0;
    tokens.inAudioCacheRead = 0;
    tokens.inImage = 0;
    tokens.inImageCacheRead = 0;
    tokens.inUncached = cliff - tokens.inCacheRead - tokens.inAudio + random.below(3) - 1;
  }
  const hasUnits = random.chance(4);
  const units = {
    images: hasUnits ? randomCount(random) : 0,
    audioMs: hasUnits ? randomCount(random) : 0,
    characters: hasUnits ? randomCount(random) : 0,
    searchUnits: hasUnits ? randomCount(random) : 0,
  };
  const names = [undefined, ...Object.keys(serviceTiers), random.chance(50) ? 'scale' : undefined];
  const serviceTier = names[random.below(names.length)];
  return { tokens, units, ...(serviceTier !== undefined && { serviceTier }) };
}

/** Sound and pictures, in one usage of three. */
function randomMedia(random: Random) {
  const isHeard = random.chance(3);
  const count = () => (isHeard && random.chance(2) ? randomCount(random) : 0);
  return {
    inAudio: count(),
    inAudioCacheRead: count(),
    inImage: count(),
    inImageCacheRead: count(),
    outAudio: count(),
    outImage: count(),
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '10000000' },
      seed: { type: 'string', default: '1' },
    },
  });
  const begunMs = performance.now();
  const proof = provePrices(Number(values.count), Number(values.seed));
  const seconds = Math.round((performance.now() - begunMs) / 1_000);
  for (const difference of proof.differences) console.error(difference);
  console.log(
    `prices: ${proof.priced} usages on ${proof.prices} price lists (seed ${values.seed}), ` +
      `${proof.unsold} refused as not sold, ${proof.refusedLists} lists refused as inexact, ` +
      `${proof.differences.length} differences, ${seconds} s`,
  );
  process.exitCode = proof.differences.length === 0 && proof.priced > 0 ? 0 : 1;
}
