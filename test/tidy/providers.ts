// The rules of providers: each is a file of data, with a stream in its dialect and a price.

import type { Tree } from './tree.ts';

interface Provider {
  readonly id: string;
  readonly protocols: readonly string[];
  readonly openCatalog: boolean;
}

/** Providers that sell nothing as yet, and why. */
export const WITHOUT_PRICES: ReadonlyMap<string, string> = new Map();

const MAX_LINES = 40;
const STREAMED = 'openai-chat';

/** What is missing of each provider; `priced` are the ids of the models that have a price. */
export function findProviderFaults(
  providers: readonly Provider[],
  priced: readonly string[],
  tree: Tree,
  unpriced: ReadonlyMap<string, string> = WITHOUT_PRICES,
): string[] {
  return providers.flatMap(({ id, protocols, openCatalog }) => {
    const file = `src/providers/${id}.ts`;
    const stream = `test/protocols/fixtures/providers/${id}.txt`;
    const text = tree.get(file);
    const isPriced = openCatalog || priced.some((model) => model.startsWith(`${id}/`));
    return [
      ...(text === undefined ? [`${id} has no file of its own`] : []),
      ...((text ?? '').split('\n').length > MAX_LINES + 1 ? [`${file} is no mere data`] : []),
      ...(/Object\.freeze/.test(text ?? 'Object.freeze') ? [] : [`${file} is not frozen`]),
      ...(protocols.includes(STREAMED) && !tree.has(stream) ? [`${id} has no stream`] : []),
      ...(isPriced || unpriced.has(id) ? [] : [`${id} has no model with a price`]),
      ...(isPriced && unpriced.has(id) ? [`${id} is no exception any more`] : []),
    ];
  });
}
