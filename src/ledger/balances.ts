// What pages and the API say of a customer's money, read from the ledger's accounts. Money that a
// gateway node has leased is still the customer's until a request is charged.

import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import { availableAccount } from './accounts.ts';
import { balancePurse } from './purse.ts';

export interface Balance {
  /** Available and leased together. */
  readonly balanceNanos: Nanos;
  /** The leased part. */
  readonly leasedNanos: Nanos;
}

/** The balance of one workspace in one book; zero where nothing was ever booked. */
export async function readBalance(sql: Sql, book: Book, workspaceId: string): Promise<Balance> {
  const accounts = await sql
    .selectFrom('ledger_accounts')
    .select(['kind', 'balance_nanos'])
    .where('workspace_id', '=', workspaceId)
    .where('book', '=', book)
    .execute();
  let balanceNanos = 0n;
  let leasedNanos = 0n;
  for (const account of accounts) {
    balanceNanos += account.balance_nanos;
    if (account.kind === 'lease') leasedNanos += account.balance_nanos;
  }
  return { balanceNanos, leasedNanos };
}

export interface LedgerProof {
  /** The sum over every entry of every book; zero, or the ledger is broken. */
  readonly entriesSumNanos: bigint;
  /** Accounts whose kept balance is not the sum of their entries. */
  readonly driftedAccounts: number;
  /** Bounded accounts below zero. */
  readonly overdrawnAccounts: number;
}

/** Adds the whole ledger up again and holds it against the kept balances. */
export async function proveLedger(sql: Sql): Promise<LedgerProof> {
  const sums = sql
    .selectFrom('ledger_entries')
    .select(['account_id', (eb) => eb.fn.sum<string>('amount_nanos').as('total')])
    .groupBy('account_id');
  const rows = await sql
    .selectFrom('ledger_accounts as account')
    .leftJoin(sums.as('sums'), 'sums.account_id', 'account.id')
    .select(['account.balance_nanos', 'account.bounded', 'sums.total'])
    .execute();
  const totals = rows.map((row) => ({ ...row, total: BigInt(row.total ?? 0) }));
  return {
    entriesSumNanos: totals.reduce((sum, row) => sum + row.total, 0n),
    driftedAccounts: totals.filter((row) => row.total !== row.balance_nanos).length,
    overdrawnAccounts: totals.filter((row) => row.bounded && row.balance_nanos < 0n).length,
  };
}

export interface Credits {
  /** Everything that was ever put on the balance. */
  readonly grantedNanos: Nanos;
  /** What of it is gone: charged, or waiting for review. */
  readonly usedNanos: Nanos;
}

/** What a workspace got and what it used, from the entries themselves. */
export async function readCredits(sql: Sql, book: Book, workspaceId: string): Promise<Credits> {
  const granted = await sql
    .selectFrom('ledger_entries as e')
    .innerJoin('ledger_transactions as t', 't.id', 'e.transaction_id')
    .select((eb) => eb.fn.sum<string>('e.amount_nanos').as('total'))
    .where('e.account_id', '=', availableAccount(balancePurse(book, workspaceId)).id)
    .where('t.kind', '=', 'grant')
    .executeTakeFirst();
  const grantedNanos = BigInt(granted?.total ?? 0);
  const { balanceNanos } = await readBalance(sql, book, workspaceId);
  return { grantedNanos, usedNanos: grantedNanos - balanceNanos };
}
