import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { isPriceable } from '../../src/catalog/catalog.ts';
import { type PublishedPrice, buildPriceBook } from '../../src/catalog/price-book.ts';
import type { PriceDraft } from '../../src/catalog/price-list.ts';
import { NOW_MS, check, priceOf } from './pricing.ts';

const MODEL = 'openai/gpt-4o';
const RATES = { input: '2.5', cacheRead: '1.25', output: '10' };

function draft(more: Partial<PriceDraft> = {}): PriceDraft {
  return { model: MODEL, effectiveFrom: '2027-01-01', rates: RATES, ...more };
}

/** A book in which these hold already; the first of them the program's. */
function bookOf(...drafts: PriceDraft[]) {
  const published = drafts.map(
    (each): PublishedPrice => ({
      origin: 'builtin',
      price: priceOf(each),
    }),
  );
  return buildPriceBook(published, []);
}

const LAST = draft({ effectiveFrom: '2026-11-23' });
const codes = (...args: Parameters<typeof check>) => [
  ...new Set(check(...args).faults.map(({ code }) => code)),
];

describe('a price list', () => {
  test('that is good is read into versions with dates in their ids', () => {
    const checked = check([
      draft({ longContext: [{ above: 9, rates: RATES }], serviceTiers: { flex: '0.5' } }),
    ]);
    expect(checked.faults).toEqual([]);
    expect(checked.fresh[0]?.tiers.map(({ priceId }) => priceId)).toEqual([
      `${MODEL}@2027-01-01.own`,
      `${MODEL}@2027-01-01.own+9`,
      `${MODEL}@2027-01-01.own/flex`,
      `${MODEL}@2027-01-01.own+9/flex`,
    ]);
  });

  test('without a date holds from soon after its publication', () => {
    const { fresh } = check([{ model: MODEL, rates: RATES }]);
    expect(fresh[0]?.effectiveFromMs).toBe(NOW_MS + 2_000);
    expect(fresh[0]?.version).toBe(`${MODEL}@2026-12-01T00:00:02Z.own`);
  });

  test.each<[string, string, unknown]>([
    ['zero', 'zero', { input: '0' }],
    ['zero', 'zero with decimals', { output: '0.000' }],
    ['negative', 'a negative price', { input: '-1' }],
    ['not_a_decimal', 'an exponent', { input: '1e3' }],
    ['not_a_decimal', 'words', { input: 'NaN' }],
    ['not_a_decimal', 'nothing', { input: '' }],
    ['not_a_decimal', 'a number beyond any price', { input: '99999999' }],
    ['inexact', 'a price too fine', { input: '0.0000000001' }],
    ['unknown_class', 'an unknown class', { thoughts: '1' }],
    ['unknown_class', 'a class twice', { character: '0.1', millionCharacters: '1' }],
    ['inexact', 'a minute that has no exact rate', { audioMinute: '0.0000000001' }],
    ['not_a_list', 'a number instead of text', { input: 1 }],
  ])('with %s (%s) is refused', (code, _, rates) => {
    expect(codes([draft({ rates: { ...RATES, ...(rates as object) } })])).toEqual([code]);
  });

  test('with a price by the token that lacks a side is refused', () => {
    expect(codes([draft({ rates: { input: '1' } })])).toEqual(['missing_class']);
    expect(codes([draft({ rates: { output: '1', cacheRead: '1' } })])).toEqual(['missing_class']);
    expect(codes([draft({ rates: {} })])).toEqual(['missing_class']);
    expect(codes([draft({ rates: { image: '0.04' } })])).toEqual([]);
  });

  test.each<[string, string, Partial<PriceDraft>]>([
    ['bad_date', 'a day that is none', { effectiveFrom: '2027-02-30' }],
    ['bad_date', 'another notation', { effectiveFrom: '1 January 2027' }],
    ['past_date', 'a day that is over', { effectiveFrom: '2026-11-30' }],
    ['bad_tier', 'a threshold that does not rise', { longContext: [{ above: 0, rates: RATES }] }],
    ['bad_tier', 'a tier named like the standard', { serviceTiers: { default: '2' } }],
    ['zero', 'a tier for nothing', { serviceTiers: { flex: '0' } }],
    ['inexact', 'a factor too fine', { serviceTiers: { flex: '0.3333333333' } }],
  ])('with %s (%s) is refused', (code, _, more) => {
    expect(codes([draft(more)])[0]).toBe(code);
  });

  test('with a model that the hub does not have is refused', () => {
    expect(codes([draft()], { isKnownModel: () => false })).toEqual(['unknown_model']);
  });

  test('with two prices of a model from one date is refused', () => {
    expect(codes([draft(), draft({ effectiveFrom: '2027-01-01T00:00:00Z' })])).toEqual([
      'same_date',
    ]);
  });

  test('that is no list at all is refused', () => {
    expect(check([], {}).faults).toEqual([]);
    expect(codes(['x'])).toEqual(['not_a_list']);
    expect(codes([draft({ surprise: 1 } as object)])).toEqual(['not_a_list']);
  });

  test('has every fault named at once, by its place', () => {
    const { faults } = check([
      draft({ rates: { ...RATES, input: '-1', output: '0' } }),
      draft({ model: 'openai/gpt-4o-mini', effectiveFrom: '2020-01-01' }),
    ]);
    expect(faults.map(({ code, where }) => `${where} ${code}`)).toEqual([
      'prices[0].rates.input negative',
      'prices[0].rates.output zero',
      'prices[1].effectiveFrom past_date',
    ]);
  });
});

describe('the documented list', () => {
  test('is a good one', async () => {
    const text = await readFile(new URL('../../docs/prices.md', import.meta.url), 'utf8');
    const json = /```json\n([^]*?)```/.exec(text)?.[1] ?? '';
    const { prices } = JSON.parse(json) as { prices: PriceDraft[] };
    const { faults, fresh } = check(prices, { isKnownModel: isPriceable });
    expect(faults).toEqual([]);
    expect(fresh[0]?.tiers).toHaveLength(5);
  });
});

describe('against what was published before', () => {
  const book = bookOf(LAST);
  const times = (input: string) => [draft({ rates: { ...RATES, input } })];

  test.each([
    ['25', []],
    ['25.000000001', ['jump']],
    ['2500', ['jump']],
    ['0.25', []],
    ['0.249999999', ['jump']],
    ['free', ['jump']],
  ])('an input of %s after 2.5 has the faults %j', (input, faults) => {
    expect(codes(times(input), { book })).toEqual(faults);
  });

  test('a jump is let through where it is said to be meant', () => {
    expect(codes(times('2500'), { book, acceptJumps: new Set([MODEL]) })).toEqual([]);
    expect(codes(times('2500'), { book, acceptJumps: new Set(['other']) })).toEqual(['jump']);
  });

  test('a jump hides in no tier that is new, and behind no step in the same list', () => {
    const dear = { ...RATES, output: '101' };
    expect(codes([draft({ longContext: [{ above: 9, rates: dear }] })], { book })).toEqual([
      'jump',
    ]);
    expect(codes([draft({ serviceTiers: { flex: '0.01' } })], { book })).toContain('jump');
    const later = draft({ effectiveFrom: '2027-02-01', rates: { ...RATES, input: '251' } });
    expect(codes([later, ...times('25')], { book })).toEqual(['jump']);
    expect(codes([later, ...times('25.1')], { book })).toEqual(['jump']);
  });

  test('the same version again is nothing new, with other rates it is refused', () => {
    const again = { book, origin: 'builtin' } as const;
    expect(check([LAST], again)).toEqual({ faults: [], fresh: [] });
    const changed = draft({ effectiveFrom: '2026-11-23', rates: { ...RATES, cacheRead: '1' } });
    expect(codes([changed], again)).toEqual(['changed_meaning']);
    const { cacheRead: _, ...fewer } = RATES;
    const without = draft({ effectiveFrom: '2026-11-23', rates: fewer });
    expect(codes([without], again)).toEqual(['changed_meaning']);
  });

  test("the program's own list may name a date of the provider's that is over", () => {
    const dated = draft({ effectiveFrom: '2026-11-25' });
    expect(codes([dated], { book, origin: 'builtin' })).toEqual([]);
    expect(codes([dated], { book, origin: 'operator' })).toEqual(['past_date']);
  });
});
