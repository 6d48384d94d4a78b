// Keeps every price that ever held in the database, so that a receipt explains itself years after
// the catalogue has moved on. A price id never changes its meaning: the start refuses if one does.

import { HubError } from '../base/errors.ts';
import { PROVIDERS } from '../providers/list.ts';
import type { Sql } from '../db/database.ts';
import type { Model } from './model.ts';
import { type PriceTier, freePrice } from './price.ts';

/** Records the prices of these models and of open providers; throws when an id has other rates. */
export async function recordPrices(sql: Sql, models: readonly Model[]): Promise<void> {
  const rows = models.flatMap((model) =>
    model.price.tiers.map((tier) => rowOf(model.provider, model.upstreamModel, tier)),
  );
  for (const { id, openCatalog } of PROVIDERS) {
    if (openCatalog) rows.push(...freePrice(id).tiers.map((tier) => rowOf(id, '*', tier)));
  }
  await sql
    .insertInto('prices')
    .values(rows)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const ids = rows.map((row) => row.id);
  const kept = await sql
    .selectFrom('prices')
    .select(['id', 'rates'])
    .where('id', 'in', ids)
    .execute();
  const keptRates = new Map(kept.map((row) => [row.id, row.rates]));
  for (const row of rows) {
    const rates = keptRates.get(row.id);
    for (const [name, rate] of Object.entries(JSON.parse(row.rates) as Record<string, string>)) {
      if (rates?.[name] === rate) continue;
      throw new HubError('price_unknown', {
        message: `The price ${row.id} is recorded with other rates. A changed price needs a new date.`,
      });
    }
  }
}

function rowOf(provider: string, model: string, tier: PriceTier) {
  const rates = Object.entries(tier.rates).map(([name, rate]) => [name, rate.toString()]);
  return { id: tier.priceId, provider, model, rates: JSON.stringify(Object.fromEntries(rates)) };
}
