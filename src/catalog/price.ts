// Prices: nano-dollars per million units for every token class, with long-context tiers. A tier is a
// cliff: once the whole prompt, cache reads and writes included, passes its threshold, every token of
// the request costs the tier's rate. Published rates are decimal dollars; they are parsed exactly.

import { assert } from '../base/errors.ts';
import { type Nanos, type PricedQuantity, chargeNanos, parseUsd } from '../base/money.ts';
import { TOKEN_CLASSES, type TokenClass, type TokenCounts, inputTokens } from '../chat/usage.ts';

/** Nano-dollars per million tokens of each class. */
export type Rates = Readonly<Record<TokenClass, Nanos>>;

export interface PriceTier {
  /** Names this rate for ever: usage records point to it, receipts explain themselves by it. */
  readonly priceId: string;
  /** The tier holds for prompts of more tokens than this. */
  readonly abovePromptTokens: number;
  readonly rates: Rates;
}

export interface Price {
  /** Lowest threshold first; the first one is 0. */
  readonly tiers: readonly PriceTier[];
  /** Zero is a price only where it is declared. */
  readonly free: boolean;
}

/** Published prices in decimal dollars per million tokens; what is absent costs as the input does. */
export interface PublishedRates {
  readonly input: string;
  readonly output: string;
  readonly cacheRead?: string;
  /** OpenAI's single class, and the 5-minute class at Anthropic. */
  readonly cacheWrite?: string;
  readonly cacheWrite1h?: string;
}

export interface PublishedTier {
  readonly above: number;
  readonly rates: PublishedRates;
}

/** A price from its published figures; `name` and `since` (a date) make the price's id. */
export function definePrice(
  name: string,
  since: string,
  base: PublishedRates,
  tier?: PublishedTier,
): Price {
  const tiers = [{ priceId: `${name}@${since}`, abovePromptTokens: 0, rates: parseRates(base) }];
  if (tier) {
    const priceId = `${name}@${since}+${tier.above}`;
    tiers.push({ priceId, abovePromptTokens: tier.above, rates: parseRates(tier.rates) });
  }
  const price = { tiers, free: false };
  assertSane(price);
  return Object.freeze(price);
}

/** A server of the operator's own, declared free. */
export function freePrice(name: string): Price {
  const rates = parseRates({ input: '0', output: '0' });
  return { tiers: [{ priceId: `${name}@free`, abovePromptTokens: 0, rates }], free: true };
}

function parseRates(published: PublishedRates): Rates {
  const input = parseUsd(published.input);
  const output = parseUsd(published.output);
  const write = published.cacheWrite === undefined ? input : parseUsd(published.cacheWrite);
  return Object.freeze({
    inUncached: input,
    inCacheRead: published.cacheRead === undefined ? input : parseUsd(published.cacheRead),
    inCacheWrite5m: write,
    inCacheWrite1h: published.cacheWrite1h === undefined ? write : parseUsd(published.cacheWrite1h),
    inCacheWriteOther: write,
    outText: output,
    outReasoning: output,
  });
}

/** A rate of zero or below in a price that is not declared free is a mistake, never a gift. */
function assertSane(price: Price): void {
  for (const tier of price.tiers) {
    for (const rate of Object.values(tier.rates)) assert(rate > 0n, `${tier.priceId} is positive`);
  }
}

export function tierFor(price: Price, promptTokens: number): PriceTier {
  const tier = price.tiers.findLast((candidate) => promptTokens > candidate.abovePromptTokens);
  const found = tier ?? price.tiers[0];
  assert(found, 'a price has a first tier');
  return found;
}

export interface Cost {
  readonly priceId: string;
  readonly costNanos: Nanos;
}

/** What these tokens cost: every class at its rate, one rounding, upwards. */
export function costOf(price: Price, tokens: TokenCounts): Cost {
  const { priceId, rates } = tierFor(price, inputTokens(tokens));
  const lines: PricedQuantity[] = [];
  for (const name of TOKEN_CLASSES) {
    if (tokens[name] > 0) {
      lines.push({ quantity: BigInt(tokens[name]), nanosPerMillion: rates[name] });
    }
  }
  return { priceId, costNanos: chargeNanos(lines) };
}

export interface WorstCase {
  /** The dearest rate that an input token of this prompt can have. */
  readonly input: Nanos;
  readonly output: Nanos;
}

/** The dearest rates that a prompt of at most `promptTokens` can meet, over tiers and classes. */
export function worstCase(price: Price, promptTokens: number): WorstCase {
  let input = 0n;
  let output = 0n;
  for (const tier of price.tiers) {
    if (tier.abovePromptTokens > 0 && promptTokens <= tier.abovePromptTokens) continue;
    for (const name of TOKEN_CLASSES) {
      const rate = tier.rates[name];
      if (name.startsWith('in')) input = rate > input ? rate : input;
      else output = rate > output ? rate : output;
    }
  }
  return { input, output };
}
