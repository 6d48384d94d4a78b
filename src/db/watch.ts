// Follows changes of a table whose rows take numbers: whoever watches reads what it has not seen, at
// every notification, and every second anyway, because a notification can be lost and what was taken
// back must stop within seconds.

import { waitAtMost } from '../base/deadline.ts';
import type { Database } from './database.ts';

const POLL_MS = 1_000;
/** Longer than this no reading is waited for: its connection may have died without a word. */
const STALL_MS = 1_000;

export interface Watch {
  close(): Promise<void>;
}

/**
 * Calls `read` whenever something may have changed, one call at a time. One that was given up may come
 * back after later ones; one that fails is repeated at the next tick.
 */
export async function watchChanges(
  database: Database,
  channel: string,
  read: () => Promise<void>,
): Promise<Watch> {
  let polling: Promise<void> | undefined;
  let again = false;

  function poll(): void {
    again = true;
    polling ??= waitAtMost(STALL_MS, readAll())
      .catch(() => undefined)
      .finally(() => {
        polling = undefined;
      });
  }

  async function readAll(): Promise<void> {
    while (again) {
      again = false;
      await read();
    }
  }

  const timer = setInterval(poll, POLL_MS);
  timer.unref();
  await database.listen(channel, poll);
  return {
    async close() {
      clearInterval(timer);
      await polling;
    },
  };
}
