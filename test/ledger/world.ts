// What ledger suites share: workspaces, money on them, and the proof that the books are in order.

import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { proveLedger } from '../../src/ledger/balances.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { type BudgetRef, type Span, balancePurse } from '../../src/ledger/purse.ts';
import { openRun } from '../../src/ledger/runs.ts';
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

/** The money of a workspace in the live book. */
export const liveOf = (workspaceId: string) => balancePurse('live', workspaceId);

/** A run of a new node. */
export function makeRun(sql: Sql): Promise<string> {
  return openRun(sql, newId('node', Date.now()), Date.now());
}

/** A key with a budget; the key's id comes along. */
export async function makeBudget(
  sql: Sql,
  workspaceId: string,
  span: Span,
  limitNanos: bigint,
): Promise<BudgetRef & { readonly keyId: string }> {
  const keyId = newId('key', Date.now());
  await sql
    .insertInto('api_keys')
    .values({
      id: keyId,
      workspace_id: workspaceId,
      name: 'k',
      mode: 'live',
      last_four: 'abcd',
      secret_hash: createHash('sha256').update(keyId).digest(),
      created_by: null,
      revoked_at: null,
    })
    .execute();
  const id = newId('bgt', Date.now());
  await sql
    .insertInto('budgets')
    .values({ id, workspace_id: workspaceId, key_id: keyId, span, limit_nanos: limitNanos })
    .execute();
  return { id, workspaceId, span, of: 'key', keyId };
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
