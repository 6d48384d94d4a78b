// The catalogue as the public pages show it: every offer that has a price at the moment, with its
// facts, the terms of its provider and its list prices.

import type { Clock } from '../base/clock.ts';
import { type Catalog, dataPolicyOf, isNameable, isProvider, regionsOf } from './catalog.ts';
import type { PriceBook } from './price-book.ts';
import type { PriceWatch } from './price-watch.ts';
import { tierFor } from './price.ts';

export function shopWindow(catalog: Catalog, prices: Pick<PriceWatch, 'book'>, clock: Clock) {
  return {
    models: () => listOffers(catalog, prices.book(), clock.wallMs()),
    /** What the limits of a key may name. */
    nameable: { isModel: isNameable, isProvider },
  };
}

function listOffers(catalog: Catalog, book: PriceBook, wallMs: number) {
  return catalog.models.flatMap((model) => {
    const route = catalog.find(model.id);
    const price = book.priceAt(model.id, wallMs);
    const tier = price && tierFor(price, undefined, 0);
    if (!route || !tier) return [];
    const rates = Object.entries(tier.rates).map(([key, rate]) => [key, rate.toString()]);
    const { id, base, name, provider, contextWindow, maxOutputTokens } = model;
    const { modalities, capabilities, deprecationDate = null } = model;
    const policy = dataPolicyOf(route);
    return [
      {
        id,
        base,
        name,
        provider,
        contextWindow,
        maxOutputTokens,
        input: [...modalities.input],
        output: [...modalities.output],
        capabilities: {
          ...capabilities,
          reasoning: {
            ...capabilities.reasoning,
            efforts: [...capabilities.reasoning.efforts],
          },
        },
        dataPolicy: { ...policy, retentionDays: policy.retentionDays ?? null },
        regions: [...regionsOf(route)],
        deprecationDate,
        prices: Object.fromEntries(rates) as Record<string, string>,
        markupBps: book.markupAt(id, wallMs),
        sandbox: provider === 'sandbox',
      },
    ];
  });
}
