// What a request can cost at the very most, as a function of its cap: the whole prompt and every
// answer at the dearest rates that it can meet, markup included (or the fee in its place). The cap is on the tokens of each
// answer, or on the number of answers where an answer cannot be shorter. What is held follows from
// it, so it must never be too low.

import { HubError, assert } from '../base/errors.ts';
import { type Nanos, affordableUnits, roundUpNanos } from '../base/money.ts';
import type { Model } from '../catalog/model.ts';
import {
  type Price,
  type Quote,
  type WorstRates,
  addedTo,
  soldTiers,
  tierFor,
  worstRates,
} from '../catalog/price.ts';
import type { Rates } from '../catalog/rates.ts';
import { UNIT_CLASSES, type UnitClass, type UnitCounts } from '../chat/usage.ts';
import { unpriced } from '../protocols/fields.ts';
import type { MediaDemand, RequestFacts } from '../protocols/protocol.ts';
import { MOST_IMAGE_TOKENS, mediaTokenBound, promptTokenBound } from './prompt.ts';

const STANDARD: ReadonlySet<string | undefined> = new Set([undefined]);
const NO_CLASSES: readonly UnitClass[] = Object.freeze([]);

export interface WorstCase {
  /** What the cap counts: the tokens of each answer, or answers. */
  readonly counts: 'outputCap' | 'choices';
  /** The cap that holds when money is no matter: the client's or the model's own. */
  readonly limit: number;
  /** The most that the request costs with this cap. */
  costAt(cap: number): Nanos;
  /** The highest cap whose cost these nano-dollars cover; they cover a cap of 0 at least. */
  capWithin(nanos: Nanos): number;
}

/** Throws `price_unknown` where nothing of it is sold, `unsupported_parameter` where a part is not. */
export function worstCaseOf(
  model: Model,
  quote: Quote,
  facts: RequestFacts,
  bodyBytes: number,
): WorstCase {
  const { price } = quote;
  const addedBps = addedTo(quote);
  const sold = tierFor(price, undefined, 0)?.rates ?? {};
  const units = facts.units ? soldUnits(sold, facts.units) : NO_CLASSES;
  if (sold.inUncached === undefined && units.length === 0) throw new HubError('price_unknown');
  if (facts.media) refuseUnsold(facts.media, sold);
  const promptTokens = promptTokenBound(model, facts, bodyBytes);
  const rates = worstRates(price, servableTiers(price, facts.serviceTier), promptTokens);
  const made = outputRate(rates, facts);
  const unspent = mediaSurcharge(rates, facts, promptTokens) + pictureReserve(rates, facts);
  const asked = facts.maxOutputTokens ?? model.maxOutputTokens;
  const outputLimit = Math.min(asked, model.maxOutputTokens);
  const counts = facts.lowersChoices ? 'choices' : 'outputCap';
  const limit = facts.lowersChoices ? facts.choices : outputLimit;
  const costAt = (cap: number): Nanos => {
    const choices = facts.lowersChoices ? cap : facts.choices;
    const tokens = facts.lowersChoices ? outputLimit : cap;
    const answers = BigInt(choices);
    let femtos = BigInt(promptTokens) * rates.input + BigInt(tokens) * answers * made + unspent;
    for (const name of units) {
      femtos += BigInt(facts.units?.[name] ?? 0) * answers * rates.units[name];
    }
    return roundUpNanos(femtos, addedBps);
  };
  return {
    counts,
    limit,
    costAt,
    capWithin: (nanos) => (facts.lowersChoices ? choicesWithin(nanos) : tokensWithin(nanos)),
  };

  function tokensWithin(nanos: Nanos): number {
    if (costAt(limit) <= nanos) return limit;
    const each = made * BigInt(facts.choices);
    const tokens = affordableUnits(nanos - costAt(0), each, addedBps);
    return Math.min(Number(tokens), limit);
  }

  /** One by one, for there are few and each has several prices. */
  function choicesWithin(nanos: Nanos): number {
    let choices = limit;
    while (choices > 0 && costAt(choices) > nanos) choices -= 1;
    return choices;
  }
}

/** What holds for whichever of these serves. */
export function dearestOf(cases: readonly WorstCase[]): WorstCase {
  const [first, ...others] = cases;
  assert(first, 'a request has somebody to serve it');
  if (others.length === 0) return first;
  const limit = Math.max(...cases.map((each) => each.limit));
  return {
    counts: first.counts,
    limit,
    costAt: (cap) =>
      cases.map((each) => each.costAt(Math.min(cap, each.limit))).reduce((a, b) => (a > b ? a : b)),
    capWithin: (nanos) =>
      Math.min(...cases.map((each) => noLessThanLimit(each.capWithin(nanos), each.limit))),
  };

  /** What covers the most that a model allows bounds no other model. */
  function noLessThanLimit(cap: number, own: number): number {
    return cap < own ? cap : limit;
  }
}

/** What costs nothing is not refused for want of a price. */
function refuseUnsold(media: readonly MediaDemand[], sold: Rates): void {
  if (!sold.inUncached) return;
  const unsold = media.find(({ param, class: name }) => param !== undefined && !(name in sold));
  if (unsold?.param !== undefined) throw unpriced(unsold.param);
}

/** The dearest rate of what an answer can consist of: pictures come unasked, sound does not. */
function outputRate({ output, media }: WorstRates, facts: RequestFacts): Nanos {
  const isHeard = facts.media?.some((demand) => demand.class === 'outAudio') === true;
  const rates = [output, media.outImage, isHeard ? media.outAudio : 0n];
  return rates.reduce((dearest, rate) => (rate > dearest ? rate : dearest));
}

/** What the sound and the pictures of a prompt cost beyond as many tokens of text, in femto-dollars. */
function mediaSurcharge(rates: WorstRates, facts: RequestFacts, promptTokens: number): bigint {
  let femtos = 0n;
  for (const demand of facts.media ?? []) {
    const dearer = rates.media[demand.class] - rates.input;
    if (demand.class.startsWith('out') || dearer <= 0n) continue;
    femtos += BigInt(mediaTokenBound(demand, facts, promptTokens)) * dearer;
  }
  return femtos;
}

/** A picture that is begun is finished, whatever the cap on tokens is. */
function pictureReserve({ media }: WorstRates, facts: RequestFacts): bigint {
  if (facts.lowersChoices) return 0n;
  return BigInt(MOST_IMAGE_TOKENS) * BigInt(facts.choices) * media.outImage;
}

function soldUnits(sold: Rates, units: Partial<UnitCounts>): readonly UnitClass[] {
  return UNIT_CLASSES.filter((name) => sold[name] !== undefined && units[name]);
}

/** The tiers that the provider may choose for a request: the one asked for, or the standard one. */
function servableTiers(price: Price, asked: string | undefined): ReadonlySet<string | undefined> {
  if (asked === undefined) return STANDARD;
  const sold = soldTiers(price);
  if (asked === 'auto') return sold;
  if (!sold.has(asked)) {
    throw new HubError('unsupported_parameter', {
      param: 'service_tier',
      message: 'This model has no price for that `service_tier` on this hub.',
    });
  }
  return new Set([undefined, asked]);
}
