import { describe, expect, test } from 'vitest';
import { parsePercent } from '../../src/catalog/markup.ts';
import type { Markup } from '../../src/catalog/markup.ts';
import { type Origin, buildPriceBook } from '../../src/catalog/price-book.ts';
import { priceOf } from './pricing.ts';

const MODEL = 'openai/gpt-4o';
const at = (text: string) => Date.parse(`${text}T00:00:00Z`);

function published(origin: Origin, effectiveFrom: string, model = MODEL) {
  return { origin, price: priceOf({ model, effectiveFrom, rates: { input: '1', output: '2' } }) };
}

describe('a price book', () => {
  const book = buildPriceBook(
    [
      published('builtin', '2026-03-01'),
      published('builtin', '2026-01-01'),
      published('operator', '2026-02-01'),
      published('builtin', '2026-01-01', 'ollama/*'),
      published('operator', '2026-05-01', 'ollama/qwen3'),
    ],
    [],
  );
  const version = (model: string, date: string) => book.priceAt(model, at(date))?.version;

  test('has the version that holds at the instant, the operator’s own before the program’s', () => {
    expect(version(MODEL, '2025-12-31')).toBeUndefined();
    expect(version(MODEL, '2026-01-01')).toBe(`${MODEL}@2026-01-01`);
    expect(book.priceAt(MODEL, at('2026-02-01'))).toBe(book.priceAt(MODEL, at('2026-12-01')));
    expect(book.priceAt(MODEL, at('2026-02-01') - 1)?.version).toBe(`${MODEL}@2026-01-01`);
    expect(book.priceAt(MODEL, at('2026-04-01'))?.effectiveFromMs).toBe(at('2026-02-01'));
  });

  test('has one price for the models of an open server, until one gets its own', () => {
    expect(version('ollama/llama', '2026-06-01')).toBe('ollama/*@2026-01-01');
    expect(version('ollama/qwen3', '2026-04-30')).toBe('ollama/*@2026-01-01');
    expect(version('ollama/qwen3', '2026-05-01')).toBe('ollama/qwen3@2026-05-01');
    expect(version('unknown/x', '2026-06-01')).toBeUndefined();
  });
});

describe('markups', () => {
  const rule = (scope: Markup['scope'], target: string | null, bps: number | null, on: string) => ({
    scope,
    target,
    bps,
    effectiveFromMs: at(on),
  });
  const book = buildPriceBook(
    [published('builtin', '2026-01-01')],
    [
      rule('default', null, 100, '2026-01-01'),
      rule('provider', 'openai', 200, '2026-02-01'),
      rule('model', MODEL, 300, '2026-03-01'),
      rule('model', MODEL, 400, '2026-04-01'),
      rule('model', MODEL, null, '2026-05-01'),
    ],
  );

  test.each([
    ['2025-12-31', 0],
    ['2026-01-01', 100],
    ['2026-02-01', 200],
    ['2026-03-01', 300],
    ['2026-04-01', 400],
    ['2026-05-01', 200],
  ])('on %s the most specific one in force is %i', (date, bps) => {
    expect(book.markupAt(MODEL, at(date))).toBe(bps);
  });

  test('stand in the quote that a request keeps', () => {
    expect(book.quoteAt(MODEL, at('2026-03-02'))).toMatchObject({ modelId: MODEL, markupBps: 300 });
    expect(book.quoteAt(MODEL, at('2025-01-01'))).toBeUndefined();
  });

  test.each([
    ['5.5', 550],
    ['0', 0],
    ['-0', 0],
    ['-99.99', -9_999],
    ['12.34', 1_234],
    ['-100', undefined],
    ['1.234', undefined],
    ['5,5', undefined],
    ['', undefined],
    ['99999', undefined],
  ])('of %j per cent are %j basis points', (text, bps) => {
    expect(parsePercent(text)).toBe(bps);
  });
});
