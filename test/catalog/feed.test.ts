// The conversion of the price feed: exact to the last digit for every offer of the catalogue, and in
// agreement with the price calculation of the package that publishes it.

import { type ModelInfo, calcPrice, findProvider } from '@pydantic/genai-prices';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packagedFeed } from '../../scripts/catalog/packaged-feed.ts';
import { type FedOffer, decimalOf, pricesFrom, readFeed } from '../../src/catalog/feed.ts';
import { changesOf, isFed } from '../../src/catalog/feed-changes.ts';
import { LISTINGS } from '../../src/catalog/listings.ts';
import { type Origin, buildPriceBook } from '../../src/catalog/price-book.ts';
import type { PriceDraft } from '../../src/catalog/price-list.ts';
import { costOf } from '../../src/catalog/price.ts';
import { priceOf, used } from './pricing.ts';

const AT_MS = Date.parse('2026-12-01T12:00:00Z');
const FED = LISTINGS.filter(isFed);
const FEED = packagedFeed();
const OFFER: FedOffer = {
  model: { id: 'openai/x', modalities: { input: ['text'], output: ['text'] } },
  feed: { key: 'maker/x', cacheWrites: ['cacheWrite'] },
};

function bookOf(drafts: readonly PriceDraft[]) {
  return buildPriceBook(
    drafts.map((draft) => ({ origin: 'builtin', price: priceOf(draft) })),
    [],
  );
}

/** A feed with one model of these prices. */
function feedOf(prices: unknown) {
  return readFeed([{ id: 'maker', models: [{ id: 'x', prices }] }])!;
}

const read = (prices: unknown, offer = OFFER) => pricesFrom(feedOf(prices), offer, AT_MS);

function rowOf(key: string): ModelInfo {
  const slash = key.indexOf('/');
  const provider = findProvider({ providerId: key.slice(0, slash) });
  return provider!.models.find(({ id }) => id === key.slice(slash + 1))!;
}

/** The digits that the package has for a class, told apart by the start of their tier. */
function digitsOf(row: ModelInfo, key: string): Map<number, string> {
  const groups = Array.isArray(row.prices) ? row.prices : [{ prices: row.prices }];
  const holding = groups.filter(
    ({ constraint: when }) =>
      !when || when.type === 'time_of_date' || Date.parse(when.start_date) <= AT_MS,
  );
  const dated = holding.filter(({ constraint: when }) => when?.type !== 'time_of_date').at(-1);
  const hourly = holding.filter(({ constraint: when }) => when?.type === 'time_of_date');
  const found = new Map<number, string>();
  for (const { prices } of [...hourly, ...(hourly.length > 0 || !dated ? [] : [dated])]) {
    const figure = prices[key];
    if (figure === undefined) continue;
    if (typeof figure === 'number') found.set(0, String(figure));
    else {
      found.set(0, String(figure.base));
      for (const { start, price } of figure.tiers) found.set(start, String(price));
    }
  }
  return found;
}

const CLASSES = [
  ['input_mtok', 'input'],
  ['output_mtok', 'output'],
  ['cache_read_mtok', 'cacheRead'],
] as const;

describe('the catalogue’s prices by the feed', () => {
  test.each(FED.map((listing) => [listing.model.id, listing] as const))(
    'of %s have the digits of the source',
    (_, listing) => {
      const draft = listing.prices.findLast(
        ({ effectiveFrom = '' }) => Date.parse(effectiveFrom) <= AT_MS,
      );
      const row = rowOf(listing.feed.key);
      const pairs = [
        ...CLASSES,
        ...listing.feed.cacheWrites.map((name) => ['cache_write_mtok', name] as const),
        ...(listing.feed.cacheWrites.includes('cacheWrite5m')
          ? [['cache_write_1h_mtok', 'cacheWrite1h'] as const]
          : []),
      ];
      for (const [key, name] of pairs) {
        const digits = digitsOf(row, key);
        const tiers = [{ above: 0, rates: draft!.rates }, ...(draft!.longContext ?? [])];
        expect(tiers[0]!.rates[name] ?? 'none', name).toBe(
          digits.get(0) ?? (name === 'output' ? 'free' : 'none'),
        );
        for (const [start, text] of digits) {
          expect(tiers.find(({ above }) => above === start)?.rates[name], name).toBe(text);
        }
      }
    },
  );

  test('are the newest there are: the installed data changes none of them', () => {
    const changed = FED.flatMap((listing) => {
      const changes = changesOf(FEED, listing, {
        book: bookOf(listing.prices),
        origin: 'builtin',
        nowMs: AT_MS,
      });
      return typeof changes === 'string' || changes.length > 0 ? [[listing.model.id, changes]] : [];
    });
    expect(changed).toEqual([]);
  });

  test('cost what the package calculates, below, at and above every threshold', () => {
    const sizes = fc.nat({ max: 600_000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...FED.filter(({ model }) => model.provider !== 'deepseek')),
        fc.record({ fresh: sizes, cached: sizes, written: sizes, out: fc.nat({ max: 100_000 }) }),
        fc.constantFrom(0, 199_999, 200_000, 271_999, 272_000, 272_001),
        (listing, counts, prompt) => {
          const { feed, model, prices } = listing;
          const price = bookOf(prices).priceAt(model.id, AT_MS)!;
          const rates = price.tiers[0]!.rates;
          const cached = rates.inCacheRead === undefined ? 0 : counts.cached;
          const wide = feed.cacheWrites.includes('cacheWrite5m')
            ? 'inCacheWrite5m'
            : 'inCacheWriteOther';
          const written = rates[wide] === undefined ? 0 : counts.written;
          const fresh = prompt === 0 ? counts.fresh : Math.max(prompt - cached - written, 0);
          const out = model.modalities.output.includes('vector') ? 0 : counts.out;
          const ours = costOf(
            { price, markupBps: 0 },
            used({ inUncached: fresh, inCacheRead: cached, [wide]: written, outText: out }),
          );
          const row = { ...rowOf(feed.key), match: { starts_with: '' } };
          const provider = { id: 'p', name: 'p', api_pattern: '', models: [row] };
          const theirs = calcPrice(
            {
              input_tokens: fresh + cached + written,
              cache_read_tokens: cached,
              cache_write_tokens: written,
              output_tokens: out,
            },
            row.id,
            { provider, timestamp: new Date(AT_MS) },
          );
          const nanos = Number(ours!.providerCostNanos);
          expect(Math.abs(nanos - theirs!.total_price * 1e9)).toBeLessThanOrEqual(1.001);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('of an hour that is dearer hold at every hour', () => {
    const pro = LISTINGS.find(({ model }) => model.id === 'deepseek/deepseek-v4-pro');
    expect(pro?.prices[0]?.rates).toEqual({ input: '1.32', cacheRead: '0.044', output: '3.96' });
  });
});

describe('a row of the feed', () => {
  const BOTH = { input_mtok: 1, output_mtok: 2 };

  test('has tiers where any class has one, each with every class', () => {
    const prices = {
      input_mtok: { base: 1, tiers: [{ start: 200, price: 2 }] },
      output_mtok: { base: 3, tiers: [{ start: 100, price: 4 }] },
      cache_read_mtok: 0.1,
    };
    expect(read(prices)).toMatchObject({
      now: {
        rates: { input: '1', output: '3', cacheRead: '0.1' },
        longContext: [
          { above: 100, rates: { input: '1', output: '4', cacheRead: '0.1' } },
          { above: 200, rates: { input: '2', output: '4', cacheRead: '0.1' } },
        ],
      },
    });
  });

  test('holds from its date, and is announced until then', () => {
    const dated = (start_date: string, input_mtok: number) => ({
      constraint: { type: 'start_date', start_date },
      prices: { ...BOTH, input_mtok },
    });
    const prices = [{ prices: BOTH }, dated('2026-01-01', 3), dated('2027-01-01', 4)];
    expect(read(prices)).toMatchObject({
      now: { rates: { input: '3' } },
      later: [{ effectiveFrom: '2027-01-01', rates: { input: '4' } }],
    });
  });

  test('of several hours has the dearest figure of each class, today’s base among them', () => {
    const hourly = (input_mtok: number, output_mtok: number) => ({
      constraint: { type: 'time_of_date', start_time: '01:00:00Z', end_time: '02:00:00Z' },
      prices: { input_mtok, output_mtok },
    });
    expect(read([{ prices: BOTH }, hourly(3, 1), hourly(0.5, 1.5)])).toMatchObject({
      now: { rates: { input: '3', output: '2' } },
    });
  });

  test.each([
    ['a fee for each request', { ...BOTH, requests_kcount: 5 }, 'no class for requests_kcount'],
    ['output of images', { ...BOTH, output_surprise_mtok: 5 }, 'no class for output_surprise_mtok'],
    ['no output', { input_mtok: 1 }, 'missing_class at price.rates'],
    ['nothing', {}, 'missing_class at price.rates'],
    ['a price of zero', { ...BOTH, input_mtok: 0 }, 'zero at price.rates.input'],
    ['a negative price', { ...BOTH, input_mtok: -1 }, 'negative at price.rates.input'],
    [
      'more digits than we keep',
      { ...BOTH, cache_read_mtok: 1 / 12 },
      'not_a_decimal at price.rates.cacheRead',
    ],
    ['an inexact rate', { ...BOTH, cache_read_mtok: 1e-10 }, 'inexact at price.rates.cacheRead'],
  ])('with %s is left out with the reason', (_, prices, reason) => {
    expect(read(prices)).toBe(reason);
  });

  test('says nothing of modalities that the offer does not sell, and is left out for others', () => {
    const prices = {
      ...BOTH,
      input_audio_mtok: 9,
      cache_audio_read_mtok: 8,
      web_searches_kcount: 1,
    };
    expect(read(prices)).toMatchObject({ now: { rates: { input: '1', output: '2' } } });
    const hearing = { input: ['text', 'audio'], output: ['text'] } as const;
    const offer = { ...OFFER, model: { id: 'openai/x', modalities: hearing } };
    const heard = { input: '1', output: '2', audioInput: '9', audioCacheRead: '8' };
    expect(read(prices, offer)).toMatchObject({ now: { rates: heard } });
    expect(read({ ...prices, input_video_mtok: 7 }, offer)).toMatchObject({
      now: { rates: heard },
    });
  });

  test('has a figure of its own for what is heard, and one for pictures where there is none', () => {
    const of = (input: readonly ('text' | 'audio' | 'image')[], output: typeof input) => ({
      ...OFFER,
      model: { id: 'openai/x', modalities: { input, output } },
    });
    const rates = (prices: object, offer: ReturnType<typeof of>) => {
      const found = read({ ...BOTH, ...prices }, offer);
      return typeof found === 'string' ? found : found.now.rates;
    };
    expect(rates({}, of(['audio'], ['audio']))).toEqual({ input: '1', output: '2' });
    expect(rates({ output_audio_mtok: 5 }, of(['text'], ['audio']))).toMatchObject({
      audioOutput: '5',
    });
    expect(rates({}, of(['text'], ['image']))).toMatchObject({ imageOutput: '2' });
    const seen = { output_image_mtok: 6, input_image_mtok: 3, cache_image_read_mtok: 4 };
    expect(rates(seen, of(['text', 'image'], ['image']))).toEqual({
      input: '1',
      output: '2',
      imageInput: '3',
      imageCacheRead: '4',
      imageOutput: '6',
    });
  });

  test('gives its cache writes the classes of the offer; an embedding’s answer is free', () => {
    const prices = { ...BOTH, cache_write_mtok: 3, cache_write_1h_mtok: 4 };
    expect(read(prices)).toMatchObject({
      now: { rates: { input: '1', cacheWrite: '3', output: '2' } },
    });
    const feed = { ...OFFER.feed, cacheWrites: ['cacheWrite5m', 'cacheWrite'] as const };
    expect(read(prices, { ...OFFER, feed })).toMatchObject({
      now: { rates: { cacheWrite5m: '3', cacheWrite: '3', cacheWrite1h: '4' } },
    });
    const vectors = { input: ['text'], output: ['vector'] } as const;
    const embedding = { ...OFFER, model: { id: 'openai/x', modalities: vectors } };
    expect(read({ input_mtok: 1 }, embedding)).toMatchObject({
      now: { rates: { output: 'free' } },
    });
  });

  test('that is not there is told', () => {
    expect(pricesFrom(new Map(), OFFER, AT_MS)).toBe('no row maker/x');
  });

  test.each([[undefined], [{}], [[{ id: 'p' }]], [[{ id: 'p', models: [{ id: 'm' }] }]]])(
    'of another form than the feed’s is none: %j',
    (data) => {
      expect(readFeed(data)).toBeUndefined();
    },
  );
});

describe('changes by the feed', () => {
  const draft = (input: string, effectiveFrom = '2026-01-01'): PriceDraft => ({
    model: 'openai/x',
    effectiveFrom,
    rates: { input, output: '2' },
  });
  const prices = (now: number, later: number) => [
    { prices: { input_mtok: now, output_mtok: 2 } },
    {
      constraint: { type: 'start_date', start_date: '2027-01-01' },
      prices: { input_mtok: later, output_mtok: 2 },
    },
  ];
  const change = (
    known: readonly PriceDraft[],
    now: number,
    later: number,
    origin: Origin = 'builtin',
  ) => {
    const context = { book: bookOf(known), origin, nowMs: AT_MS };
    const changes = changesOf(feedOf(prices(now, later)), OFFER, context);
    return (changes as PriceDraft[]).map(({ effectiveFrom, rates }) => [
      effectiveFrom,
      rates.input,
    ]);
  };

  test.each<[string, PriceDraft[], number, number, unknown[]]>([
    ['are none where all is as it was', [draft('1'), draft('3', '2027-01-01')], 1, 3, []],
    ['are what holds now', [draft('1'), draft('3', '2027-01-01')], 2, 3, [[undefined, '2']]],
    ['are what is announced', [draft('1')], 1, 3, [['2027-01-01', '3']]],
    [
      'are both',
      [draft('1')],
      2,
      3,
      [
        [undefined, '2'],
        ['2027-01-01', '3'],
      ],
    ],
    [
      'are told of a return too',
      [draft('1')],
      2,
      1,
      [
        [undefined, '2'],
        ['2027-01-01', '1'],
      ],
    ],
    ['are one where the announced is the new', [draft('1')], 2, 2, [[undefined, '2']]],
  ])('%s', (_, known, now, later, changes) => {
    expect(change(known, now, later)).toEqual(changes);
  });

  test('of an operator, before whose price the program’s never holds again, go on', () => {
    const known = [draft('1'), draft('3', '2027-01-01')];
    expect(change(known, 1, 3, 'operator')).toEqual([]);
    expect(change(known, 2, 3, 'operator')).toEqual([
      [undefined, '2'],
      ['2027-01-01', '3'],
    ]);
  });
});

describe('the decimal of a number', () => {
  test.each([
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    [1.5e-7, '0.00000015'],
    [1e21, '1000000000000000000000'],
    [1.25e22, '12500000000000000000000'],
    [0, '0'],
    [-1e-7, '-0.0000001'],
  ])('%f is %s', (value, text) => {
    expect(decimalOf(value)).toBe(text);
  });

  test('means exactly that number, has no exponent and no digit too many', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = decimalOf(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value === 0 ? 0 : value);
        const significant = (digits: string) =>
          digits
            .replace(/e.*$/, '')
            .replace(/[-.]/g, '')
            .replace(/^0+|0+$/g, '');
        expect(significant(text)).toBe(significant(String(value)));
      }),
    );
  });
});
