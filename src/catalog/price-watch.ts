// The price book of a running node, always the newest that was published: read anew at every
// notification, and every second if its number has grown, because a notification can be lost. While
// the database is away the last book stays, and dated prices begin to hold all the same.

import { waitAtMost } from '../base/deadline.ts';
import type { Database } from '../db/database.ts';
import type { PriceBook } from './price-book.ts';
import { PRICES_CHANNEL, readPriceBook, readPublicationCount } from './price-store.ts';

const POLL_MS = 1_000;
/** Longer than this no poll is waited for: its connection may have died without a word. */
const STALL_MS = 1_000;

export interface PriceWatch {
  /** The newest book; a request asks once and keeps the answer. */
  book(): PriceBook;
  close(): Promise<void>;
}

export async function watchPrices(database: Database): Promise<PriceWatch> {
  const { sql } = database;
  let seen = await readPublicationCount(sql);
  let book = await readPriceBook(sql);
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
      // The number first: what is published in between is read now, and once more at the next tick.
      const count = await readPublicationCount(sql);
      if (count <= seen) continue;
      const newer = await readPriceBook(sql);
      // A poll that was given up may come back after later ones.
      if (count > seen) {
        seen = count;
        book = newer;
      }
    }
  }

  const timer = setInterval(poll, POLL_MS);
  timer.unref();
  await database.listen(PRICES_CHANNEL, poll);
  return {
    book: () => book,
    async close() {
      clearInterval(timer);
      await polling;
    },
  };
}
