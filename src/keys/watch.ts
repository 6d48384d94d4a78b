// Follows the changes of API keys. Each change takes a number; whoever watches asks for the numbers
// that it has not seen: at every notification, and every second anyway, because a notification can
// be lost and a revoked key must stop within seconds.

import { waitAtMost } from '../base/deadline.ts';
import type { Database } from '../db/database.ts';

const POLL_MS = 1_000;
/** Longer than this no poll is waited for: its connection may have died without a word. */
const STALL_MS = 1_000;
export const KEYS_CHANNEL = 'api_keys';

export interface KeyWatch {
  close(): Promise<void>;
}

/** Calls back with the SHA-256 of each key that was made, changed or revoked from now on. */
export async function watchKeys(
  database: Database,
  onChanges: (hashes: readonly Buffer[]) => void,
): Promise<KeyWatch> {
  let seen = await newestChange(database);
  let polling: Promise<void> | undefined;
  let again = false;

  function poll(): void {
    again = true;
    // A database that is away is asked again at the next tick.
    polling ??= waitAtMost(STALL_MS, readChanges())
      .catch(() => undefined)
      .finally(() => {
        polling = undefined;
      });
  }

  async function readChanges(): Promise<void> {
    while (again) {
      again = false;
      const rows = await database.sql
        .selectFrom('api_keys')
        .select(['secret_hash', 'change'])
        .where('change', '>', seen)
        .orderBy('change')
        .execute();
      const newest = rows.at(-1)?.change ?? seen;
      // A poll that was given up may come back after later ones.
      if (newest > seen) seen = newest;
      if (rows.length > 0) onChanges(rows.map((row) => row.secret_hash));
    }
  }

  const timer = setInterval(poll, POLL_MS);
  timer.unref();
  await database.listen(KEYS_CHANNEL, poll);
  return {
    async close() {
      clearInterval(timer);
      await polling;
    },
  };
}

async function newestChange(database: Database): Promise<bigint> {
  const row = await database.sql
    .selectFrom('api_keys')
    .select((eb) => eb.fn.max('change').as('change'))
    .executeTakeFirst();
  return row?.change ?? 0n;
}
