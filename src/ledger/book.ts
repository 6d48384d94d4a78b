// The only writer of the ledger. It takes transactions built by transactions.ts and books those that
// were not booked before, all inside the caller's database transaction. The database repeats every
// invariant (sql/0001_foundation.sql), so a mistake here is refused there.

import { sql as rawSql } from 'kysely';
import { assert } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';
import type { Account } from './accounts.ts';
import type { Transaction } from './transactions.ts';

/**
 * Books each transaction once; returns the ids of those that were new by their idempotency keys. Throws the database's
 * refusal (constraint `ledger_accounts_not_overdrawn`) when a bounded account would go below zero.
 */
export async function bookTransactions(
  tx: Sql,
  transactions: readonly Transaction[],
  wallMs: number,
): Promise<ReadonlyMap<string, string>> {
  if (transactions.length === 0) return new Map();
  for (const transaction of transactions) assertBalanced(transaction);
  const rows = transactions.map((transaction) => ({ id: newId('txn', wallMs), ...transaction }));
  const booked = await insertTransactions(tx, rows);
  const fresh = rows.filter((row) => booked.has(row.id));
  if (fresh.length === 0) return new Map();

  const accounts = new Map<string, Account>();
  for (const row of fresh) for (const { account } of row.entries) accounts.set(account.id, account);
  await openAndLock(tx, accounts);
  await insertEntries(tx, fresh);
  return new Map(fresh.map((row) => [row.idempotencyKey, row.id]));
}

type Row = Transaction & { readonly id: string };

async function insertTransactions(tx: Sql, rows: readonly Row[]): Promise<ReadonlySet<string>> {
  const json = JSON.stringify(
    rows.map(({ id, book, kind, about = null, aboutRequest = null, idempotencyKey }) => ({
      id,
      book,
      kind,
      about,
      about_request: aboutRequest,
      idempotency_key: idempotencyKey,
    })),
  );
  const { rows: inserted } = await rawSql<{ id: string }>`
    insert into ledger_transactions (id, book, kind, about, about_request, idempotency_key)
    select id, book, kind, about, about_request, idempotency_key
    from json_to_recordset(${json}::json) as t
      (id text, book text, kind text, about text, about_request text, idempotency_key text)
    on conflict (idempotency_key) do nothing
    returning id`.execute(tx);
  return new Set(inserted.map((row) => row.id));
}

/** Locks in the order of ids, so that two writers can wait for each other but never in a circle. */
async function openAndLock(tx: Sql, accounts: ReadonlyMap<string, Account>): Promise<void> {
  const known = await lockAccounts(tx, [...accounts.keys()]);
  if (known.size === accounts.size) return;
  await openAccounts(
    tx,
    [...accounts.values()].filter(({ id }) => !known.has(id)),
  );
  await lockAccounts(tx, [...accounts.keys()]);
}

async function lockAccounts(tx: Sql, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await rawSql<{ id: string }>`
    select id from ledger_accounts where id = any (${[...ids]}::text[])
    order by id for update`.execute(tx);
  return new Set(rows.map((row) => row.id));
}

async function openAccounts(tx: Sql, accounts: readonly Account[]): Promise<void> {
  const json = JSON.stringify(
    accounts.map((account) => ({
      id: account.id,
      book: account.book,
      kind: account.kind,
      workspace_id: account.workspaceId,
      purse_id: account.purseId,
      run_id: account.runId,
      bounded: account.bounded,
    })),
  );
  await rawSql`
    insert into ledger_accounts (id, book, kind, workspace_id, purse_id, run_id, bounded)
    select id, book, kind, workspace_id, purse_id, run_id, bounded
    from json_to_recordset(${json}::json) as a (id text, book text, kind text,
      workspace_id text, purse_id text, run_id text, bounded boolean)
    order by id
    on conflict (id) do nothing`.execute(tx);
}

async function insertEntries(tx: Sql, rows: readonly Row[]): Promise<void> {
  const json = JSON.stringify(
    rows.flatMap((row) =>
      row.entries.map((entry) => ({
        transaction_id: row.id,
        account_id: entry.account.id,
        amount_nanos: entry.amountNanos.toString(),
      })),
    ),
  );
  await rawSql`
    insert into ledger_entries (transaction_id, account_id, amount_nanos)
    select transaction_id, account_id, amount_nanos
    from json_to_recordset(${json}::json)
      as e (transaction_id text, account_id text, amount_nanos bigint)`.execute(tx);
}

function assertBalanced(transaction: Transaction): void {
  let sum = 0n;
  for (const entry of transaction.entries) {
    assert(entry.amountNanos !== 0n, 'an entry moves an amount');
    sum += entry.amountNanos;
  }
  assert(transaction.entries.length >= 2 && sum === 0n, 'a transaction balances');
}
