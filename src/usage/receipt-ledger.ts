// What the ledger says of one request's charge: its part of the balanced transaction that settled it,
// together with others of the same payer, and what was decided about it afterwards.

import { sql as rawSql } from 'kysely';
import { assert } from '../base/errors.ts';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';

export interface ReceiptTransaction {
  readonly transactionId: string;
  readonly kind: string;
  readonly createdAt: string;
  readonly entries: { readonly account: string; readonly amountNanos: string }[];
}

/** The entries are this request's part of the transaction's own, which are for all its requests. */
export interface ReceiptSettlement extends ReceiptTransaction {
  readonly totalNanos: string;
  readonly requests: number;
}

export interface ReceiptLedger {
  /** Null when nothing was charged. */
  readonly ledger: ReceiptSettlement | null;
  /** Reviews and refunds of the charge, oldest first. */
  readonly corrections: ReceiptTransaction[];
}

/** The record of the request, as far as it matters here. */
export interface SettledRow {
  readonly id: string;
  readonly charge_nanos: Nanos;
  readonly settlement_id: string | null;
}

export async function readReceiptLedger(sql: Sql, row: SettledRow): Promise<ReceiptLedger> {
  const { settlement_id: settlementId } = row;
  if (settlementId === null) return { ledger: null, corrections: [] };
  const settled = await selectEntries(sql).where('transaction.id', '=', settlementId).execute();
  const corrections = await selectEntries(sql)
    .where('transaction.about', '=', settlementId)
    .where('transaction.about_request', '=', row.id)
    .execute();
  return {
    ledger: settlementOf(row, settled, await countRequests(sql, settlementId)),
    corrections: [...Map.groupBy(corrections, ({ id }) => id).values()].map(transactionOf),
  };
}

function selectEntries(sql: Sql) {
  return sql
    .selectFrom('ledger_transactions as transaction')
    .innerJoin('ledger_entries as entry', 'entry.transaction_id', 'transaction.id')
    .select(['transaction.id', 'transaction.kind', 'transaction.created_at'])
    .select(['entry.account_id', 'entry.amount_nanos'])
    .orderBy('transaction.created_at')
    .orderBy('transaction.id')
    .orderBy('entry.amount_nanos')
    .orderBy('entry.account_id');
}

type Row = Awaited<ReturnType<ReturnType<typeof selectEntries>['execute']>>[number];

async function countRequests(sql: Sql, settlementId: string): Promise<number> {
  const { rows } = await rawSql<{ requests: bigint }>`
    select count(*) as requests from usage_records
    where settlement_id = ${settlementId}`.execute(sql);
  return Number(rows[0]?.requests ?? 0);
}

function settlementOf(
  { charge_nanos }: SettledRow,
  rows: readonly Row[],
  requests: number,
): ReceiptSettlement {
  const total = rows.find((row) => row.amount_nanos > 0n)?.amount_nanos;
  assert(total !== undefined, 'a settlement has its entries');
  const part = (amount: Nanos): Nanos => (amount < 0n ? -charge_nanos : charge_nanos);
  const { entries, ...transaction } = transactionOf(
    rows.map((row) => ({ ...row, amount_nanos: part(row.amount_nanos) })),
  );
  return { ...transaction, totalNanos: total.toString(), requests, entries };
}

function transactionOf(rows: readonly Row[]): ReceiptTransaction {
  const [first] = rows;
  assert(first, 'a transaction has entries');
  return {
    transactionId: first.id,
    kind: first.kind,
    createdAt: first.created_at.toISOString(),
    entries: rows.map((row) => ({
      account: row.account_id,
      amountNanos: row.amount_nanos.toString(),
    })),
  };
}
