// OpenAI's models that are no conversations, by its published list, https://platform.openai.com/docs/pricing.
// Left out are those whose audio and text tokens differ in price, for which there is one class here.

import type { DirectProtocolId } from '../protocols/protocol.ts';
import type { Listing, Model } from './model.ts';
import type { PublishedRates } from './rates.ts';

const SINCE = '2026-11-23';

type Limits = Pick<Model, 'contextWindow' | 'maxOutputTokens'>;

const NO_TOKENS: Limits = { contextWindow: 0, maxOutputTokens: 0 };

function model(
  upstreamModel: string,
  name: string,
  protocols: readonly DirectProtocolId[],
  limits: Limits,
  rates: PublishedRates,
): Listing {
  const id = `openai/${upstreamModel}`;
  return {
    model: { id, name, provider: 'openai', upstreamModel, protocols, ...limits },
    price: { model: id, effectiveFrom: SINCE, rates },
  };
}

/** Of one request over all its inputs, each of which may have 8 192. */
const EMBEDDING_LIMITS: Limits = { contextWindow: 300_000, maxOutputTokens: 0 };

/**
 * A prompt has at most 32 000 characters of at most four bytes. The dearest image of the list costs
 * $0.052, which are 6 500 tokens; each of at most three previews in a stream is 100 more.
 */
const IMAGE_LIMITS: Limits = { contextWindow: 128_000, maxOutputTokens: 8_192 };

/** Nothing is held for what is free. */
const MODERATION_LIMITS: Limits = { contextWindow: 32_768, maxOutputTokens: 0 };

export const OPENAI_DIRECT_LISTINGS: readonly Listing[] = Object.freeze([
  model('text-embedding-3-small', 'Embedding 3 small', ['openai-embeddings'], EMBEDDING_LIMITS, {
    input: '0.02',
    output: 'free',
  }),
  model('text-embedding-3-large', 'Embedding 3 large', ['openai-embeddings'], EMBEDDING_LIMITS, {
    input: '0.13',
    output: 'free',
  }),
  model(
    'gpt-image-1-mini',
    'GPT Image 1 mini',
    ['openai-images', 'openai-image-edits'],
    IMAGE_LIMITS,
    {
      input: '2',
      cacheRead: '0.2',
      output: '8',
    },
  ),
  model('tts-1', 'TTS 1', ['openai-speech'], NO_TOKENS, { millionCharacters: '15' }),
  model('whisper-1', 'Whisper 1', ['openai-transcriptions', 'openai-translations'], NO_TOKENS, {
    audioMinute: '0.006',
  }),
  model('omni-moderation-latest', 'Omni moderation', ['openai-moderations'], MODERATION_LIMITS, {
    input: 'free',
    output: 'free',
  }),
]);
