// Which price and which markup hold at an instant: the versions and rules that were published, by
// model and date. Pure and immutable; a publication makes a new book. The operator's own prices
// stand before the program's, and the most specific markup before wider ones.

import type { Markup } from './markup.ts';
import type { Price, Quote } from './price.ts';

export type Origin = 'builtin' | 'operator';

export interface PublishedPrice {
  readonly origin: Origin;
  readonly price: Price;
}

const MOST_NAMES = 10_000;

export interface PriceBook {
  /** The price in force; a model of an open provider costs what `provider/*` does. */
  priceAt(modelId: string, wallMs: number): Price | undefined;
  /** The operator's markup in basis points; 0 without a rule. */
  markupAt(modelId: string, wallMs: number): number;
  /** Price and markup together, as a request keeps them. */
  quoteAt(modelId: string, wallMs: number): Quote | undefined;
  readonly published: readonly PublishedPrice[];
  readonly markups: readonly Markup[];
}

export function buildPriceBook(
  published: readonly PublishedPrice[],
  markups: readonly Markup[],
): PriceBook {
  const prices = groupByDate(
    published,
    ({ origin, price }) => keyOf(origin, price.model),
    ({ price }) => price.effectiveFromMs,
  );
  const rules = groupByDate(
    markups,
    ({ scope, target }) => keyOf(scope, target ?? ''),
    ({ effectiveFromMs }) => effectiveFromMs,
  );

  /** Where a model's price and markup are looked for, in this order; made once for each name. */
  const places = new Map<string, Places>();

  function placesOf(modelId: string): Places {
    let found = places.get(modelId);
    if (!found) {
      found = findPlaces(modelId);
      // Open providers take any name.
      if (places.size < MOST_NAMES) places.set(modelId, found);
    }
    return found;
  }

  function findPlaces(modelId: string): Places {
    const provider = providerOf(modelId);
    const priceKeys = ['operator', 'builtin'].flatMap((origin) => [
      keyOf(origin, modelId),
      keyOf(origin, `${provider}/*`),
    ]);
    const ruleKeys = [keyOf('model', modelId), keyOf('provider', provider), keyOf('default', '')];
    return {
      prices: priceKeys.flatMap((key) => listOf(prices.get(key))),
      rules: ruleKeys.flatMap((key) => listOf(rules.get(key))),
    };
  }

  function priceAt(modelId: string, wallMs: number): Price | undefined {
    for (const group of placesOf(modelId).prices) {
      const found = lastUntil(group, wallMs);
      if (found) return found.price;
    }
    return undefined;
  }

  function markupAt(modelId: string, wallMs: number): number {
    for (const group of placesOf(modelId).rules) {
      const bps = lastUntil(group, wallMs)?.bps;
      if (typeof bps === 'number') return bps;
    }
    return 0;
  }

  return {
    priceAt,
    markupAt,
    quoteAt(modelId, wallMs) {
      const price = priceAt(modelId, wallMs);
      return price && { modelId, price, markupBps: markupAt(modelId, wallMs), atMs: wallMs };
    },
    published,
    markups,
  };
}

export function providerOf(modelId: string): string {
  return modelId.slice(0, modelId.indexOf('/'));
}

function keyOf(kind: string, name: string): string {
  return `${kind} ${name}`;
}

interface Places {
  readonly prices: readonly Dated<PublishedPrice>[];
  readonly rules: readonly Dated<Markup>[];
}

type Dated<T> = readonly { readonly fromMs: number; readonly value: T }[];

function listOf<T>(group: Dated<T> | undefined): readonly Dated<T>[] {
  return group ? [group] : [];
}

function groupByDate<T>(
  values: readonly T[],
  key: (value: T) => string,
  fromMs: (value: T) => number,
): ReadonlyMap<string, Dated<T>> {
  const groups = new Map<string, { fromMs: number; value: T }[]>();
  for (const value of values) {
    const group = groups.get(key(value)) ?? [];
    groups.set(key(value), group);
    group.push({ fromMs: fromMs(value), value });
  }
  // The sort is stable: of two with the same date the one that was published later counts.
  for (const group of groups.values()) group.sort((a, b) => a.fromMs - b.fromMs);
  return groups;
}

function lastUntil<T>(group: Dated<T> | undefined, wallMs: number): T | undefined {
  return group?.findLast(({ fromMs }) => fromMs <= wallMs)?.value;
}
