// Writes usage records: whole batches of journal lines in one statement, each record once.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';

/**
 * Inserts records that were encoded by `encodeRecord`; returns the ids that were new. A record that
 * stands there already is left alone, so a journal may be read again.
 */
export async function insertRecords(
  tx: Sql,
  lines: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await rawSql<{ id: string }>`
    insert into usage_records
    select * from json_populate_recordset(null::usage_records, ${`[${lines.join(',')}]`}::json)
    on conflict (id) do nothing
    returning id`.execute(tx);
  await insertFailedAttempts(tx, lines.filter(hasFailedAttempts));
  return new Set(rows.map((row) => row.id));
}

/** By the end of the line alone: nearly every request is answered at its first try. */
function hasFailedAttempts(line: string): boolean {
  return !line.endsWith('"failed_attempts":[]}');
}

async function insertFailedAttempts(tx: Sql, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await rawSql`
    insert into failed_attempts (request_id, attempt, provider, status, error_code, cost_nanos)
    select record->>'id', attempt, provider, status, error_code, cost_nanos
    from json_array_elements(${`[${lines.join(',')}]`}::json) as record,
      json_to_recordset(record->'failed_attempts') as a
        (attempt smallint, provider text, status smallint, error_code text, cost_nanos bigint)
    on conflict (request_id, attempt) do nothing`.execute(tx);
}
