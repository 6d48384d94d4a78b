import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PriceDraft } from '../../src/catalog/price-list.ts';
import {
  addMarkup,
  checkPrices,
  publishPrices,
  readPriceBook,
} from '../../src/catalog/price-store.ts';
import { type PriceWatch, watchPrices } from '../../src/catalog/price-watch.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { NOW_MS } from './pricing.ts';

const MODEL = 'openai/gpt-4o';
const DAY_MS = 86_400_000;
/** A publication must be seen within a second; the rest is the machine's. */
const SEEN_MS = 5_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`published prices on ${db.label}`, () => {
    let open: OpenTestDatabase;
    let watch: PriceWatch;
    beforeAll(async () => {
      open = await openTestDatabase(db.name);
      watch = await watchPrices(open.database);
    });
    afterAll(async () => {
      await watch.close();
      await open.drop();
    });

    const order = (...prices: PriceDraft[]) =>
      ({ origin: 'operator', list: { prices }, acceptJumps: [] }) as const;
    const draft = (effectiveFrom: string, input = '2.5'): PriceDraft => ({
      model: MODEL,
      effectiveFrom,
      rates: { input, cacheRead: '1.25', output: '10' },
      longContext: [{ above: 100, rates: { input: '5', output: '20' } }],
      serviceTiers: { flex: '0.5' },
    });
    const publish = (...prices: PriceDraft[]) =>
      publishPrices(open.database.sql, order(...prices), NOW_MS);
    const count = async () => (await readPriceBook(open.database.sql)).published.length;

    it('are read as they were published, and seen by every watcher', async () => {
      const { fresh } = await publish(draft('2027-01-01'));
      const book = await readPriceBook(open.database.sql);
      expect(book.published).toEqual([{ origin: 'operator', price: fresh[0] }]);
      const wallMs = Date.parse('2027-06-01');
      await expect
        .poll(() => watch.book().priceAt(MODEL, wallMs), { timeout: SEEN_MS })
        .toEqual(fresh[0]);
    });

    it('are seen though the notification was lost', async () => {
      const { sql } = open.database;
      const { number } = await sql
        .insertInto('price_lists')
        .values({ origin: 'operator' })
        .returning('number')
        .executeTakeFirstOrThrow();
      const id = 'openai/o3@2027-01-01.own';
      await sql
        .insertInto('prices')
        .values({
          id,
          version: id,
          list: number,
          provider: 'openai',
          model: 'openai/o3',
          effective_from: new Date('2027-01-01'),
          service_tier: null,
          above_prompt_tokens: 0n,
          rates: JSON.stringify({ inUncached: '1', outText: '1' }),
        })
        .execute();
      const found = () => watch.book().priceAt('openai/o3', Date.parse('2027-02-01'))?.version;
      await expect.poll(found, { timeout: SEEN_MS }).toBe(id);
    });

    it('change nothing when they are only checked, or refused', async () => {
      const before = await count();
      const { sql } = open.database;
      expect((await checkPrices(sql, order(draft('2027-02-01')), NOW_MS)).fresh).toHaveLength(1);
      const refused = await publish(draft('2027-02-01'), draft('2027-03-01', '0'));
      expect(refused.faults.map(({ code }) => code)).toEqual(['zero']);
      expect(await count()).toBe(before);
    });

    it('of one date at the same time are one, or one and a refusal', async () => {
      const twice = await Promise.all(
        ['3', '4'].map((input) => publish(draft('2027-04-01', input))),
      );
      const codes = twice.flatMap(({ faults }) => faults.map(({ code }) => code));
      expect(codes).toEqual(['changed_meaning']);
      const again = await Promise.all([1, 2].map(() => publish(draft('2027-05-01'))));
      expect(again.flatMap(({ faults, fresh }) => [...faults, ...fresh])).toHaveLength(1);
    });

    it('never change: neither rows of prices nor of lists nor of markups', async () => {
      const { sql } = open.database;
      await addMarkup(sql, { scope: 'default', target: null, bps: 550, effectiveFromMs: NOW_MS });
      for (const table of ['prices', 'price_lists', 'markups']) {
        const name = rawSql.table(table);
        const column = table === 'price_lists' ? 'published_at' : 'created_at';
        await expect(
          rawSql`update ${name} set ${rawSql.ref(column)} = now()`.execute(sql),
        ).rejects.toThrow(/stays as it was/);
        await expect(rawSql`delete from ${name}`.execute(sql)).rejects.toThrow(/stays as it was/);
        await expect(rawSql`truncate ${name} cascade`.execute(sql)).rejects.toThrow(
          /stays as it was|append-only/,
        );
      }
      await expect.poll(() => watch.book().markupAt(MODEL, NOW_MS), { timeout: SEEN_MS }).toBe(550);
      expect(watch.book().markupAt(MODEL, NOW_MS - DAY_MS)).toBe(0);
    });
  });
}
