// Holds every provider to docs/adding-a-provider.md, and shows that each omission is seen.

import { describe, expect, it } from 'vitest';
import { builtInPrices } from '../../src/catalog/catalog.ts';
import { PROVIDERS } from '../../src/providers/list.ts';
import { findProviderFaults } from './providers.ts';
import { readTree } from './tree.ts';

it('every provider is a file of data with a stream and a price', () => {
  const tree = new Map([...readTree('src/providers'), ...readTree('test/protocols/fixtures')]);
  const priced = builtInPrices().prices.map(({ model }) => model);
  expect(findProviderFaults(PROVIDERS, priced, tree)).toEqual([]);
});

it('every file of a provider is in the list', () => {
  const files = [...readTree('src/providers')].filter(([, text]) => text.includes('<Provider>'));
  const ids = files.map(([path]) => path.replace(/^.*\/|\.ts$/g, ''));
  expect(ids.toSorted()).toEqual(PROVIDERS.map(({ id }) => id).toSorted());
});

describe('the checker of providers', () => {
  const provider = { id: 'p', protocols: ['openai-chat'], openCatalog: false };
  const file = 'src/providers/p.ts';
  const stream = 'test/protocols/fixtures/providers/p.txt';
  const whole: [string, string][] = [
    [file, 'Object.freeze({})'],
    [stream, ''],
  ];
  const find = (tree: [string, string][], priced = ['p/m'], more = {}) =>
    findProviderFaults([{ ...provider, ...more }], priced, new Map(tree));

  it('has nothing against a whole one', () => {
    expect(find(whole)).toEqual([]);
    expect(find(whole, [], { openCatalog: true })).toEqual([]);
    expect(find(whole.slice(0, 1), ['p/m'], { protocols: ['gemini'] })).toEqual([]);
  });

  it('lets an exception be one, as long as it is one', () => {
    const exceptions = new Map([['p', 'why']]);
    const tree = new Map(whole);
    expect(findProviderFaults([provider], [], tree, exceptions)).toEqual([]);
    expect(findProviderFaults([provider], ['p/m'], tree, exceptions)).toHaveLength(1);
  });

  it.each<[string, [string, string][], string[]]>([
    ['a missing file', whole.slice(1), ['p/m']],
    ['a missing stream', whole.slice(0, 1), ['p/m']],
    ['a missing price', whole, ['pp/m']],
    ['a file that is not frozen', [[file, '{}'], ...whole.slice(1)], ['p/m']],
    [
      'a file that is too long',
      [[file, `Object.freeze${'\n'.repeat(60)}`], ...whole.slice(1)],
      ['p/m'],
    ],
  ])('sees %s', (_, tree, priced) => {
    expect(find(tree, priced)).toHaveLength(1);
  });
});
