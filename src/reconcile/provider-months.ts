// What each provider's usage of each UTC month cost the hub at list prices: requests and failed
// attempts. Free providers are left out; they send no invoice.

import { sql as rawSql } from 'kysely';
import { type View, rangesOf, within } from './snapshot.ts';

export interface ProviderMonth {
  readonly provider: string;
  /** `2026-11` */
  readonly month: string;
  readonly costNanos: bigint;
}

/** Adds the months up from the usage records. */
export async function addUpMonths(
  view: View,
  freeProviders: readonly string[],
): Promise<ProviderMonth[]> {
  const months = new Map<string, ProviderMonth>();
  for await (const range of rangesOf(view, 'usage_records')) {
    const { rows } = await rawSql<{ provider: string; month: string; cost: string }>`
      select provider, to_char(started_at at time zone 'UTC', 'YYYY-MM') as month,
        sum(cost)::text as cost
      from (
        select u.provider, u.started_at, u.provider_cost_nanos as cost
        from usage_records u where u.provider is not null and ${within('u.id', range)}
        union all
        select f.provider, u.started_at, f.cost_nanos
        from failed_attempts f join usage_records u on u.id = f.request_id
        where ${within('u.id', range)}
      ) costs
      where cost > 0
      group by 1, 2`.execute(view.tx);
    for (const { provider, month, cost } of rows) {
      if (freeProviders.includes(provider)) continue;
      const key = subjectOf({ provider, month });
      const costNanos = (months.get(key)?.costNanos ?? 0n) + BigInt(cost);
      months.set(key, { provider, month, costNanos });
    }
  }
  return [...months.values()];
}

/** How findings name a provider's month. */
export function subjectOf({ provider, month }: { provider: string; month: string }): string {
  return `${provider}:${month}`;
}
