// One frozen view of the database, read in slices. A slice bounds what one statement reads, so that no
// statement comes near the time limit and memory does not grow with the ledger; between two of them a
// run can be stopped, or others let through. Measured costs stand in reconciler.ts.

import { sql as rawSql } from 'kysely';
import { HubError } from '../base/errors.ts';
import { type Sql, inTransaction } from '../db/database.ts';

/** Keeps every statement below half a second on a small, busy machine. */
export const SLICE_ROWS = 10_000;
/** Any number that nothing else in this database uses as an advisory lock. */
const LOCK = 7_250_915;

/** The view itself, and what ends the reading of it early. */
export interface View {
  readonly tx: Sql;
  readonly signal: AbortSignal | undefined;
  readonly sliceRows: number;
}

/** Runs `work` on one view; throws `conflict` while another run is under way anywhere. */
export function inSnapshot<T>(sql: Sql, work: (tx: Sql) => Promise<T>): Promise<T> {
  return inTransaction(sql, async (tx) => {
    await rawSql`set transaction isolation level repeatable read`.execute(tx);
    const { rows } = await rawSql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(${LOCK}::bigint) as mine`.execute(tx);
    if (rows[0]?.mine !== true) {
      throw new HubError('conflict', { message: 'A reconciliation is running already.' });
    }
    return work(tx);
  });
}

/** A span of ids: after the first, up to and including the second (null: to the end). */
export interface Range {
  readonly after: string;
  readonly upTo: string | null;
}

/**
 * Spans that together cover every id there could be, each with at most a slice's rows of the table:
 * what refers to a row that is gone falls into one as well. By another column than the table's id a
 * span takes all rows of its last value, and none without a value. Throws when the run is to stop.
 */
export async function* rangesOf(
  { tx, signal, sliceRows }: View,
  table: 'ledger_transactions' | 'usage_records',
  column: 'id' | 'settlement_id' = 'id',
): AsyncGenerator<Range & { readonly rows: bigint }> {
  for (let after = ''; ; ) {
    signal?.throwIfAborted();
    const { rows: found } = await rawSql<{ rows: bigint; last: string | null }>`
      select count(*) as rows, max(id) as last
      from (select ${rawSql.ref(column)} as id from ${rawSql.table(table)}
        where ${rawSql.ref(column)} > ${after}
        order by ${rawSql.ref(column)} limit ${sliceRows}) slice`.execute(tx);
    const { rows, last } = found[0] ?? { rows: 0n, last: null };
    const isLast = last === null || rows < BigInt(sliceRows);
    yield { after, upTo: isLast ? null : last, rows };
    if (isLast) return;
    after = last;
  }
}

/** The condition that a column's id is within a range. */
export function within(column: string, { after, upTo }: Range) {
  const ref = rawSql.ref(column);
  return upTo === null
    ? rawSql<boolean>`${ref} > ${after}`
    : rawSql<boolean>`(${ref} > ${after} and ${ref} <= ${upTo})`;
}
