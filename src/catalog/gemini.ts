// Google's Gemini models and list prices, https://ai.google.dev/gemini-api/docs/pricing. The Pro
// models cost more, whole request, above 200 000 prompt tokens.

import type { Listing } from './model.ts';
import type { PublishedRates } from './rates.ts';

const SINCE = '2026-11-23';
const LONG_PROMPT = 200_000;
const CONTEXT_WINDOW = 1_048_576;
const MAX_OUTPUT_TOKENS = 65_536;

function model(
  upstreamModel: string,
  name: string,
  rates: PublishedRates,
  longRates?: PublishedRates,
): Listing {
  const id = `gemini/${upstreamModel}`;
  return {
    model: {
      id,
      name,
      provider: 'gemini',
      upstreamModel,
      contextWindow: CONTEXT_WINDOW,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
    },
    price: {
      model: id,
      effectiveFrom: SINCE,
      rates,
      ...(longRates && { longContext: [{ above: LONG_PROMPT, rates: longRates }] }),
    },
  };
}

export const GEMINI_LISTINGS: readonly Listing[] = Object.freeze([
  model('gemini-3.8-flash', 'Gemini 3.8 Flash', {
    input: '0.75',
    cacheRead: '0.075',
    output: '3.75',
  }),
  model('gemini-3.5-flash', 'Gemini 3.5 Flash', {
    input: '1.5',
    cacheRead: '0.15',
    output: '9',
  }),
  model(
    'gemini-3.1-pro-preview',
    'Gemini 3.1 Pro Preview',
    { input: '2', cacheRead: '0.2', output: '12' },
    { input: '4', cacheRead: '0.4', output: '18' },
  ),
  model('gemini-3.1-flash-lite', 'Gemini 3.1 Flash Lite', {
    input: '0.25',
    cacheRead: '0.025',
    output: '1.5',
  }),
  model(
    'gemini-2.5-pro',
    'Gemini 2.5 Pro',
    { input: '1.25', cacheRead: '0.125', output: '10' },
    { input: '2.5', cacheRead: '0.25', output: '15' },
  ),
  model('gemini-2.5-flash-lite', 'Gemini 2.5 Flash Lite', {
    input: '0.1',
    cacheRead: '0.01',
    output: '0.4',
  }),
  model('gemini-2.5-flash', 'Gemini 2.5 Flash', {
    input: '0.3',
    cacheRead: '0.03',
    output: '2.5',
  }),
]);
