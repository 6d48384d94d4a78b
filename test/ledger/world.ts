// What ledger suites share: workspaces, money on them, and the proof that the books are in order.

import { expect } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { proveLedger } from '../../src/ledger/balances.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { grant } from '../../src/ledger/transactions.ts';

export async function makeWorkspace(sql: Sql, grantNanos = 0n): Promise<string> {
  const id = newId('ws', Date.now());
  await sql.insertInto('workspaces').values({ id, name: 'Test' }).execute();
  if (grantNanos > 0n) await grantTo(sql, id, grantNanos);
  return id;
}

export async function grantTo(sql: Sql, workspaceId: string, amountNanos: bigint): Promise<void> {
  const idempotencyKey = newId('txn', Date.now());
  const transaction = grant({ book: 'live', workspaceId, amountNanos, idempotencyKey });
  await inTransaction(sql, (tx) => bookTransactions(tx, [transaction], Date.now()));
}

/** The balances of one workspace by kind of account, and of a hub account. */
export async function balanceOf(sql: Sql, accountId: string): Promise<bigint> {
  const row = await sql
    .selectFrom('ledger_accounts')
    .select('balance_nanos')
    .where('id', '=', accountId)
    .executeTakeFirst();
  return row?.balance_nanos ?? 0n;
}

export async function expectBooksInOrder(sql: Sql): Promise<void> {
  expect(await proveLedger(sql)).toEqual({
    entriesSumNanos: 0n,
    driftedAccounts: 0,
    overdrawnAccounts: 0,
  });
}
