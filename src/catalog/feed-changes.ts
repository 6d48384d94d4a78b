// What a price feed says otherwise than the prices that hold or will: the new prices of one offer, by
// date, as drafts that somebody still has to approve.

import { type FedOffer, type PriceFeed, pricesFrom } from './feed.ts';
import { LEAD_MS } from './markup.ts';
import type { Listing } from './model.ts';
import { type Origin, type PriceBook, buildPriceBook } from './price-book.ts';
import { hasSameRates } from './price-check.ts';
import { type PriceDraft, makePrice } from './price-list.ts';
import type { Price } from './price.ts';

export function isFed(listing: Listing): listing is Listing & FedOffer {
  return listing.feed !== undefined;
}

/**
 * The offer's new prices as this origin would publish them, none where nothing has changed; or why
 * the feed has none for it. Once the operator has a price, what the program announces never holds.
 */
export function changesOf(
  feed: PriceFeed,
  offer: FedOffer,
  { book, origin, nowMs }: { book: PriceBook; origin: Origin; nowMs: number },
): readonly PriceDraft[] | string {
  const prices = pricesFrom(feed, offer, nowMs);
  if (typeof prices === 'string') return prices;
  const changes: PriceDraft[] = [];
  let known = book;
  for (const draft of [prices.now, ...prices.later]) {
    const price = readDraft(draft, origin, nowMs);
    if (!price) continue;
    const before = known.priceAt(price.model, price.effectiveFromMs);
    if (before && hasSameRates(before, price)) continue;
    changes.push(draft);
    // What is announced for later is judged by what will hold until then.
    const published = [...known.published, { origin, price }];
    known = buildPriceBook(published, []);
  }
  return changes;
}

function readDraft(draft: PriceDraft, origin: Origin, nowMs: number): Price | undefined {
  return makePrice(draft, '', { origin, nowMs, soonMs: nowMs + LEAD_MS }, () => undefined);
}
