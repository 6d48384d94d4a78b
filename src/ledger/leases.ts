// Leases in the database: a gateway node takes a part of a customer's balance, and gives back what
// it did not spend. Both carry an id made by the node, so that a node whose connection broke in the
// middle of a commit asks again with the same id and learns what really happened.

import { type Nanos, lesser } from '../base/money.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import { availableAccount, leaseAccount } from './accounts.ts';
import { bookTransactions } from './book.ts';
import { lease, leaseKey, release } from './transactions.ts';

export interface LeaseOwner {
  readonly book: Book;
  readonly workspaceId: string;
  readonly nodeId: string;
}

/** Leases up to `wantNanos` (> 0); returns what was leased, 0n when the balance is empty. */
export function takeLease(
  sql: Sql,
  owner: LeaseOwner,
  leaseId: string,
  wantNanos: Nanos,
  wallMs: number,
): Promise<Nanos> {
  return inTransaction(sql, async (tx) => {
    const account = await tx
      .selectFrom('ledger_accounts')
      .select('balance_nanos')
      .where('id', '=', availableAccount(owner.book, owner.workspaceId).id)
      .forUpdate()
      .executeTakeFirst();
    // Only now, under the lock: an earlier try of the same lease has either committed or never will.
    const earlier = await leasedBefore(tx, owner, leaseId);
    if (earlier !== undefined) return earlier;
    const amountNanos = lesser(account?.balance_nanos ?? 0n, wantNanos);
    if (amountNanos <= 0n) return 0n;
    await bookTransactions(tx, [lease({ ...owner, leaseId, amountNanos })], wallMs);
    return amountNanos;
  });
}

async function leasedBefore(
  tx: Sql,
  owner: LeaseOwner,
  leaseId: string,
): Promise<Nanos | undefined> {
  const entry = await tx
    .selectFrom('ledger_transactions as t')
    .innerJoin('ledger_entries as e', 'e.transaction_id', 't.id')
    .select('e.amount_nanos')
    .where('t.idempotency_key', '=', leaseKey(leaseId))
    .where('e.account_id', '=', leaseAccount(owner.book, owner.workspaceId, owner.nodeId).id)
    .executeTakeFirst();
  return entry?.amount_nanos;
}

/** Gives back `amountNanos` (> 0) of a lease; the same `releaseId` gives back once. */
export async function returnLease(
  sql: Sql,
  owner: LeaseOwner,
  releaseId: string,
  amountNanos: Nanos,
  wallMs: number,
): Promise<void> {
  await inTransaction(sql, (tx) =>
    bookTransactions(tx, [release({ ...owner, releaseId, amountNanos })], wallMs),
  );
}

/**
 * Frees what a node held when it died: everything that is still leased goes back. Call it before
 * the node serves and after its journal is drained; then what is leased is exactly what was not spent.
 */
export async function returnAllLeases(
  sql: Sql,
  nodeId: string,
  releaseId: string,
  wallMs: number,
): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const accounts = await tx
      .selectFrom('ledger_accounts')
      .select(['id', 'book', 'workspace_id', 'balance_nanos'])
      .where('node_id', '=', nodeId)
      .where('balance_nanos', '>', 0n)
      .orderBy('id')
      .forUpdate()
      .execute();
    const releases = accounts.map((account) =>
      release({
        book: account.book,
        workspaceId: account.workspace_id ?? '',
        nodeId,
        releaseId: `${releaseId}:${account.id}`,
        amountNanos: account.balance_nanos,
      }),
    );
    if (releases.length > 0) await bookTransactions(tx, releases, wallMs);
  });
}
