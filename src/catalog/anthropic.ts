// Anthropic's models and list prices, https://www.anthropic.com/pricing. Cache reads are no constant
// share of the input price any more, so every class is written out.

import type { Quirks } from '../protocols/protocol.ts';
import type { Listing } from './model.ts';
import type { LongContextDraft } from './price-list.ts';
import type { PublishedRates } from './rates.ts';

const SINCE = '2026-11-23';

/** What a generation of models takes, https://docs.anthropic.com/en/docs/build-with-claude/effort. */
const FAMILIES = {
  /** Told to think by a budget. */
  budget: { thinkingStyle: 'budget' },
  /** The first that think adaptively, and the last that take a temperature. */
  adaptive: { efforts: ['none', 'low', 'medium', 'high', 'max'] },
  current: { refusesSampling: true },
  /** Their thinking cannot be turned off. */
  thinking: { refusesSampling: true, efforts: ['low', 'medium', 'high', 'xhigh', 'max'] },
} as const satisfies Record<string, Partial<Quirks>>;

function model(
  upstreamModel: string,
  family: keyof typeof FAMILIES,
  name: string,
  contextWindow: number,
  maxOutputTokens: number,
  rates: PublishedRates,
  longContext?: LongContextDraft,
): Listing {
  const id = `anthropic/${upstreamModel}`;
  const limits = { contextWindow, maxOutputTokens };
  return {
    model: { id, name, provider: 'anthropic', upstreamModel, ...limits, quirks: FAMILIES[family] },
    price: {
      model: id,
      effectiveFrom: SINCE,
      rates,
      ...(longContext && { longContext: [longContext] }),
    },
  };
}

export const ANTHROPIC_LISTINGS: readonly Listing[] = Object.freeze([
  model('claude-fable-5-1', 'thinking', 'Claude Fable 5.1', 1_000_000, 128_000, {
    input: '10',
    cacheRead: '0.25',
    cacheWrite5m: '12.5',
    cacheWrite1h: '20',
    output: '50',
  }),
  model('claude-opus-5-5', 'thinking', 'Claude Opus 5.5', 1_000_000, 128_000, {
    input: '4',
    cacheRead: '0.2',
    cacheWrite5m: '5',
    cacheWrite1h: '8',
    output: '20',
  }),
  model('claude-opus-5', 'current', 'Claude Opus 5', 1_000_000, 128_000, {
    input: '5',
    cacheRead: '0.5',
    cacheWrite5m: '6.25',
    cacheWrite1h: '10',
    output: '25',
  }),
  model('claude-opus-4-8', 'current', 'Claude Opus 4.8', 1_000_000, 128_000, {
    input: '5',
    cacheRead: '0.5',
    cacheWrite5m: '6.25',
    cacheWrite1h: '10',
    output: '25',
  }),
  model('claude-sonnet-5', 'current', 'Claude Sonnet 5', 1_000_000, 128_000, {
    input: '2',
    cacheRead: '0.2',
    cacheWrite5m: '2.5',
    cacheWrite1h: '4',
    output: '10',
  }),
  model('claude-sonnet-4-6', 'adaptive', 'Claude Sonnet 4.6', 1_000_000, 64_000, {
    input: '3',
    cacheRead: '0.3',
    cacheWrite5m: '3.75',
    cacheWrite1h: '6',
    output: '15',
  }),
  model(
    'claude-sonnet-4-5',
    'budget',
    'Claude Sonnet 4.5',
    1_000_000,
    64_000,
    { input: '3', cacheRead: '0.3', cacheWrite5m: '3.75', cacheWrite1h: '6', output: '15' },
    {
      above: 200_000,
      rates: {
        input: '6',
        cacheRead: '0.6',
        cacheWrite5m: '7.5',
        cacheWrite1h: '12',
        output: '22.5',
      },
    },
  ),
  model('claude-haiku-4-5', 'budget', 'Claude Haiku 4.5', 200_000, 64_000, {
    input: '1',
    cacheRead: '0.1',
    cacheWrite5m: '1.25',
    cacheWrite1h: '2',
    output: '5',
  }),
]);
