// The program's own catalogue: every offer can be found, is explained by a model, and has prices that
// the checks let through; no name means two models.

import { describe, expect, test } from 'vitest';
import { REASONING_STYLES, quirksOf } from '../../src/catalog/capabilities.ts';
import { namesOf } from '../../src/catalog/catalog.ts';
import { LISTINGS } from '../../src/catalog/listings.ts';
import { BASE_MODELS } from '../../src/catalog/models/list.ts';
import { listOfferFiles } from '../../src/catalog/offer-rows.ts';
import { readDate } from '../../src/catalog/price-list.ts';
import { parseUsd } from '../../src/base/money.ts';
import { sayEffort } from '../../src/protocols/efforts.ts';
import { check } from './pricing.ts';

const FILES = listOfferFiles();
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

describe('the catalogue of the program', () => {
  test('has in each file the offers of that provider', () => {
    for (const [name, { offers }] of FILES) {
      for (const { id } of offers) expect(id.startsWith(`${name}/`), id).toBe(true);
    }
  });

  test('tries the maker before clouds, these before hosts, and who resells at last', () => {
    const order = (base: string) =>
      LISTINGS.flatMap(({ model }) => (model.base === base ? [model.provider] : []));
    expect(order('deepseek/deepseek-v4-pro')).toEqual([
      'deepseek',
      'deepinfra',
      'fireworks',
      'nebius',
      'together',
      'openrouter',
    ]);
    expect(order('anthropic/claude-opus-5')).toEqual([
      'anthropic',
      'bedrock',
      'vertex',
      'vertex',
      'openrouter',
    ]);
  });

  test('has each offer once, with the row of the feed or the source of its prices', () => {
    const rows = [...FILES.values()].flatMap(({ offers }) => offers);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(200);
    for (const { id, feed, source, prices } of rows) {
      expect(prices.length, id).toBeGreaterThan(0);
      expect([feed, source].filter(Boolean), id).toHaveLength(1);
    }
  });

  test('has each Claude of Vertex at two prices, a tenth apart', () => {
    const claude = (place: string) =>
      LISTINGS.filter(({ model }) => model.soldAt === place).map(({ model, prices }) => ({
        upstreamModel: model.upstreamModel,
        tiers: prices.flatMap(({ rates, longContext = [] }) => [rates, ...longContext.map(rate)]),
      }));
    const rate = ({ rates }: { rates: object }) => rates;
    const tenths = (tiers: readonly object[], factor: bigint) =>
      tiers.map((rates) =>
        Object.entries(rates).map(([name, text]) => [name, parseUsd(String(text)) * factor]),
      );
    const regional = claude('regional');
    expect(regional.length).toBeGreaterThan(10);
    expect(claude('global').map((each) => ({ ...each, tiers: tenths(each.tiers, 11n) }))).toEqual(
      regional.map((each) => ({ ...each, tiers: tenths(each.tiers, 10n) })),
    );
  });

  test('has no price that the checks refuse, each list judged by those before it', () => {
    const { faults, fresh } = check(
      LISTINGS.flatMap(({ prices }) => prices),
      { origin: 'builtin' },
    );
    expect(faults).toEqual([]);
    expect(fresh.length).toBeGreaterThanOrEqual(LISTINGS.length);
  });

  test('has no name that means two models', () => {
    const models = LISTINGS.map(({ model }) => model);
    const names = namesOf(models);
    for (const { id, base, aliases, upstreamModel } of models) {
      for (const name of [base, ...aliases, upstreamModel]) {
        expect(names.get(name), `${name} of ${id}`).toBe(base);
      }
      // An offer's id may be a name of its own model, never of another one.
      expect(names.get(id) ?? base, id).toBe(base);
    }
  });

  test('has limits for everything that is counted in tokens, and no cap beyond the window', () => {
    for (const { model, prices } of LISTINGS) {
      const isCounted = prices.some(({ rates }) => 'input' in rates);
      expect(model.contextWindow > 0, model.id).toBe(isCounted);
      expect(model.maxOutputTokens, model.id).toBeLessThanOrEqual(model.contextWindow);
    }
  });

  test('has facts of a closed vocabulary', () => {
    for (const { id, capabilities, deprecationDate, modalities } of BASE_MODELS.values()) {
      const { style, efforts, optional } = capabilities.reasoning;
      expect(REASONING_STYLES, id).toContain(style);
      const places = efforts.map((effort) => EFFORTS.indexOf(effort));
      expect(places, id).toEqual([...new Set(places)].toSorted((a, b) => a - b));
      expect(efforts.includes('none') && !optional, id).toBe(false);
      expect(modalities.input.length * modalities.output.length, id).toBeGreaterThan(0);
      if (deprecationDate !== undefined) expect(readDate(deprecationDate), id).toBeDefined();
    }
  });

  test('tells a model at a provider that takes fewer efforts no other one', () => {
    const modelOf = (offer: string) =>
      LISTINGS.find(({ model: { id } }) => id === offer)?.model ?? expect.fail(offer);
    const said = (offer: string, effort: 'none' | 'high') => {
      const quirks = quirksOf(modelOf(offer).capabilities);
      const dropped = new Set<string>();
      return [sayEffort({ effort }, quirks, dropped), [...dropped]];
    };
    expect(said('groq/qwen3-32b', 'high')).toEqual([undefined, ['reasoning_effort']]);
    expect(said('groq/qwen3-32b', 'none')).toEqual(['none', []]);
    expect(modelOf('groq/qwen3-32b').capabilities.reasoning.style).toBe('switch');
    for (const { offers } of FILES.values()) {
      for (const { id, efforts = [] } of offers) {
        const places = efforts.map((effort) => EFFORTS.indexOf(effort));
        expect(places, id).toEqual([...new Set(places)].toSorted((a, b) => a - b));
      }
    }
  });

  test('has an offer of every model', () => {
    const offered = new Set(LISTINGS.map(({ model }) => model.base));
    expect([...BASE_MODELS.keys()].filter((id) => !offered.has(id))).toEqual([]);
  });
});
