// A price is one version of what a model costs: tiers of rates by the service tier in which it was
// served and by the length of its prompt. A length tier is a cliff: once the whole prompt, cache
// reads and writes included, passes its threshold, all of the request costs that tier's rates.

import { type Nanos, roundUpNanos } from '../base/money.ts';
import {
  NO_UNITS,
  TOKEN_CLASSES,
  UNIT_CLASSES,
  type MediaKind,
  type TokenClass,
  type UnitClass,
  type Usage,
  inputTokens,
} from '../chat/usage.ts';
import type { Rates } from './rates.ts';

export interface PriceTier {
  /** Names these rates for ever: usage records point to it, receipts explain themselves by it. */
  readonly priceId: string;
  /** Undefined is the standard tier. */
  readonly serviceTier: string | undefined;
  /** The tier holds for prompts of more tokens than this. */
  readonly abovePromptTokens: number;
  readonly rates: Rates;
}

export interface Price {
  /** `openai/gpt-5@2026-11-23`: the model and the date from which it holds. */
  readonly version: string;
  /** The hub's model, or `provider/*` for every model of the operator's own server. */
  readonly model: string;
  readonly effectiveFromMs: number;
  /** By service tier the lowest threshold first, which is 0; the standard tier comes first. */
  readonly tiers: readonly PriceTier[];
}

/** What holds for one request from its admission to its receipt, whatever is published meanwhile. */
export interface Quote {
  /** The hub's model that the price is of. */
  readonly modelId: string;
  readonly price: Price;
  /** What the operator adds to the list price, in basis points. */
  readonly markupBps: number;
  /**
   * What the operator takes, in basis points of the list price, where the customer's own credential
   * serves: in the place of price and markup, for the provider bills the customer.
   */
  readonly feeBps?: number;
  /** The instant of admission. */
  readonly atMs: number;
}

export type Quantities = Pick<Usage, 'tokens' | 'units'> & Partial<Pick<Usage, 'serviceTier'>>;

/** The tier for a prompt of this length; undefined where the service tier is not sold. */
export function tierFor(
  price: Price,
  serviceTier: string | undefined,
  promptTokens: number,
): PriceTier | undefined {
  let found: PriceTier | undefined;
  for (const tier of price.tiers) {
    if (tier.serviceTier !== serviceTier) continue;
    if (found === undefined || promptTokens > tier.abovePromptTokens) found = tier;
  }
  return found;
}

const WHOLE_BPS = 10_000;

export interface Cost {
  readonly priceId: string;
  /** By the list price alone: what the provider will invoice to the hub. */
  readonly providerCostNanos: Nanos;
  /** With the operator's markup, or the fee alone: what the customer pays. */
  readonly costNanos: Nanos;
}

/**
 * What these quantities cost: every class at its rate, the markup on the sum, one rounding, upwards.
 * Undefined where a class or the service tier among them is not sold.
 */
export function costOf(
  quote: Pick<Quote, 'price' | 'markupBps' | 'feeBps'>,
  quantities: Quantities,
): Cost | undefined {
  const tier = tierFor(quote.price, quantities.serviceTier, inputTokens(quantities.tokens));
  const femtos = tier && femtosOf(tier.rates, quantities);
  if (femtos === undefined) return undefined;
  const listNanos = roundUpNanos(femtos, 0);
  const addedBps = addedTo(quote);
  return {
    priceId: tier?.priceId ?? '',
    providerCostNanos: quote.feeBps === undefined ? listNanos : 0n,
    costNanos: addedBps === 0 ? listNanos : roundUpNanos(femtos, addedBps),
  };
}

/** What the customer pays beyond the list price, in basis points; a fee is less than that price. */
export function addedTo({ markupBps, feeBps }: Pick<Quote, 'markupBps' | 'feeBps'>): number {
  return feeBps === undefined ? markupBps : feeBps - WHOLE_BPS;
}

/** The exact sum in 10^-15 dollars; undefined where a class of it is not sold. */
function femtosOf(rates: Rates, { tokens, units }: Quantities): bigint | undefined {
  let sum = 0n;
  for (const name of TOKEN_CLASSES) {
    if (tokens[name] === 0) continue;
    const rate = rates[name];
    if (rate === undefined) return undefined;
    sum += BigInt(tokens[name]) * rate;
  }
  if (units === NO_UNITS) return sum;
  for (const name of UNIT_CLASSES) {
    if (units[name] === 0) continue;
    const rate = rates[name];
    if (rate === undefined) return undefined;
    sum += BigInt(units[name]) * rate;
  }
  return sum;
}

export interface WorstRates {
  /** The dearest rate that a token of text in this prompt can have. */
  readonly input: Nanos;
  readonly output: Nanos;
  /** Those of sound and pictures, cached or not. */
  readonly media: Readonly<Record<MediaKind, Nanos>>;
  readonly units: Readonly<Record<UnitClass, Nanos>>;
}

/** Of prices with the standard tier only, which most are: it is the dearest for every prompt. */
const onlyRates = new WeakMap<Price, WorstRates>();

/** The dearest rates that a prompt of at most `promptTokens` can meet in any of these tiers. */
export function worstRates(
  price: Price,
  serviceTiers: ReadonlySet<string | undefined>,
  promptTokens: number,
): WorstRates {
  const [tier] = price.tiers;
  if (price.tiers.length > 1 || tier?.serviceTier !== undefined) {
    return dearestRates(price, serviceTiers, promptTokens);
  }
  let rates = onlyRates.get(price);
  if (!rates) {
    rates = dearestRates(price, serviceTiers, promptTokens);
    onlyRates.set(price, rates);
  }
  return rates;
}

const MEDIA_KINDS: Readonly<Partial<Record<TokenClass, MediaKind>>> = {
  inAudio: 'inAudio',
  inAudioCacheRead: 'inAudio',
  inImage: 'inImage',
  inImageCacheRead: 'inImage',
  outAudio: 'outAudio',
  outImage: 'outImage',
};

function dearestRates(
  price: Price,
  serviceTiers: ReadonlySet<string | undefined>,
  promptTokens: number,
): WorstRates {
  let input = 0n;
  let output = 0n;
  const media = { inAudio: 0n, inImage: 0n, outAudio: 0n, outImage: 0n };
  const units = { images: 0n, audioMs: 0n, characters: 0n, searchUnits: 0n };
  for (const tier of price.tiers) {
    if (!serviceTiers.has(tier.serviceTier)) continue;
    if (tier.abovePromptTokens > 0 && promptTokens <= tier.abovePromptTokens) continue;
    for (const name of TOKEN_CLASSES) {
      const rate = tier.rates[name] ?? 0n;
      const kind = MEDIA_KINDS[name];
      if (kind) media[kind] = rate > media[kind] ? rate : media[kind];
      else if (name.startsWith('in')) input = rate > input ? rate : input;
      else output = rate > output ? rate : output;
    }
    for (const name of UNIT_CLASSES) {
      const rate = tier.rates[name] ?? 0n;
      units[name] = rate > units[name] ? rate : units[name];
    }
  }
  return { input, output, media, units };
}

/** The service tiers that a price sells; undefined among them is the standard one. */
export function soldTiers(price: Price): ReadonlySet<string | undefined> {
  return new Set(price.tiers.map((tier) => tier.serviceTier));
}
