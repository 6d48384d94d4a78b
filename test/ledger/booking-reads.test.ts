// What booking a batch reads of the ledger does not grow with the ledger: the database's checks find by
// index what they ask for, also with plans from when the tables were empty.

import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { settleTogether } from '../../src/journal/settlements.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { readLine } from '../../src/usage/line.ts';
import { encodeRecord } from '../../src/usage/record.ts';
import { insertRecords } from '../../src/usage/store.ts';
import { type Shop, openShop, recordOf } from '../reconcile/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

const EARLIER_BATCHES = 60;

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`what booking reads on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    let shops: Shop[];
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
      shops = [await openShop(sql), await openShop(sql), await openShop(sql)];
    });
    afterAll(() => open.drop());

    /** Books a batch of all shops, of which each charge counts in a window; returns the rows it read. */
    async function bookBatch(): Promise<number> {
      const lines = shops
        .flatMap((shop) => [shop, shop])
        .map((shop) => readLine(encodeRecord(recordOf(shop, { allowances: [shop.windowId] }))));
      return inTransaction(sql, async (tx) => {
        const before = await countReads(tx);
        const openRuns = new Set(shops.map(({ runId }) => runId));
        const { transactions, keys } = settleTogether(lines, openRuns);
        const booked = await bookTransactions(tx, transactions, Date.now());
        await insertRecords(
          tx,
          lines.map((line, i) => ({ line, settlementId: booked.get(keys[i] ?? '') })),
        );
        await rawSql`set constraints all immediate`.execute(tx);
        return (await countReads(tx)) - before;
      });
    }

    it('is as little after many batches as it was at first', async () => {
      const atFirst = await bookBatch();
      for (let i = 0; i < EARLIER_BATCHES; i++) await bookBatch();
      const later = await bookBatch();
      expect(atFirst).toBeGreaterThan(0);
      // A version of an account's row that was replaced lately may be looked at as well.
      expect(later).toBeLessThan(2 * atFirst);
    });
  });
}

/** Rows that this connection has read; what it has not reported yet of earlier work is among them. */
async function countReads(tx: Sql): Promise<number> {
  const { rows } = await rawSql<{ reads: string }>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as reads from pg_stat_xact_user_tables
    where relname like 'ledger%' or relname = 'usage_records'`.execute(tx);
  return Number(rows[0]?.reads);
}
