// The price book of a running node, always the newest that was published. While the database is away
// the last book stays, and dated prices begin to hold all the same.

import type { Database } from '../db/database.ts';
import { watchChanges } from '../db/watch.ts';
import type { PriceBook } from './price-book.ts';
import { PRICES_CHANNEL, readPriceBook, readPublicationCount } from './price-store.ts';

export interface PriceWatch {
  /** The newest book; a request asks once and keeps the answer. */
  book(): PriceBook;
  close(): Promise<void>;
}

export async function watchPrices(database: Database): Promise<PriceWatch> {
  const { sql } = database;
  let seen = await readPublicationCount(sql);
  let book = await readPriceBook(sql);
  const watch = await watchChanges(database, PRICES_CHANNEL, async () => {
    // The number first: what is published in between is read now, and once more at the next tick.
    const count = await readPublicationCount(sql);
    if (count <= seen) return;
    const newer = await readPriceBook(sql);
    if (count > seen) {
      seen = count;
      book = newer;
    }
  });
  return { book: () => book, close: watch.close };
}
