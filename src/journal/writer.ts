// Writes a batch of journal records into the database: usage rows, settlements and the drained
// position in one transaction, so that each record counts exactly once whatever breaks. The whole
// batch goes in at once; only where the database refuses that is it looked at record by record.

import { type Sql, inTransaction, isRefusal } from '../db/database.ts';
import { bookTransactions } from '../ledger/book.ts';
import { lockOpenRuns } from '../ledger/runs.ts';
import { type Line, NoRecordError, readLine } from '../usage/line.ts';
import { findRecorded, insertRecords } from '../usage/store.ts';
import type { JournalEnd } from './journal.ts';
import { settleTogether } from './settlements.ts';

export interface BatchWriter {
  /** Where this node's journal has been drained to. */
  readPosition(): Promise<JournalEnd>;
  /**
   * Commits the records and moves the position from `from` to `to`. Records that the database can
   * never take are handed to `refused`, and the others are committed without them.
   */
  write(records: readonly string[], from: JournalEnd, to: JournalEnd): Promise<void>;
}

/** Some of what was to be settled together is settled already. */
class SettledError extends Error {}

/** The position is not where this drain left it, so nothing was moved. */
export class PositionMovedError extends Error {}

export function openBatchWriter(
  sql: Sql,
  nodeId: string,
  wallMs: () => number,
  refused: (record: string) => Promise<void>,
): BatchWriter {
  /** All of these records are new; throws where one is not. */
  async function insert(tx: Sql, lines: readonly Line[]): Promise<void> {
    if (lines.length === 0) return;
    const openRuns = await lockOpenRuns(tx, [...new Set(lines.map(({ runId }) => runId))]);
    const { transactions, keys } = settleTogether(lines, openRuns);
    const booked = await bookTransactions(tx, transactions, wallMs());
    if (booked.size < transactions.length) throw new SettledError('A charge is settled already');
    const settlementOf = (key: string | undefined): string | undefined =>
      key === undefined ? undefined : booked.get(key);
    await insertRecords(
      tx,
      lines.map((line, i) => ({ line, settlementId: settlementOf(keys[i]) })),
    );
  }

  /** What the journal holds twice, or was read before, is left alone. */
  async function insertNew(tx: Sql, records: readonly string[]): Promise<void> {
    const lines = new Map<string, Line>();
    for (const line of records.map(readLine)) {
      if (!lines.has(line.requestId)) lines.set(line.requestId, line);
    }
    const recorded = await findRecorded(tx, [...lines.keys()]);
    await insert(
      tx,
      [...lines.values()].filter(({ requestId }) => !recorded.has(requestId)),
    );
  }

  /** One record that the database can never take must not keep the others from it: halves find it. */
  async function insertHalves(records: readonly string[]): Promise<void> {
    const [first, ...others] = records;
    if (first === undefined) return;
    try {
      await inTransaction(sql, (tx) => insertNew(tx, records));
    } catch (error) {
      if (!isUnfit(error)) throw error;
      if (others.length === 0) return insertAgain(first);
      const half = Math.ceil(records.length / 2);
      await insertHalves(records.slice(0, half));
      await insertHalves(records.slice(half));
    }
  }

  /** Another drain may just have taken it: then it stands there now. */
  async function insertAgain(record: string): Promise<void> {
    try {
      await inTransaction(sql, (tx) => insertNew(tx, [record]));
    } catch (error) {
      if (!isUnfit(error)) throw error;
      await refused(record);
    }
  }

  return {
    readPosition: () => readPosition(sql, nodeId),
    async write(records, from, to) {
      try {
        await inTransaction(sql, async (tx) => {
          await movePosition(tx, nodeId, from, to);
          await insert(tx, records.map(readLine));
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
  return isRefusal(error) || error instanceof NoRecordError || error instanceof SettledError;
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
  if (numUpdatedRows !== 1n) throw new PositionMovedError('Another drain moves this position');
}
