// What the database says of each flood, against what its clients and the provider saw.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../../src/db/database.ts';

export interface FloodRecord {
  readonly name: string;
  readonly workspaceId: string;
  readonly served: number;
  readonly refused: number;
  /** What of the grant the provider's answers left. */
  readonly leftNanos: bigint;
}

interface Row {
  readonly workspace_id: string;
  readonly served: bigint;
  readonly refused: bigint;
  readonly charged_refusals: bigint;
  readonly left_nanos: bigint;
}

/** Every answer has its row, no refusal costs, and what is left is what the answers left. */
export async function findFloodFaults(
  sql: Sql,
  records: readonly FloodRecord[],
): Promise<string[]> {
  const { rows } = await rawSql<Row>`
    select a.workspace_id, a.balance_nanos as left_nanos,
      coalesce(u.served, 0) as served, coalesce(u.refused, 0) as refused,
      coalesce(u.charged_refusals, 0) as charged_refusals
    from ledger_accounts a
    left join (
      select workspace_id,
        count(*) filter (where outcome = 'completed') as served,
        count(*) filter (where outcome = 'refused') as refused,
        count(*) filter (where outcome <> 'completed' and charge_nanos > 0) as charged_refusals
      from usage_records group by workspace_id
    ) u on u.workspace_id = a.workspace_id
    where a.kind = 'available' and a.book = 'live'`.execute(sql);
  const byWorkspace = new Map(rows.map((row) => [row.workspace_id, row]));
  return records.flatMap((record) => {
    const row = byWorkspace.get(record.workspaceId);
    if (!row) return [`${record.name}: there is no account`];
    const faults: string[] = [];
    const compare = (what: string, seen: bigint | number, booked: bigint): void => {
      if (BigInt(seen) !== booked)
        faults.push(`${record.name}: ${what}: ${seen}, booked ${booked}`);
    };
    compare('answers', record.served, row.served);
    compare('refusals', record.refused, row.refused);
    compare('refusals that cost', 0, row.charged_refusals);
    compare('left', record.leftNanos, row.left_nanos);
    return faults;
  });
}
