// Sums of what was charged, by key and by span of time. Days, weeks (from Monday) and months are
// those of UTC.

import { sql as rawSql } from 'kysely';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';

export interface KeyTotals {
  readonly totalNanos: Nanos;
  readonly dayNanos: Nanos;
  readonly weekNanos: Nanos;
  readonly monthNanos: Nanos;
}

export async function sumChargesOfKey(sql: Sql, keyId: string): Promise<KeyTotals> {
  const since = (span: 'day' | 'week' | 'month') =>
    rawSql<bigint>`coalesce(sum(charge_nanos) filter
      (where started_at >= date_trunc(${rawSql.lit(span)}, now(), 'UTC')), 0)::bigint`;
  return await sql
    .selectFrom('usage_records')
    .where('key_id', '=', keyId)
    .select([
      rawSql<bigint>`coalesce(sum(charge_nanos), 0)::bigint`.as('totalNanos'),
      since('day').as('dayNanos'),
      since('week').as('weekNanos'),
      since('month').as('monthNanos'),
    ])
    .executeTakeFirstOrThrow();
}
