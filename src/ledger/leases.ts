// Leases in the database: a run of a node takes a part of a purse, and gives back what it did not
// spend. Both carry an id made by the node, so that a node whose connection broke in the middle of a
// commit asks again with the same id and learns what really happened.

import { type Nanos, lesser } from '../base/money.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { availableAccount, leaseAccount } from './accounts.ts';
import { bookTransactions } from './book.ts';
import type { Purse } from './purse.ts';
import { lockOpenRuns } from './runs.ts';
import { lease, leaseKey, release } from './transactions.ts';
import { followLimit } from './windows.ts';

/** A lease takes ahead at most this part of what the request at hand leaves: others need some too. */
const AHEAD_SHARE = 4n;

export interface LeaseOwner {
  readonly purse: Purse;
  readonly runId: string;
}

export interface LeaseRequest {
  readonly leaseId: string;
  /** What requests wait for, > 0. */
  readonly wantNanos: Nanos;
  /** What would be welcome beyond it. */
  readonly aheadNanos: Nanos;
}

export interface Leased {
  /** 0n when the purse is empty. */
  readonly amountNanos: Nanos;
  /** Less than was wanted, while other runs hold a part of this purse. */
  readonly restElsewhere: boolean;
}

/** Leases from the purse; undefined when the run has been ended by others. */
export function takeLease(
  sql: Sql,
  owner: LeaseOwner,
  request: LeaseRequest,
  wallMs: number,
): Promise<Leased | undefined> {
  const { purse, runId } = owner;
  const { leaseId, wantNanos, aheadNanos } = request;
  return inTransaction(sql, async (tx) => {
    if (!(await lockOpenRuns(tx, [runId])).has(runId)) return undefined;
    if (purse.book === 'allowance') await followLimit(tx, purse, wallMs);
    const account = await tx
      .selectFrom('ledger_accounts')
      .select('balance_nanos')
      .where('id', '=', availableAccount(purse).id)
      .forUpdate()
      .executeTakeFirst();
    // Only now, under the lock: an earlier try of the same lease has either committed or never will.
    const earlier = await leasedBefore(tx, owner, leaseId);
    const amountNanos = earlier ?? leaseAmount(account?.balance_nanos ?? 0n, wantNanos, aheadNanos);
    if (earlier === undefined && amountNanos > 0n) {
      await bookTransactions(tx, [lease({ ...owner, leaseId, amountNanos })], wallMs);
    }
    const short = amountNanos < wantNanos;
    return { amountNanos, restElsewhere: short && (await isHeldElsewhere(tx, owner)) };
  });
}

/** What is wanted as far as it is there, and ahead of it no more than a share of what then remains. */
function leaseAmount(available: Nanos, wantNanos: Nanos, aheadNanos: Nanos): Nanos {
  if (available <= wantNanos) return available;
  return wantNanos + lesser(aheadNanos, (available - wantNanos) / AHEAD_SHARE);
}

async function leasedBefore(
  tx: Sql,
  { purse, runId }: LeaseOwner,
  leaseId: string,
): Promise<Nanos | undefined> {
  const entry = await tx
    .selectFrom('ledger_transactions as t')
    .innerJoin('ledger_entries as e', 'e.transaction_id', 't.id')
    .select('e.amount_nanos')
    .where('t.idempotency_key', '=', leaseKey(leaseId))
    .where('e.account_id', '=', leaseAccount(purse, runId).id)
    .executeTakeFirst();
  return entry?.amount_nanos;
}

async function isHeldElsewhere(tx: Sql, { purse, runId }: LeaseOwner): Promise<boolean> {
  const holder = await tx
    .selectFrom('ledger_accounts')
    .select('id')
    .where('purse_id', '=', purse.id)
    .where('book', '=', purse.book)
    .where('kind', '=', 'lease')
    .where('run_id', '<>', runId)
    .where('balance_nanos', '>', 0n)
    .executeTakeFirst();
  return holder !== undefined;
}

/**
 * Gives back `amountNanos` (> 0) of a lease; the same `releaseId` gives back once. Of a run that has
 * been ended nothing is left to give back.
 */
export async function returnLease(
  sql: Sql,
  owner: LeaseOwner,
  releaseId: string,
  amountNanos: Nanos,
  wallMs: number,
): Promise<void> {
  await inTransaction(sql, async (tx) => {
    if (!(await lockOpenRuns(tx, [owner.runId])).has(owner.runId)) return;
    await bookTransactions(tx, [release({ ...owner, releaseId, amountNanos })], wallMs);
  });
}
