// The sandbox provider's models, priced like real ones, so that a demo or a test sees real sums.

import type { DirectProtocolId } from '../protocols/protocol.ts';
import {
  type DirectModelId,
  SANDBOX_DIRECT_MODELS,
  SANDBOX_MAX_OUTPUT_TOKENS,
  SANDBOX_MODELS,
} from '../sandbox/models.ts';
import type { Listing, Model } from './model.ts';
import type { PublishedRates } from './rates.ts';

const SINCE = '2026-11-23';
const RATES = { input: '2', cacheRead: '0.2', output: '10' };

type Served = readonly [PublishedRates, ...DirectProtocolId[]];

const DIRECT: Readonly<Record<DirectModelId, Served>> = {
  embed: [{ input: '0.02', output: 'free' }, 'openai-embeddings'],
  image: [{ image: '0.04' }, 'openai-images', 'openai-image-edits', 'openai-image-variations'],
  moderate: [{ input: 'free', output: 'free' }, 'openai-moderations'],
  rerank: [{ searchUnit: '0.002' }, 'rerank'],
  speech: [{ millionCharacters: '15' }, 'openai-speech'],
  transcribe: [{ audioMinute: '0.006' }, 'openai-transcriptions', 'openai-translations'],
};

function list(
  id: string,
  rates: PublishedRates,
  more: Pick<Model, 'contextWindow' | 'maxOutputTokens'> & Partial<Model>,
): Listing {
  const name = `sandbox/${id}`;
  return {
    model: {
      id: name,
      name: `Sandbox ${id}`,
      provider: 'sandbox',
      upstreamModel: id,
      ...more,
    },
    price: { model: name, effectiveFrom: SINCE, rates },
  };
}

export const SANDBOX_LISTINGS: readonly Listing[] = Object.freeze([
  ...SANDBOX_MODELS.map(({ id }) =>
    list(id, RATES, { contextWindow: 200_000, maxOutputTokens: SANDBOX_MAX_OUTPUT_TOKENS }),
  ),
  ...SANDBOX_DIRECT_MODELS.map(({ id }) => {
    const [rates, ...protocols] = DIRECT[id];
    const contextWindow = 'input' in rates ? 200_000 : 0;
    return list(id, rates, { protocols, contextWindow, maxOutputTokens: 0 });
  }),
]);
