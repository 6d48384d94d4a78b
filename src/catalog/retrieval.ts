// Models of providers that sell search rather than conversations: embeddings and rerank, by Cohere's
// published list, https://cohere.com/pricing, and Voyage's, https://docs.voyageai.com/docs/pricing.

import type { Listing, Model } from './model.ts';
import type { PublishedRates } from './rates.ts';

const SINCE = '2026-11-23';

type Served = Pick<Model, 'provider' | 'protocols' | 'contextWindow'>;

/** A call embeds at most 96 texts, each of which may have 128 000 tokens. */
const COHERE_EMBED: Served = {
  provider: 'cohere',
  protocols: ['cohere-embeddings'],
  contextWindow: 12_288_000,
};
const COHERE_RERANK: Served = {
  provider: 'cohere',
  protocols: ['cohere-rerank'],
  contextWindow: 0,
};
/** Of one request: the query once for each document, and all documents. */
const VOYAGE_RERANK: Served = {
  provider: 'voyage',
  protocols: ['voyage-rerank'],
  contextWindow: 600_000,
};

function model(
  upstreamModel: string,
  name: string,
  served: Served,
  rates: PublishedRates,
): Listing {
  const id = `${served.provider}/${upstreamModel}`;
  return {
    model: { id, name, upstreamModel, ...served, maxOutputTokens: 0 },
    price: { model: id, effectiveFrom: SINCE, rates },
  };
}

export const RETRIEVAL_LISTINGS: readonly Listing[] = Object.freeze([
  model('embed-v4.0', 'Embed 4', COHERE_EMBED, { input: '0.12', output: 'free' }),
  model('rerank-v3.5', 'Rerank 3.5', COHERE_RERANK, { searchUnit: '0.002' }),
  model('rerank-2.5', 'Rerank 2.5', VOYAGE_RERANK, { input: '0.05', output: 'free' }),
  model('rerank-2.5-lite', 'Rerank 2.5 lite', VOYAGE_RERANK, { input: '0.02', output: 'free' }),
]);
