// What operators give back: never more than a charge, never to anybody who did not pay it, whoever
// decides at the same time, and refused by the database itself should the code be wrong.

import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction, violatedConstraint } from '../../src/db/database.ts';
import { hubAccount } from '../../src/ledger/accounts.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { listWaiting, readCharge, refundCharge, reviewCharge } from '../../src/ledger/reviews.ts';
import { endRunsOf } from '../../src/ledger/runs.ts';
import { type Transaction, refund, review } from '../../src/ledger/transactions.ts';
import { type Shop, openShop, proveAll } from '../reconcile/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { inSnapshot } from '../../src/reconcile/snapshot.ts';
import { balanceOf, expectBooksInOrder } from './world.ts';

const CHARGE = 1_000n;
const QUARANTINED = { quarantined: true, usageSource: 'unreadable' } as const;
const REFUSED = 'ledger_given_back_within_charge';

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`reviews and refunds on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    let shop: Shop;
    let other: Shop;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
      [shop, other] = [await openShop(sql), await openShop(sql)];
    });
    afterAll(async () => {
      await expectBooksInOrder(sql);
      const proofs = await inSnapshot(sql, proveAll);
      expect(proofs.usage_equals_charges.findings).toEqual([]);
      await open.drop();
    });

    const available = (of = shop) => balanceOf(sql, `live:available:${of.workspaceId}`);
    const quarantine = () => balanceOf(sql, 'live:quarantine');
    const decide = (requestId: string, giveBackNanos: bigint | 'all') =>
      reviewCharge(sql, { requestId, giveBackNanos }, Date.now());
    const giveBack = (requestId: string, amountNanos: bigint, refundId = newId('txn', 0)) =>
      refundCharge(sql, { requestId, amountNanos, refundId }, Date.now());
    const chargeOf = async (requestId: string) => {
      const charge = await readCharge(sql, requestId);
      if (!charge) throw new Error('there is no charge');
      return charge;
    };
    const book = (...transactions: Transaction[]) =>
      inTransaction(sql, (tx) => bookTransactions(tx, transactions, Date.now()));
    const isRefused = (error: unknown) => violatedConstraint(error) === REFUSED;

    it('lists what waits until it is decided', async () => {
      const [first, second] = [await shop.sell(QUARANTINED), await shop.sell(QUARANTINED)];
      await shop.sell();
      expect((await listWaiting(sql, 10)).sort()).toEqual([first, second].sort());
      expect(await listWaiting(sql, 1)).toHaveLength(1);
      await decide(first, 0n);
      expect(await listWaiting(sql, 10)).toEqual([second]);
      await decide(second, 'all');
      expect(await listWaiting(sql, 10)).toEqual([]);
    });

    it.each([
      ['keeps all of a charge', 0n],
      ['gives a part of it back', 400n],
      ['gives all of it back', CHARGE],
    ])('%s, once however often it is said', async (_what, part) => {
      const requestId = await shop.sell(QUARANTINED);
      const [had, revenue] = [await available(), await balanceOf(sql, 'live:revenue')];
      expect(await quarantine()).toBe(CHARGE);
      const states = await Promise.all([1, 2, 3].map(() => decide(requestId, part)));
      for (const state of states) {
        expect(state).toMatchObject({
          waitingNanos: 0n,
          earnedNanos: CHARGE - part,
          givenBackNanos: part,
        });
      }
      expect(await available()).toBe(had + part);
      expect(await balanceOf(sql, 'live:revenue')).toBe(revenue + CHARGE - part);
      expect(await quarantine()).toBe(0n);
      await expect(decide(requestId, part === 0n ? 1n : 0n)).rejects.toMatchObject({
        code: 'conflict',
      });
      await expect(decide(requestId, CHARGE + 1n)).rejects.toMatchObject({
        code: 'invalid_request',
      });
    });

    it('decides one way only when two ways are said at the same time', async () => {
      const requestId = await shop.sell(QUARANTINED);
      const said = await Promise.allSettled([decide(requestId, 0n), decide(requestId, 'all')]);
      expect(said.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await quarantine()).toBe(0n);
    });

    it('refunds in parts up to the charge, and not a nano-dollar more', async () => {
      const requestId = await shop.sell();
      const had = await available();
      expect(await giveBack(requestId, 300n, 'a')).toMatchObject({ givenBackNanos: 300n });
      expect(await giveBack(requestId, 300n, 'a')).toMatchObject({ givenBackNanos: 300n });
      await expect(giveBack(requestId, 301n, 'a')).rejects.toMatchObject({ code: 'conflict' });
      const tooMuch = { code: 'invalid_request', param: 'amountUsd' };
      await expect(giveBack(requestId, 701n)).rejects.toMatchObject(tooMuch);
      expect(await giveBack(requestId, 700n, 'b')).toMatchObject({ earnedNanos: 0n });
      await expect(giveBack(requestId, 1n)).rejects.toMatchObject(tooMuch);
      expect(await giveBack(requestId, 700n, 'b')).toMatchObject({ givenBackNanos: CHARGE });
      expect(await available()).toBe(had + CHARGE);
    });

    it('lets of many refunds at the same time only those through that fit', async () => {
      const requestId = await shop.sell();
      const had = await available();
      const sent = await Promise.allSettled(
        Array.from({ length: 8 }, () => giveBack(requestId, 300n)),
      );
      expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
      for (const result of sent) {
        if (result.status === 'fulfilled') continue;
        expect(result.reason).toMatchObject({ code: 'invalid_request' });
      }
      expect(await available()).toBe(had + 900n);
    });

    it('refunds of a reviewed charge what was kept of it', async () => {
      const requestId = await shop.sell(QUARANTINED);
      await expect(giveBack(requestId, 1n)).rejects.toMatchObject({ code: 'invalid_request' });
      await decide(requestId, 400n);
      await expect(giveBack(requestId, 601n)).rejects.toMatchObject({ code: 'invalid_request' });
      expect(await giveBack(requestId, 600n)).toMatchObject({ givenBackNanos: CHARGE });
    });

    it('knows no charge of a request that was not charged', async () => {
      const free = await shop.sell({ chargeNanos: 0n, costNanos: 0n });
      for (const requestId of [free, newId('req', 0)]) {
        await expect(giveBack(requestId, 1n)).rejects.toMatchObject({ code: 'not_found' });
        await expect(decide(requestId, 'all')).rejects.toMatchObject({ code: 'not_found' });
      }
      await expect(decide(await shop.sell(), 'all')).rejects.toMatchObject({ code: 'conflict' });
    });

    it('gives nothing back of what the hub bore, but takes its own loss back', async () => {
      const gone = await openShop(sql);
      await endRunsOf(sql, gone.nodeId, Date.now());
      const [settled, doubtful] = [await gone.sell(), await gone.sell(QUARANTINED)];
      const had = await available(gone);
      expect(await chargeOf(settled)).toMatchObject({ borneByHub: true });
      await expect(giveBack(settled, 1n)).rejects.toMatchObject({ code: 'conflict' });
      const loss = await balanceOf(sql, 'live:suspense');
      await decide(doubtful, 'all');
      expect(await balanceOf(sql, 'live:suspense')).toBe(loss + CHARGE);
      expect(await available(gone)).toBe(had);
    });

    describe('the database itself refuses', () => {
      const payTo = (transaction: Transaction, from: string, to: string): Transaction => ({
        ...transaction,
        entries: transaction.entries.map((entry) =>
          entry.account.id === from ? { ...entry, account: { ...entry.account, id: to } } : entry,
        ),
      });

      it('a refund beyond the charge, in one piece or in parts', async () => {
        const charge = await chargeOf(await shop.sell());
        await expect(book(refund(charge, CHARGE + 1n, 'x'))).rejects.toSatisfy(isRefused);
        const halves = [refund(charge, 501n, 'y'), refund(charge, 500n, 'z')];
        await expect(book(...halves)).rejects.toSatisfy(isRefused);
        await book(refund(charge, 501n, 'y'));
        await expect(book(refund(charge, 500n, 'z'))).rejects.toSatisfy(isRefused);
      });

      it.each(['read committed', 'repeatable read', 'serializable'])(
        'the second of two refunds at the same time that fit only one by one (%s)',
        async (isolation) => {
          const charge = await chargeOf(await shop.sell());
          const had = await available();
          const inserted = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
          const both = Promise.all(inserted.map(({ promise }) => promise));
          const race = (at: 0 | 1) =>
            inTransaction(sql, async (tx) => {
              await rawSql.raw(`set transaction isolation level ${isolation}`).execute(tx);
              await rawSql`select 1 from ledger_transactions limit 1`.execute(tx);
              inserted[at]?.resolve();
              // One connection cannot hold two transactions at a time.
              if (kind.name === 'postgres') await both;
              await bookTransactions(tx, [refund(charge, 600n, `race-${at}`)], Date.now());
            });
          const results = await Promise.allSettled([race(0), race(1)]);
          expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
          expect(await available()).toBe(had + 600n);
        },
      );

      it('to give it to another customer, or to another customer’s lease', async () => {
        const charge = await chargeOf(await shop.sell());
        const lease = `live:lease:${shop.workspaceId}:${shop.runId}`;
        for (const to of [`live:available:${other.workspaceId}`, 'live:funding', lease]) {
          const astray = payTo(refund(charge, 1n, to), charge.payer.id, to);
          await expect(book(astray), to).rejects.toSatisfy(isRefused);
        }
      });

      it('a review that takes what others have in quarantine', async () => {
        const requestId = await shop.sell(QUARANTINED);
        await other.sell(QUARANTINED);
        const charge = await chargeOf(requestId);
        const greedy = { ...charge, amountNanos: CHARGE * 2n };
        await expect(book(review(greedy, 0n))).rejects.toSatisfy(isRefused);
        await expect(book(review(greedy, CHARGE * 2n))).rejects.toSatisfy(isRefused);
      });

      it('a refund of a quarantined charge before it is earned', async () => {
        const charge = await chargeOf(await shop.sell(QUARANTINED));
        await expect(book(refund(charge, 1n, 'early'))).rejects.toSatisfy(isRefused);
        await book(review(charge, 400n), refund(charge, 600n, 'late'));
      });

      it('a refund to a customer of what the hub bore', async () => {
        const gone = await openShop(sql);
        await endRunsOf(sql, gone.nodeId, Date.now());
        const charge = await chargeOf(await gone.sell());
        const to = (await chargeOf(await shop.sell())).payer;
        await expect(book(refund({ ...charge, payer: to }, 1n, 'x'))).rejects.toSatisfy(isRefused);
        expect(charge.payer).toEqual(hubAccount('live', 'suspense'));
      });

      it('a refund about what is no charge', async () => {
        const charge = await chargeOf(await shop.sell());
        const { id } = await sql
          .selectFrom('ledger_transactions')
          .select('id')
          .where('kind', '=', 'grant')
          .limit(1)
          .executeTakeFirstOrThrow();
        const astray = refund({ ...charge, transactionId: id }, 1n, 'astray');
        await expect(book(astray)).rejects.toSatisfy(isRefused);
      });
    });
  });
}
