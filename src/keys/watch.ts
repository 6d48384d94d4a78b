// Follows the changes of API keys, each of which takes a number.

import type { Database } from '../db/database.ts';
import { type Watch, watchChanges } from '../db/watch.ts';

export const KEYS_CHANNEL = 'api_keys';

/** Calls back with the SHA-256 of each key that was made, changed or revoked from now on. */
export async function watchKeys(
  database: Database,
  onChanges: (hashes: readonly Buffer[]) => void,
): Promise<Watch> {
  let seen = await newestChange(database);
  return watchChanges(database, KEYS_CHANNEL, async () => {
    const rows = await database.sql
      .selectFrom('api_keys')
      .select(['secret_hash', 'change'])
      .where('change', '>', seen)
      .orderBy('change')
      .execute();
    const newest = rows.at(-1)?.change ?? seen;
    if (newest > seen) seen = newest;
    if (rows.length > 0) onChanges(rows.map((row) => row.secret_hash));
  });
}

async function newestChange(database: Database): Promise<bigint> {
  const row = await database.sql
    .selectFrom('api_keys')
    .select((eb) => eb.fn.max('change').as('change'))
    .executeTakeFirst();
  return row?.change ?? 0n;
}
