// Cohere's models and list prices, https://cohere.com/pricing. Reads of its cache have no price of
// their own. The models of this list do not think; those that do have no list price.

import type { Listing } from './model.ts';
import type { PublishedRates } from './rates.ts';

const SINCE = '2026-11-23';

function model(
  upstreamModel: string,
  name: string,
  contextWindow: number,
  maxOutputTokens: number,
  rates: PublishedRates,
): Listing {
  const id = `cohere/${upstreamModel}`;
  const limits = { contextWindow, maxOutputTokens };
  const quirks = { thinkingStyle: 'none' as const };
  return {
    model: { id, name, provider: 'cohere', upstreamModel, ...limits, quirks },
    price: { model: id, effectiveFrom: SINCE, rates },
  };
}

export const COHERE_LISTINGS: readonly Listing[] = Object.freeze([
  model('command-a-03-2025', 'Command A', 256_000, 8_000, { input: '2.5', output: '10' }),
  model('command-r7b-12-2024', 'Command R7B', 128_000, 4_000, { input: '0.0375', output: '0.15' }),
  model('command-r-08-2024', 'Command R', 128_000, 4_000, { input: '0.15', output: '0.6' }),
  model('command-r-plus-08-2024', 'Command R+', 128_000, 4_000, { input: '2.5', output: '10' }),
]);
