// Prices for tests, made the way that lists are read, and usages with only what a test names.

import { openCatalog } from '../../src/catalog/catalog.ts';
import { buildPriceBook } from '../../src/catalog/price-book.ts';
import { type CheckContext, checkPriceList } from '../../src/catalog/price-check.ts';
import type { PriceDraft } from '../../src/catalog/price-list.ts';
import type { Price, Quantities } from '../../src/catalog/price.ts';
import { NO_TOKENS, NO_UNITS, type TokenCounts, type UnitCounts } from '../../src/chat/usage.ts';
import { PROVIDERS } from '../../src/providers/list.ts';

export const EVERYTHING = openCatalog(
  new Map(
    PROVIDERS.map(({ id }) => [
      id,
      { baseUrl: 'http://127.0.0.1:9/v1', credential: 'k', privateNetwork: true },
    ]),
  ),
);

export const NOW_MS = Date.parse('2026-12-01T00:00:00Z');

/** Judges drafts as a list; by default on an empty book, as the operator, with any model known. */
export function check(prices: readonly unknown[], context: Partial<CheckContext> = {}) {
  return checkPriceList(
    { prices },
    {
      book: buildPriceBook([], []),
      origin: 'operator',
      nowMs: NOW_MS,
      isKnownModel: () => true,
      acceptJumps: new Set(),
      ...context,
    },
  );
}

/** The price that a draft means; throws for one that is refused. */
export function priceOf(draft: PriceDraft): Price {
  const { faults, fresh } = check([draft], { origin: 'builtin' });
  const [price] = fresh;
  if (!price || faults.length > 0) throw new Error(JSON.stringify(faults));
  return price;
}

export function used(
  tokens: Partial<TokenCounts>,
  units: Partial<UnitCounts> = {},
  serviceTier?: string,
): Quantities {
  return {
    tokens: { ...NO_TOKENS, ...tokens },
    units: { ...NO_UNITS, ...units },
    ...(serviceTier !== undefined && { serviceTier }),
  };
}
