// Writes a batch of journal records into the database: usage rows, settlements and the drained
// position in one transaction, so that each record counts exactly once whatever breaks.

import { assert } from '../base/errors.ts';
import { type Sql, inTransaction, isRefusal } from '../db/database.ts';
import { bookTransactions } from '../ledger/book.ts';
import { type Transaction, quarantine, settle } from '../ledger/transactions.ts';
import { type Charge, decodeCharge } from '../usage/record.ts';
import { insertRecords } from '../usage/store.ts';
import type { JournalEnd } from './journal.ts';

export interface BatchWriter {
  /** Where this node's journal has been drained to. */
  readPosition(): Promise<JournalEnd>;
  /**
   * Commits the records and moves the position from `from` to `to`. Records that the database can
   * never take are handed to `refused`, and the others are committed one by one.
   */
  write(records: readonly string[], from: JournalEnd, to: JournalEnd): Promise<void>;
}

export function openBatchWriter(
  sql: Sql,
  nodeId: string,
  wallMs: () => number,
  refused: (record: string) => Promise<void>,
): BatchWriter {
  async function insert(tx: Sql, records: readonly string[]): Promise<void> {
    if (records.length === 0) return;
    const fresh = await insertRecords(tx, records);
    const transactions = records
      .map(decodeCharge)
      .filter((charge) => charge.chargeNanos > 0n && fresh.has(charge.requestId))
      .map((charge) => transactionOf(charge, nodeId));
    if (transactions.length > 0) await bookTransactions(tx, transactions, wallMs());
  }

  return {
    readPosition: () => readPosition(sql, nodeId),
    async write(records, from, to) {
      try {
        await inTransaction(sql, async (tx) => {
          await movePosition(tx, nodeId, from, to);
          await insert(tx, records);
        });
        return;
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
      // One record that the database can never take must not keep the others from it.
      for (const record of records) {
        try {
          await inTransaction(sql, (tx) => insert(tx, [record]));
        } catch (error) {
          if (!isRefusal(error)) throw error;
          await refused(record);
        }
      }
      await inTransaction(sql, (tx) => movePosition(tx, nodeId, from, to));
    },
  };
}

function transactionOf(charge: Charge, nodeId: string): Transaction {
  const { requestId, workspaceId, book, chargeNanos: amountNanos } = charge;
  const of = { requestId, workspaceId, book, amountNanos, nodeId };
  return charge.quarantined ? quarantine(of) : settle(of);
}

async function readPosition(sql: Sql, nodeId: string): Promise<JournalEnd> {
  await sql
    .insertInto('journal_positions')
    .values({ node_id: nodeId, segment: 0n, position: 0n })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await sql
    .selectFrom('journal_positions')
    .select(['segment', 'position'])
    .where('node_id', '=', nodeId)
    .executeTakeFirstOrThrow();
  return { segment: Number(row.segment), position: Number(row.position) };
}

/** The position moves from where the drain believes it to be, or the whole batch is undone. */
async function movePosition(
  tx: Sql,
  nodeId: string,
  from: JournalEnd,
  to: JournalEnd,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('journal_positions')
    .set({ segment: BigInt(to.segment), position: BigInt(to.position) })
    .where('node_id', '=', nodeId)
    .where('segment', '=', BigInt(from.segment))
    .where('position', '=', BigInt(from.position))
    .executeTakeFirstOrThrow();
  assert(numUpdatedRows === 1n, 'one drain moves the position of a node');
}
