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
  return new Set(rows.map((row) => row.id));
}
