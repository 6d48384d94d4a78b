// Writes a batch of journal records into the database: usage rows, settlements and the drained
// position in one transaction, so that each record counts exactly once whatever breaks.

import { assert } from '../base/errors.ts';
import { type Sql, inTransaction, isRefusal } from '../db/database.ts';
import { bookTransactions } from '../ledger/book.ts';
import { hubAccount, leaseAccount } from '../ledger/accounts.ts';
import { balancePurse, windowPurse } from '../ledger/purse.ts';
import { lockOpenRuns } from '../ledger/runs.ts';
import { type Transaction, countAgainst, quarantine, settle } from '../ledger/transactions.ts';
import { type Charge, decodeCharge } from '../usage/record.ts';
import { insertRecords } from '../usage/store.ts';
import type { JournalEnd } from './journal.ts';

export interface BatchWriter {
  /** Where this node's journal has been drained to. */
  readPosition(): Promise<JournalEnd>;
  /**
   * Commits the records and moves the position from `from` to `to`. Records that the database can
   * never take are handed to `refused`, and the others are committed without them.
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
    const charges = records.map(decodeCharge);
    const openRuns = await lockOpenRuns(tx, [...new Set(charges.map(({ runId }) => runId))]);
    const fresh = await insertRecords(tx, records);
    const transactions = charges
      .filter((charge) => charge.chargeNanos > 0n && fresh.has(charge.requestId))
      .flatMap((charge) => transactionsOf(charge, openRuns.has(charge.runId)));
    if (transactions.length > 0) await bookTransactions(tx, transactions, wallMs());
  }

  /** One record that the database can never take must not keep the others from it: halves find it. */
  async function insertHalves(records: readonly string[]): Promise<void> {
    const [first, ...others] = records;
    if (first === undefined) return;
    try {
      await inTransaction(sql, (tx) => insert(tx, records));
    } catch (error) {
      if (!isUnfit(error)) throw error;
      if (others.length === 0) return refused(first);
      const half = Math.ceil(records.length / 2);
      await insertHalves(records.slice(0, half));
      await insertHalves(records.slice(half));
    }
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
        if (!isUnfit(error)) throw error;
      }
      await insertHalves(records);
      await inTransaction(sql, (tx) => movePosition(tx, nodeId, from, to));
    },
  };
}

/** The database refuses it, or it is no record at all: neither ever becomes otherwise by itself. */
function isUnfit(error: unknown): boolean {
  return isRefusal(error) || error instanceof SyntaxError;
}

/**
 * The charge, and the same as each window of a budget counts it. Of a run that has been ended the money
 * went back to the customer, so that the hub bears what it had spent; windows got theirs back too.
 */
function transactionsOf(charge: Charge, isRunOpen: boolean): Transaction[] {
  const { requestId, workspaceId, book, runId, chargeNanos: amountNanos } = charge;
  const payer = isRunOpen
    ? leaseAccount(balancePurse(book, workspaceId), runId)
    : hubAccount(book, 'suspense');
  const settlement = charge.quarantined ? quarantine : settle;
  const counted = isRunOpen ? charge.allowances : [];
  return [
    settlement({ requestId, amountNanos, payer }),
    ...counted.map((purseId) =>
      countAgainst({ purse: windowPurse(purseId, workspaceId), runId, requestId, amountNanos }),
    ),
  ];
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
