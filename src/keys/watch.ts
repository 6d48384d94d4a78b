// Follows the changes of API keys, each of which takes a number.

import type { Database } from '../db/database.ts';
import { type Watch, watchChanges } from '../db/watch.ts';

export const KEYS_CHANNEL = 'api_keys';

export interface KeyChange {
  readonly keyId: string;
  /** SHA-256 of the texts that it has now; others that it had are known by the key's id alone. */
  readonly hashes: readonly Buffer[];
}

/** Calls back with each key that is made, changed or revoked from now on. */
export async function watchKeys(
  database: Database,
  onChanges: (changes: readonly KeyChange[]) => void,
): Promise<Watch> {
  let seen = await newestChange(database);
  return watchChanges(database, KEYS_CHANNEL, async () => {
    const rows = await database.sql
      .selectFrom('api_keys')
      .select(['id', 'secret_hash', 'previous_hash', 'change'])
      .where('change', '>', seen)
      .orderBy('change')
      .execute();
    const newest = rows.at(-1)?.change ?? seen;
    if (newest > seen) seen = newest;
    const changes = rows.map(({ id, secret_hash: current, previous_hash: previous }) => {
      return { keyId: id, hashes: previous ? [current, previous] : [current] };
    });
    if (changes.length > 0) onChanges(changes);
  });
}

async function newestChange(database: Database): Promise<bigint> {
  const row = await database.sql
    .selectFrom('api_keys')
    .select((eb) => eb.fn.max('change').as('change'))
    .executeTakeFirst();
  return row?.change ?? 0n;
}
