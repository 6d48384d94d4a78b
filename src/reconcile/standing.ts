// How the books stand right now: what is leased, what waits for review, what the hub bore itself, and
// which lives of gateway nodes hold the leases.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';

export interface BookStanding {
  readonly book: Book;
  readonly leasedNanos: bigint;
  readonly quarantineNanos: bigint;
  /** At most zero: what the hub bore itself. */
  readonly suspenseNanos: bigint;
}

export async function readStanding(sql: Sql): Promise<BookStanding[]> {
  const { rows } = await rawSql<{ book: Book; leased: string; waiting: string; borne: string }>`
    select b.book,
      coalesce(sum(balance_nanos) filter (where kind = 'lease'), 0)::text as leased,
      coalesce(sum(balance_nanos) filter (where kind = 'quarantine'), 0)::text as waiting,
      coalesce(sum(balance_nanos) filter (where kind = 'suspense'), 0)::text as borne
    from (values ('live', 1), ('test', 2)) as b (book, position)
    left join ledger_accounts a on a.book = b.book
      and a.kind in ('lease', 'quarantine', 'suspense') and a.balance_nanos <> 0
    group by b.book, b.position order by b.position`.execute(sql);
  return rows.map(({ book, leased, waiting, borne }) => ({
    book,
    leasedNanos: BigInt(leased),
    quarantineNanos: BigInt(waiting),
    suspenseNanos: BigInt(borne),
  }));
}

export interface NodeStanding {
  readonly nodeId: string;
  readonly runId: string;
  readonly startedAt: Date;
  readonly seenAt: Date;
  readonly leasedNanos: bigint;
}

/** The lives of nodes that are open, the one seen last first. */
export async function listOpenRuns(sql: Sql, limit: number): Promise<NodeStanding[]> {
  const { rows } = await rawSql<Omit<NodeStanding, 'leasedNanos'> & { leased: string }>`
    select r.node_id as "nodeId", r.id as "runId", r.started_at as "startedAt",
      r.seen_at as "seenAt", coalesce(sum(a.balance_nanos), 0)::text as leased
    from node_runs r
    left join ledger_accounts a on a.run_id = r.id and a.book <> 'allowance'
    where r.ended_at is null
    group by r.id order by r.seen_at desc, r.id limit ${limit}`.execute(sql);
  return rows.map(({ leased, ...row }) => ({ ...row, leasedNanos: BigInt(leased) }));
}
