// The proof of the books in plain SQL, by what the tables say alone: nothing here is shared with the
// code that writes them. Real and play money; what budgets count is no money.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../../src/db/database.ts';

/** The books of hubs that rest: every fault in them as a sentence; none means exact. */
export async function findBookFaults(sql: Sql): Promise<string[]> {
  const faults: string[] = [];
  for (const { what, query } of PROOFS) {
    const { rows } = await rawSql.raw<Record<string, unknown>>(query).execute(sql);
    for (const row of rows.slice(0, MOST_SHOWN)) faults.push(`${what}: ${describe(row)}`);
    if (rows.length > MOST_SHOWN) faults.push(`${what}: and ${rows.length - MOST_SHOWN} more`);
  }
  return faults;
}

const MOST_SHOWN = 3;

function describe(row: Record<string, unknown>): string {
  return Object.entries(row)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

/** Each finds what must not be there. */
const PROOFS: readonly { readonly what: string; readonly query: string }[] = [
  {
    what: 'a ledger transaction that is not balanced',
    query: `select transaction_id, sum(amount_nanos) as sum from ledger_entries
      group by transaction_id having sum(amount_nanos) <> 0`,
  },
  {
    what: 'an account that is not the sum of its entries',
    query: `select a.id, a.balance_nanos, coalesce(e.total, 0) as entries from ledger_accounts a
      left join (select account_id, sum(amount_nanos) as total from ledger_entries group by 1) e
        on e.account_id = a.id
      where a.balance_nanos <> coalesce(e.total, 0)`,
  },
  {
    what: 'an overdrawn account',
    query: `select id, balance_nanos from ledger_accounts
      where kind in ('available', 'lease', 'quarantine') and balance_nanos < 0`,
  },
  {
    what: 'money that is still leased',
    query: `select id, balance_nanos from ledger_accounts
      where kind = 'lease' and balance_nanos <> 0`,
  },
  {
    what: 'charges that are not booked once, with their sum',
    query: `select u.first as request, u.requests, u.charged, s.id as booked_by, s.amount_nanos
      from (
        select settlement_id, min(id) as first, count(*) as requests, sum(charge_nanos) as charged
        from usage_records where charge_nanos > 0 group by settlement_id
      ) u
      full join (
        select t.id, sum(e.amount_nanos) as amount_nanos
        from ledger_transactions t join ledger_entries e on e.transaction_id = t.id
        where t.kind in ('settle', 'quarantine') and t.book in ('live', 'test')
          and e.amount_nanos > 0
        group by t.id
      ) s on s.id = u.settlement_id
      where u.charged is distinct from s.amount_nanos`,
  },
  {
    what: 'a charge that is booked for another customer, or in another book',
    query: `select u.id as request, u.settlement_id, e.account_id
      from usage_records u
      join ledger_entries e on e.transaction_id = u.settlement_id and e.amount_nanos < 0
      where e.account_id not in (u.book || ':suspense',
        u.book || ':lease:' || u.workspace_id || ':' || u.run_id)`,
  },
  {
    what: 'a charge outside its hold',
    query: `select id, charge_nanos, hold_nanos from usage_records
      where charge_nanos < 0 or charge_nanos > hold_nanos`,
  },
  {
    what: 'a balance that is not what was granted less what was charged',
    query: `select b.workspace_id, b.book, b.balance, g.granted, c.charged, s.borne
      from (
        select workspace_id, book, sum(balance_nanos) as balance from ledger_accounts
        where kind in ('available', 'lease') and book in ('live', 'test') group by 1, 2
      ) b
      left join lateral (
        select coalesce(sum(e.amount_nanos), 0) as granted
        from ledger_entries e
        join ledger_transactions t on t.id = e.transaction_id and t.kind = 'grant'
        join ledger_accounts a on a.id = e.account_id
        where a.workspace_id = b.workspace_id and a.book = b.book
      ) g on true
      left join lateral (
        select coalesce(sum(charge_nanos), 0) as charged from usage_records u
        where u.workspace_id = b.workspace_id and u.book = b.book
      ) c on true
      left join lateral (
        select coalesce(sum(u.charge_nanos), 0) as borne
        from usage_records u
        join ledger_entries e on e.transaction_id = u.settlement_id
        join ledger_accounts a on a.id = e.account_id and a.kind = 'suspense'
        where u.workspace_id = b.workspace_id and u.book = b.book
      ) s on true
      where b.balance <> g.granted - c.charged + s.borne`,
  },
];

/** What the hub bears itself, because the money had gone back already: zero or more. */
export async function readBorne(sql: Sql): Promise<bigint> {
  const { rows } = await rawSql<{ borne: bigint | null }>`
    select (-sum(balance_nanos))::bigint as borne from ledger_accounts
    where kind = 'suspense' and book in ('live', 'test')`.execute(sql);
  return BigInt(rows[0]?.borne ?? 0);
}
