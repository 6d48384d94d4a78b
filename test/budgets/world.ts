// What suites of budgets share: keys of a member, a run of a gateway node, and charges as the ledger
// counts them against a window.

import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import type { Book } from '../../src/db/schema.ts';
import { createKey } from '../../src/keys/manage.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { takeLease } from '../../src/ledger/leases.ts';
import type { BudgetRef, Purse } from '../../src/ledger/purse.ts';
import { openRun } from '../../src/ledger/runs.ts';
import { countAgainst } from '../../src/ledger/transactions.ts';
import { openWindow } from '../../src/ledger/windows.ts';
import type { Member } from '../identity/world.ts';

export async function makeKey(
  sql: Sql,
  { workspaceId, person }: Member,
  mode: Book = 'live',
): Promise<{ keyId: string; secret: string }> {
  const order = { workspaceId, name: 'laptop', mode, createdBy: person.id };
  const { key, secret } = await inTransaction(sql, (tx) => createKey(tx, order, Date.now()));
  return { keyId: key.id, secret };
}

export function startRun(sql: Sql): Promise<string> {
  return openRun(sql, newId('node', Date.now()), Date.now());
}

/** Leases exactly this much of the budget's open window, as a node would; returns its purse. */
export async function leaseOf(
  sql: Sql,
  runId: string,
  budget: BudgetRef,
  amountNanos: bigint,
): Promise<Purse> {
  const { purse } = await openWindow(sql, budget);
  const leaseId = newId('txn', Date.now());
  const request = { leaseId, wantNanos: amountNanos, aheadNanos: 0n };
  const leased = await takeLease(sql, { purse, runId }, request, Date.now());
  if (leased?.amountNanos !== amountNanos) throw new Error('the budget does not cover the lease');
  return purse;
}

/** Charges this much to the budget's open window. */
export async function spend(
  sql: Sql,
  runId: string,
  budget: BudgetRef,
  amountNanos: bigint,
): Promise<void> {
  const purse = await leaseOf(sql, runId, budget, amountNanos);
  const requestId = newId('req', Date.now());
  const charge = countAgainst({ purse, runId, amountNanos, requestId });
  await inTransaction(sql, (tx) => bookTransactions(tx, [charge], Date.now()));
}
