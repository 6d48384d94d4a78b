// Writes usage records: whole batches of journal lines in one COPY.

import { sql as rawSql } from 'kysely';
import { copyIn } from '../db/copy.ts';
import type { Sql } from '../db/database.ts';
import type { Line } from './line.ts';
import { RECORD_COLUMNS } from './record.ts';

const COLUMNS = [...RECORD_COLUMNS, 'settlement_id'];

/** A record, and the ledger transaction that books its charge; undefined where there is none. */
export interface SettledLine {
  readonly line: Line;
  readonly settlementId: string | undefined;
}

/** Inserts records; the database refuses all of them when one is there already or does not fit. */
export async function insertRecords(tx: Sql, records: readonly SettledLine[]): Promise<void> {
  let rows = '';
  for (const { line, settlementId } of records) {
    rows += `${line.columns}\t${settlementId ?? '\\N'}\n`;
  }
  await copyIn(tx, 'usage_records', COLUMNS, Buffer.from(rows));
  for (const { line } of records) if (line.failedAttempts !== '') await insertAttempts(tx, line);
}

/** Which of these requests have a record. */
export async function findRecorded(
  sql: Sql,
  requestIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await rawSql<{ id: string }>`
    select id from usage_records where id = any (${[...requestIds]}::text[])`.execute(sql);
  return new Set(rows.map((row) => row.id));
}

async function insertAttempts(tx: Sql, { requestId, failedAttempts }: Line): Promise<void> {
  await rawSql`
    insert into failed_attempts (request_id, attempt, provider, status, error_code, cost_nanos)
    select ${requestId}, attempt, provider, status, error_code, cost_nanos
    from json_to_recordset(${failedAttempts}::json) as a
      (attempt smallint, provider text, status smallint, error_code text, cost_nanos bigint)
  `.execute(tx);
}
