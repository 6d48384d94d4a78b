// OpenAI's models and list prices, https://platform.openai.com/docs/pricing. From GPT-5.6 on, cache
// writes cost 1.25 times the input and the service tiers have prices; above 272 000 prompt tokens the
// whole request costs more.

import type { ReasoningEffort } from '../chat/request.ts';
import type { Listing } from './model.ts';
import type { PublishedRates } from './rates.ts';

const SINCE = '2026-11-23';
const LONG_PROMPT = 272_000;
/** Half the price for answers that may take their time, twice the price for those that must not. */
const SERVICE_TIERS = { flex: '0.5', priority: '2' };

/** The efforts of models that do not know all of them; those that never think know none. */
const EFFORTS: readonly (readonly [RegExp, readonly ReasoningEffort[]])[] = [
  [/^gpt-4/, []],
  [/^o\d/, ['low', 'medium', 'high']],
  [/^gpt-5(-mini)?$/, ['minimal', 'low', 'medium', 'high']],
];

function model(
  upstreamModel: string,
  name: string,
  contextWindow: number,
  maxOutputTokens: number,
  rates: PublishedRates,
  longRates?: PublishedRates,
): Listing {
  const id = `openai/${upstreamModel}`;
  const efforts = EFFORTS.find(([names]) => names.test(upstreamModel))?.[1];
  return {
    model: {
      id,
      name,
      provider: 'openai',
      upstreamModel,
      contextWindow,
      maxOutputTokens,
      quirks: {
        ...(efforts && { efforts }),
        ...(upstreamModel.startsWith('gpt-4') && { neverReasons: true }),
      },
    },
    price: {
      model: id,
      effectiveFrom: SINCE,
      rates,
      ...(longRates && { longContext: [{ above: LONG_PROMPT, rates: longRates }] }),
      ...(/^gpt-(6|5\.6)-/.test(upstreamModel) && { serviceTiers: SERVICE_TIERS }),
    },
  };
}

export const OPENAI_LISTINGS: readonly Listing[] = Object.freeze([
  model(
    'gpt-6-astra',
    'GPT-6 Astra',
    1_050_000,
    128_000,
    { input: '10', cacheRead: '1', cacheWrite: '12.5', output: '50' },
    { input: '20', cacheRead: '2', cacheWrite: '25', output: '75' },
  ),
  model(
    'gpt-6-sol',
    'GPT-6 Sol',
    1_050_000,
    128_000,
    { input: '2', cacheRead: '0.2', cacheWrite: '2.5', output: '10' },
    { input: '4', cacheRead: '0.4', cacheWrite: '5', output: '15' },
  ),
  model(
    'gpt-6-luna',
    'GPT-6 Luna',
    1_050_000,
    128_000,
    { input: '0.1', cacheRead: '0.01', cacheWrite: '0.125', output: '0.5' },
    { input: '0.2', cacheRead: '0.02', cacheWrite: '0.25', output: '0.75' },
  ),
  model(
    'gpt-5.6-sol',
    'GPT-5.6 Sol',
    400_000,
    128_000,
    { input: '4', cacheRead: '0.4', cacheWrite: '5', output: '20' },
    { input: '8', cacheRead: '0.8', cacheWrite: '10', output: '30' },
  ),
  model(
    'gpt-5.6-terra',
    'GPT-5.6 Terra',
    400_000,
    128_000,
    { input: '2', cacheRead: '0.2', cacheWrite: '2.5', output: '12' },
    { input: '4', cacheRead: '0.4', cacheWrite: '5', output: '18' },
  ),
  model(
    'gpt-5.6-luna',
    'GPT-5.6 Luna',
    328_000,
    128_000,
    { input: '0.2', cacheRead: '0.02', cacheWrite: '0.25', output: '1.2' },
    { input: '0.4', cacheRead: '0.04', cacheWrite: '0.5', output: '1.8' },
  ),
  model(
    'gpt-5.5',
    'GPT-5.5',
    400_000,
    128_000,
    { input: '5', cacheRead: '0.5', output: '30' },
    { input: '10', cacheRead: '1', output: '45' },
  ),
  model(
    'gpt-5.4',
    'GPT-5.4',
    400_000,
    128_000,
    { input: '2.5', cacheRead: '0.25', output: '15' },
    { input: '5', cacheRead: '0.5', output: '22.5' },
  ),
  model('gpt-5.4-mini', 'GPT-5.4 mini', 400_000, 128_000, {
    input: '0.75',
    cacheRead: '0.075',
    output: '4.5',
  }),
  model('gpt-5.4-nano', 'GPT-5.4 nano', 400_000, 128_000, {
    input: '0.2',
    cacheRead: '0.02',
    output: '1.25',
  }),
  model('gpt-5', 'GPT-5', 400_000, 128_000, { input: '1.25', cacheRead: '0.125', output: '10' }),
  model('gpt-5-mini', 'GPT-5 mini', 400_000, 128_000, {
    input: '0.25',
    cacheRead: '0.025',
    output: '2',
  }),
  model('gpt-4.1', 'GPT-4.1', 1_047_576, 32_768, { input: '2', cacheRead: '0.5', output: '8' }),
  model('gpt-4.1-mini', 'GPT-4.1 mini', 1_047_576, 32_768, {
    input: '0.4',
    cacheRead: '0.1',
    output: '1.6',
  }),
  model('gpt-4o', 'GPT-4o', 128_000, 16_384, { input: '2.5', cacheRead: '1.25', output: '10' }),
  model('gpt-4o-mini', 'GPT-4o mini', 128_000, 16_384, {
    input: '0.15',
    cacheRead: '0.075',
    output: '0.6',
  }),
  model('o3', 'o3', 200_000, 100_000, { input: '2', cacheRead: '0.5', output: '8' }),
  model('o4-mini', 'o4-mini', 200_000, 100_000, {
    input: '1.1',
    cacheRead: '0.275',
    output: '4.4',
  }),
]);
