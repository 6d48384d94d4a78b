import { describe, expect, test } from 'vitest';
import { PLAIN_CHAT, reasoning } from '../../src/catalog/capabilities.ts';
import {
  builtInPrices,
  dataPolicyOf,
  isPriceable,
  openCatalog,
  regionsOf,
} from '../../src/catalog/catalog.ts';
import type { Listing, Model } from '../../src/catalog/model.ts';
import { EVERYTHING } from './pricing.ts';

const SETTINGS = { baseUrl: 'http://127.0.0.1:9/v1', credential: 'k', privateNetwork: true };

function offer(
  id: string,
  base: string,
  upstreamModel: string,
  more: Partial<Model> = {},
): Listing {
  const model: Model = {
    id,
    base,
    name: id,
    aliases: ['big-latest'],
    provider: id.slice(0, id.indexOf('/')),
    upstreamModel,
    contextWindow: 1_000,
    maxOutputTokens: 100,
    modalities: { input: ['text'], output: ['text'] },
    capabilities: PLAIN_CHAT,
    ...more,
  };
  return { model, prices: [] };
}

/** Three providers that exist: the first two sell one model, two of them another each. */
const OFFERS = [
  offer('openai/big', 'openai/big', 'big-1'),
  offer('gemini/big', 'openai/big', 'models/big'),
  offer('gemini/small', 'google/small', 'small', { aliases: [] }),
  offer('anthropic/tiny', 'anthropic/tiny', 'small', { aliases: [] }),
];

function open(...providers: string[]) {
  return openCatalog(new Map(providers.map((id) => [id, SETTINGS])), OFFERS);
}

function idsOf(name: string, catalog = open('openai', 'gemini', 'anthropic')): string[] {
  return catalog.offers(name).map(({ model }) => model.id);
}

describe('a name of the catalogue', () => {
  test.each([
    ['the id of an offer', 'gemini/big', ['gemini/big']],
    ['the id of an offer that also names its model', 'openai/big', ['openai/big']],
    ['the bare name of a model', 'big', ['openai/big', 'gemini/big']],
    ['an alias', 'big-latest', ['openai/big', 'gemini/big']],
    ['an alias with the maker', 'openai/big-latest', ['openai/big', 'gemini/big']],
    ["a provider's own name for it", 'models/big', ['openai/big', 'gemini/big']],
    ['a model without aliases', 'google/small', ['gemini/small']],
    ['a name that two models have', 'small', []],
    ['a name that nobody has', 'huge', []],
    ['another notation', 'BIG', []],
    ['nothing', '', []],
  ])('that is %s means the right offers in their order', (_, name, ids) => {
    expect(idsOf(name)).toEqual(ids);
  });

  test('means only offers of providers that are on', () => {
    const catalog = open('gemini');
    expect(idsOf('big', catalog)).toEqual(['gemini/big']);
    // The model's own name outlives the offer of the same name; an offer's id does not.
    expect(idsOf('openai/big', catalog)).toEqual(['gemini/big']);
    expect(idsOf('anthropic/tiny', catalog)).toEqual([]);
    expect(idsOf('small', catalog)).toEqual(['gemini/small']);
    expect(catalog.models.map(({ id }) => id)).toEqual(['gemini/big', 'gemini/small']);
  });

  test.each([
    ['locations/global', ['vertex/g']],
    ['locations/global/', ['vertex/g']],
    ['locations/europe-west1', ['vertex/r']],
    ['locations/globally', ['vertex/r']],
    ['', ['vertex/r']],
  ])('means at an address of Vertex with %s the offer with its price', (place, ids) => {
    const settings = { ...SETTINGS, baseUrl: `https://x.example/v1/projects/p/${place}` };
    const offers = [
      offer('vertex/g', 'anthropic/c', 'c', { soldAt: 'global' }),
      offer('vertex/r', 'anthropic/c', 'c', { soldAt: 'regional' }),
    ];
    const catalog = openCatalog(new Map([['vertex', settings]]), offers);
    expect(idsOf('anthropic/c', catalog)).toEqual(ids);
    expect(catalog.models.map(({ id }) => id)).toEqual(ids);
  });

  test('means one route where one is asked for: the first offer', () => {
    const catalog = open('openai', 'gemini');
    expect(catalog.find('big')?.model.id).toBe('openai/big');
    expect(catalog.find('gemini/big')?.model.upstreamModel).toBe('models/big');
    expect(catalog.find('huge')).toBeUndefined();
  });

  test('of an open server is any name behind its own', () => {
    expect(idsOf('ollama/qwen3:8b', EVERYTHING)).toEqual(['ollama/qwen3:8b']);
    expect(idsOf('ollama/', EVERYTHING)).toEqual([]);
    expect(idsOf('ollama/qwen3')).toEqual([]);
  });

  test('of a real model reaches every provider of it, its snapshot and newest ones too', () => {
    const base = (name: string) => EVERYTHING.find(name)?.model.base;
    expect(base('claude-sonnet-latest')).toBe('anthropic/claude-sonnet-5-5');
    expect(base('claude-sonnet-4-5-20250929')).toBe('anthropic/claude-sonnet-4-5');
    expect(base('anthropic/claude-opus-4.8')).toBe('anthropic/claude-opus-4-8');
    expect(base('gpt-4o-2024-08-06')).toBe('openai/gpt-4o');
  });
});

describe('what the catalogue says of an offer', () => {
  const budget = { ...PLAIN_CHAT, reasoning: reasoning('budget') };
  const catalogOf = (more: Partial<Model>) =>
    openCatalog(new Map([['anthropic', SETTINGS]]), [
      offer('anthropic/a', 'anthropic/a', 'a', more),
    ]).find('a')!;

  test('how its model thinks becomes a quirk, beside the provider’s and under its own', () => {
    expect(catalogOf({ capabilities: budget }).quirks).toMatchObject({
      outputCapField: 'max_tokens',
      thinkingStyle: 'budget',
    });
    expect(catalogOf({}).quirks.thinkingStyle).toBe('none');
    expect(catalogOf({}).quirks.efforts).toEqual([]);
    const own = { capabilities: budget, quirks: { thinkingStyle: 'adaptive' } } as const;
    expect(catalogOf(own).quirks.thinkingStyle).toBe('adaptive');
  });

  test('its terms and regions are the provider’s unless it has its own', () => {
    expect(dataPolicyOf(catalogOf({}))).toEqual({
      trainsOnData: false,
      retentionDays: 30,
      zeroRetention: false,
    });
    const dataPolicy = { trainsOnData: true, retentionDays: 0 };
    expect(dataPolicyOf(catalogOf({ dataPolicy }))).toEqual({ ...dataPolicy, zeroRetention: true });
    expect(regionsOf(catalogOf({}))).toEqual(['us']);
    expect(regionsOf(catalogOf({ regions: ['eu'] }))).toEqual(['eu']);
  });

  test('Claude up to 4.5 thinks by a budget, later ones adaptively', () => {
    const style = (name: string) => EVERYTHING.find(name)?.quirks.thinkingStyle;
    expect(style('anthropic/claude-haiku-4-5')).toBe('budget');
    expect(style('anthropic/claude-sonnet-4-6')).toBe('adaptive');
    expect(style('openai/gpt-5')).toBeUndefined();
  });
});

describe('the price list of the program', () => {
  test('has no price of a provider that is not there', () => {
    const models = builtInPrices().prices.map(({ model }) => model);
    expect(models).toContain('openai/gpt-4o');
    expect(models).toContain('ollama/*');
    expect(models.filter((model) => !isPriceable(model))).toEqual([]);
    expect(isPriceable('nowhere/gpt-4o')).toBe(false);
  });
});
