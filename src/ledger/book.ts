// The only writer of the ledger. It takes transactions built by transactions.ts and books those that
// were not booked before, all inside the caller's database transaction and in one call of a function of
// the database. The database repeats every invariant (sql/0001_foundation.sql), so a mistake here, or
// in that function, is refused there.

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
  const { rows: booked } = await rawSql<{ id: string }>`
    select id from ledger_book(${transactionsOf(rows)}, ${entriesOf(rows)},
      ${accountsOf(rows)}) as id`.execute(tx);
  const ids = new Set(booked.map(({ id }) => id));
  return new Map(rows.filter(({ id }) => ids.has(id)).map((row) => [row.idempotencyKey, row.id]));
}

type Row = Transaction & { readonly id: string };

function transactionsOf(rows: readonly Row[]): string {
  return JSON.stringify(
    rows.map(({ id, book, kind, about = null, aboutRequest = null, idempotencyKey }) => ({
      id,
      book,
      kind,
      about,
      about_request: aboutRequest,
      idempotency_key: idempotencyKey,
    })),
  );
}

function entriesOf(rows: readonly Row[]): string {
  return JSON.stringify(
    rows.flatMap((row) =>
      row.entries.map((entry) => ({
        transaction_id: row.id,
        account_id: entry.account.id,
        amount_nanos: entry.amountNanos.toString(),
      })),
    ),
  );
}

/** Accounts are opened where they are not there yet. */
function accountsOf(rows: readonly Row[]): string {
  const accounts = new Map<string, Account>();
  for (const { entries } of rows)
    for (const { account } of entries) accounts.set(account.id, account);
  return JSON.stringify(
    [...accounts.values()].map((account) => ({
      id: account.id,
      book: account.book,
      kind: account.kind,
      workspace_id: account.workspaceId,
      purse_id: account.purseId,
      run_id: account.runId,
      bounded: account.bounded,
    })),
  );
}

function assertBalanced(transaction: Transaction): void {
  let sum = 0n;
  for (const entry of transaction.entries) {
    assert(entry.amountNanos !== 0n, 'an entry moves an amount');
    sum += entry.amountNanos;
  }
  assert(transaction.entries.length >= 2 && sum === 0n, 'a transaction balances');
}
