// The sandbox provider's models, priced like real ones, so that a demo or a test sees real sums.

import type { DirectProtocolId } from '../protocols/protocol.ts';
import {
  type DirectModelId,
  SANDBOX_DIRECT_MODELS,
  SANDBOX_MAX_OUTPUT_TOKENS,
  SANDBOX_MODELS,
} from '../sandbox/models.ts';
import { type Modality, NO_CONVERSATION, PLAIN_CHAT, reasoning } from './capabilities.ts';
import type { Listing, Model } from './model.ts';
import type { PublishedRates } from './rates.ts';

const SINCE = '2026-11-23';
const RATES = { input: '2', cacheRead: '0.2', output: '10' };

interface Direct {
  readonly protocols: readonly DirectProtocolId[];
  readonly rates: PublishedRates;
  readonly input: Modality;
  readonly output: Modality;
}

const DIRECT: Readonly<Record<DirectModelId, Direct>> = {
  embed: {
    protocols: ['openai-embeddings'],
    rates: { input: '0.02', output: 'free' },
    input: 'text',
    output: 'vector',
  },
  image: {
    protocols: ['openai-images', 'openai-image-edits', 'openai-image-variations'],
    rates: { image: '0.04' },
    input: 'text',
    output: 'image',
  },
  moderate: {
    protocols: ['openai-moderations'],
    rates: { input: 'free', output: 'free' },
    input: 'text',
    output: 'text',
  },
  rerank: { protocols: ['rerank'], rates: { searchUnit: '0.002' }, input: 'text', output: 'text' },
  speech: {
    protocols: ['openai-speech'],
    rates: { millionCharacters: '15' },
    input: 'text',
    output: 'audio',
  },
  transcribe: {
    protocols: ['openai-transcriptions', 'openai-translations'],
    rates: { audioMinute: '0.006' },
    input: 'audio',
    output: 'text',
  },
};

type Facts = Pick<Model, 'contextWindow' | 'maxOutputTokens' | 'modalities' | 'capabilities'> &
  Partial<Model>;

function list(upstreamModel: string, rates: PublishedRates, facts: Facts): Listing {
  const id = `sandbox/${upstreamModel}`;
  const name = `Sandbox ${upstreamModel}`;
  const who = { id, base: id, name, aliases: [], provider: 'sandbox', upstreamModel };
  return {
    model: Object.freeze({ ...who, ...facts }),
    prices: [{ model: id, effectiveFrom: SINCE, rates }],
  };
}

export const SANDBOX_LISTINGS: readonly Listing[] = Object.freeze([
  ...SANDBOX_MODELS.map(({ id }) =>
    list(id, RATES, {
      contextWindow: 200_000,
      maxOutputTokens: SANDBOX_MAX_OUTPUT_TOKENS,
      modalities: { input: ['text', 'image'], output: ['text'] },
      capabilities: {
        ...PLAIN_CHAT,
        structuredOutput: 'schema',
        promptCaching: 'automatic',
        reasoning: reasoning('effort', ['low', 'medium', 'high', 'xhigh', 'max']),
      },
    }),
  ),
  ...SANDBOX_DIRECT_MODELS.map(({ id }) => {
    const { protocols, rates, input, output } = DIRECT[id];
    return list(id, rates, {
      protocols,
      contextWindow: 'input' in rates ? 200_000 : 0,
      maxOutputTokens: 0,
      modalities: { input: [input], output: [output] },
      capabilities: NO_CONVERSATION,
    });
  }),
]);
