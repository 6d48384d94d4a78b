// Models on Amazon Bedrock and list prices, https://aws.amazon.com/bedrock/pricing/. A `us.` profile
// keeps requests in the United States and costs a tenth more than the `global.` one of its model.

import type { Quirks } from '../protocols/protocol.ts';
import type { Listing } from './model.ts';
import type { PublishedRates } from './rates.ts';

const SINCE = '2026-11-23';

interface Limits {
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
}

function model(
  upstreamModel: string,
  name: string,
  limits: Limits,
  quirks: Partial<Quirks>,
  rates: PublishedRates,
): Listing {
  const id = `bedrock/${upstreamModel}`;
  return {
    model: {
      id,
      name,
      provider: 'bedrock',
      upstreamModel,
      ...limits,
      quirks,
    },
    price: { model: id, effectiveFrom: SINCE, rates },
  };
}

interface Claude extends Limits {
  readonly name: string;
  readonly thinkingStyle: 'adaptive' | 'budget';
}

/** Under both profiles. */
function claude(
  profiled: string,
  { name, thinkingStyle, ...limits }: Claude,
  globalRates: PublishedRates,
  usRates: PublishedRates,
): readonly Listing[] {
  const quirks = { thinkingStyle, cachePoints: true };
  return [
    model(`global.anthropic.${profiled}`, `${name} (Bedrock)`, limits, quirks, globalRates),
    model(`us.anthropic.${profiled}`, `${name} (Bedrock, US)`, limits, quirks, usRates),
  ];
}

const LONG = { contextWindow: 1_000_000, maxOutputTokens: 128_000 };
const MIDDLE = { contextWindow: 200_000, maxOutputTokens: 64_000 };

export const BEDROCK_LISTINGS: readonly Listing[] = Object.freeze([
  ...claude(
    'claude-opus-5-5',
    { name: 'Claude Opus 5.5', thinkingStyle: 'adaptive', ...LONG },
    { input: '4', cacheRead: '0.2', cacheWrite5m: '5', cacheWrite1h: '8', output: '20' },
    { input: '4.4', cacheRead: '0.22', cacheWrite5m: '5.5', cacheWrite1h: '8.8', output: '22' },
  ),
  ...claude(
    'claude-opus-5',
    { name: 'Claude Opus 5', thinkingStyle: 'adaptive', ...LONG },
    { input: '5', cacheRead: '0.5', cacheWrite5m: '6.25', cacheWrite1h: '10', output: '25' },
    { input: '5.5', cacheRead: '0.55', cacheWrite5m: '6.875', cacheWrite1h: '11', output: '27.5' },
  ),
  ...claude(
    'claude-sonnet-5',
    { name: 'Claude Sonnet 5', thinkingStyle: 'adaptive', ...LONG },
    { input: '2', cacheRead: '0.2', cacheWrite5m: '2.5', cacheWrite1h: '4', output: '10' },
    { input: '2.2', cacheRead: '0.22', cacheWrite5m: '2.75', cacheWrite1h: '4.4', output: '11' },
  ),
  ...claude(
    'claude-sonnet-4-5-20250929-v1:0',
    { name: 'Claude Sonnet 4.5', thinkingStyle: 'budget', ...MIDDLE },
    { input: '3', cacheRead: '0.3', cacheWrite5m: '3.75', cacheWrite1h: '6', output: '15' },
    { input: '3.3', cacheRead: '0.33', cacheWrite5m: '4.125', cacheWrite1h: '6.6', output: '16.5' },
  ),
  ...claude(
    'claude-haiku-4-5-20251001-v1:0',
    { name: 'Claude Haiku 4.5', thinkingStyle: 'budget', ...MIDDLE },
    { input: '1', cacheRead: '0.1', cacheWrite5m: '1.25', cacheWrite1h: '2', output: '5' },
    { input: '1.1', cacheRead: '0.11', cacheWrite5m: '1.375', cacheWrite1h: '2.2', output: '5.5' },
  ),
  // What Amazon's own caches cost to write is not listed, so they are not asked for.
  model(
    'amazon.nova-pro-v1:0',
    'Amazon Nova Pro',
    { contextWindow: 300_000, maxOutputTokens: 10_000 },
    {},
    { input: '0.8', cacheRead: '0.2', output: '3.2' },
  ),
  model(
    'amazon.nova-lite-v1:0',
    'Amazon Nova Lite',
    { contextWindow: 300_000, maxOutputTokens: 10_000 },
    {},
    { input: '0.06', cacheRead: '0.015', output: '0.24' },
  ),
  model(
    'amazon.nova-micro-v1:0',
    'Amazon Nova Micro',
    { contextWindow: 128_000, maxOutputTokens: 10_000 },
    {},
    { input: '0.035', cacheRead: '0.00875', output: '0.14' },
  ),
]);
