import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { availableAccount } from '../../src/ledger/accounts.ts';
import type { Bank } from '../../src/ledger/bank.ts';
import { type BudgetRef, windowPurse } from '../../src/ledger/purse.ts';
import { recallLeases } from '../../src/ledger/recalls.ts';
import { openWindow } from '../../src/ledger/windows.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { openNode, tendWhile } from './nodes.ts';
import { balanceOf, expectBooksInOrder, makeBudget, makeWorkspace } from './world.ts';

const EXCEEDED = { code: 'budget_exceeded' };
const DAY_MS = 86_400_000;

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`budgets in the ledger on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
    });
    afterAll(() => open.drop());

    const setLimit = (budget: BudgetRef, limitNanos: bigint) =>
      sql
        .updateTable('budgets')
        .set({ limit_nanos: limitNanos })
        .where('id', '=', budget.id)
        .execute();

    test('500 requests at once over two nodes never hold more than the budget', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000_000n);
      const budget = await makeBudget(sql, workspaceId, 'daily', 1_000n);
      const nodes = [await openNode(sql), await openNode(sql)];
      const tries = await tendWhile(
        nodes,
        Promise.allSettled(
          Array.from({ length: 500 }, (_, i) =>
            nodes[i % 2]!.holdWithin(workspaceId, [budget], 100n),
          ),
        ),
      );
      const held = tries.flatMap((of) => (of.status === 'fulfilled' ? of.value : []));
      expect(held).toHaveLength(10);
      for (const of of tries) {
        if (of.status === 'rejected') expect(of.reason).toMatchObject(EXCEEDED);
      }
      await expectBooksInOrder(sql);
    });

    test('a request is held in the balance and in every budget, or in none', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const wide = await makeBudget(sql, workspaceId, 'monthly', 500n);
      const narrow = await makeBudget(sql, workspaceId, 'total', 50n);
      const { wallets, holdWithin } = await openNode(sql);
      await expect(holdWithin(workspaceId, [wide, narrow], 100n)).rejects.toMatchObject(EXCEEDED);
      expect(wallets.heldNanos()).toBe(0n);
      const hold = await holdWithin(workspaceId, [wide, narrow], 100n, 20n);
      expect(hold.amountNanos).toBe(50n);
      expect(hold.allowances).toHaveLength(2);
      expect(wallets.heldNanos()).toBe(150n);
      hold.settle(50n);
      await expect(holdWithin(workspaceId, [narrow], 1n)).rejects.toMatchObject(EXCEEDED);
      expect((await holdWithin(workspaceId, [wide], 450n)).amountNanos).toBe(450n);
    });

    test('says that the balance is short where it is, not the budget', async () => {
      const workspaceId = await makeWorkspace(sql, 10n);
      const budget = await makeBudget(sql, workspaceId, 'daily', 1_000n);
      const { holdWithin } = await openNode(sql);
      await expect(holdWithin(workspaceId, [budget], 100n)).rejects.toMatchObject({
        code: 'insufficient_balance',
      });
    });

    test('a lowered limit holds at once, also against what nodes have leased', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000_000n);
      const budget = await makeBudget(sql, workspaceId, 'weekly', 1_000n);
      const node = await openNode(sql);
      (await node.holdWithin(workspaceId, [budget], 300n)).settle(300n);
      await setLimit(budget, 400n);
      const { purse } = await openWindow(sql, budget);
      await inTransaction(sql, (tx) => recallLeases(tx, purse.id));
      await node.wallets.tend();
      const rest = await node.holdWithin(workspaceId, [budget], 500n, 1n);
      expect(rest.amountNanos).toBe(100n);
      rest.settle(100n);
      await setLimit(budget, 10n);
      await expect(node.holdWithin(workspaceId, [budget], 1n)).rejects.toMatchObject(EXCEEDED);
      await setLimit(budget, 450n);
      node.clock.advance(300);
      expect((await node.holdWithin(workspaceId, [budget], 500n, 1n)).amountNanos).toBe(50n);
      await expectBooksInOrder(sql);
    });

    test('a new window begins with the whole limit, the old one keeps what was spent in it', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const budget = await makeBudget(sql, workspaceId, 'daily', 100n);
      const node = await openNode(sql);
      const before = await node.holdWithin(workspaceId, [budget], 100n);
      // As if the first window had been yesterday's: only then is today's a new one.
      await rawSql`update budgets set window_start = window_start + interval '1 day'
        where id = ${budget.id}`.execute(sql);
      node.clock.advance(DAY_MS);
      await node.wallets.tend();
      const after = await node.holdWithin(workspaceId, [budget], 100n);
      expect(after.allowances).not.toEqual(before.allowances);
      expect(after.amountNanos).toBe(100n);
      before.settle(100n);
      after.settle(0n);
      expect((await node.holdWithin(workspaceId, [budget], 100n)).amountNanos).toBe(100n);
    });

    test('a window never gives way to an earlier one, whatever the clocks do', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      for (const span of ['daily', 'weekly', 'monthly'] as const) {
        const budget = await makeBudget(sql, workspaceId, span, 100n);
        // The server's clock was a year ahead when the newest window was opened, and is right again.
        await rawSql`update budgets set window_start = date_trunc('year', now(), 'UTC')
          + interval '1 year' where id = ${budget.id}`.execute(sql);
        const { purse, remainingMs } = await openWindow(sql, budget);
        expect(purse.id).toBe(`${budget.id}:${new Date().getUTCFullYear() + 1}-01-01`);
        expect(remainingMs).toBeGreaterThan(DAY_MS);
        // A node whose own clock jumps back and forth stays in it as well.
        const node = await openNode(sql);
        (await node.holdWithin(workspaceId, [budget], 100n)).settle(100n);
        const refused = node.holdWithin(workspaceId, [budget], 1n);
        await expect(refused).rejects.toMatchObject(EXCEEDED);
      }
    });

    test('a window ends when its day, week or month in UTC does', async () => {
      const workspaceId = await makeWorkspace(sql);
      const nowMs = Date.now();
      const now = new Date(nowMs);
      const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1);
      const monday = midnight + ((7 - now.getUTCDay()) % 7) * DAY_MS;
      const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
      const ends = { daily: midnight, weekly: monday, monthly: first } as const;
      for (const [span, endMs] of Object.entries(ends) as [keyof typeof ends, number][]) {
        const budget = await makeBudget(sql, workspaceId, span, 1n);
        const { remainingMs } = await openWindow(sql, budget);
        expect(Math.abs(nowMs + remainingMs - endMs), span).toBeLessThan(5_000);
      }
      const total = await makeBudget(sql, workspaceId, 'total', 1n);
      const forever = await openWindow(sql, total);
      expect(forever).toEqual({
        purse: windowPurse(`${total.id}:total`, workspaceId),
        remainingMs: Number.POSITIVE_INFINITY,
      });
    });

    test('a request whose window is not known waits for nobody while the database is away', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const budget = await makeBudget(sql, workspaceId, 'daily', 100n);
      const cut = (bank: Bank): Bank => ({
        ...bank,
        openWindow: () => Promise.reject(new Error('away')),
      });
      const { wallets, holdWithin } = await openNode(sql, { through: cut });
      await expect(holdWithin(workspaceId, [budget], 1n)).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
      expect(wallets.heldNanos()).toBe(0n);
      expect(await balanceOf(sql, availableAccount(windowPurse(budget.id, '')).id)).toBe(0n);
    });
  });
}
