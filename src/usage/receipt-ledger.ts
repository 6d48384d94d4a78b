// What the ledger says of one request's charge: its own balanced transaction, and what was decided
// about it afterwards.

import type { Sql } from '../db/database.ts';
import { settleKey } from '../ledger/transactions.ts';

export interface ReceiptTransaction {
  readonly transactionId: string;
  readonly kind: string;
  readonly createdAt: string;
  readonly entries: { readonly account: string; readonly amountNanos: string }[];
}

export interface ReceiptLedger {
  /** Null when nothing was charged. */
  readonly ledger: ReceiptTransaction | null;
  /** Reviews and refunds of the charge, oldest first. */
  readonly corrections: ReceiptTransaction[];
}

export async function readReceiptLedger(sql: Sql, requestId: string): Promise<ReceiptLedger> {
  const charge = sql
    .selectFrom('ledger_transactions')
    .select('id')
    .where('idempotency_key', '=', settleKey(requestId));
  const rows = await sql
    .selectFrom('ledger_transactions as transaction')
    .innerJoin('ledger_entries as entry', 'entry.transaction_id', 'transaction.id')
    .select(['transaction.id', 'transaction.kind', 'transaction.about', 'transaction.created_at'])
    .select(['entry.account_id', 'entry.amount_nanos'])
    .where((eb) => eb.or([eb('transaction.id', 'in', charge), eb('about', 'in', charge)]))
    .orderBy('transaction.created_at')
    .orderBy('transaction.id')
    .orderBy('entry.amount_nanos')
    .orderBy('entry.account_id')
    .execute();
  const transactions = Map.groupBy(rows, (row) => row.id);
  const all = [...transactions.values()].flatMap((entries) => {
    const [first] = entries;
    return first ? [{ about: first.about, transaction: transactionOf(first, entries) }] : [];
  });
  return {
    ledger: all.find(({ about }) => about === null)?.transaction ?? null,
    corrections: all.filter(({ about }) => about !== null).map(({ transaction }) => transaction),
  };
}

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly created_at: Date;
  readonly account_id: string;
  readonly amount_nanos: bigint;
}

function transactionOf(first: Row, rows: readonly Row[]): ReceiptTransaction {
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
