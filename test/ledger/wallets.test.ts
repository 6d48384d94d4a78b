import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { availableAccount, leaseAccount } from '../../src/ledger/accounts.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { settle } from '../../src/ledger/transactions.ts';
import type { Hold } from '../../src/ledger/wallets.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { openNode, tendWhile } from './nodes.ts';
import { balanceOf, expectBooksInOrder, grantTo, liveOf, makeWorkspace } from './world.ts';

const DOLLAR = 1_000_000_000n;
const REFUSED = { code: 'insufficient_balance' };

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`wallets on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
    });
    afterAll(() => open.drop());

    const availableOf = (workspaceId: string) =>
      balanceOf(sql, availableAccount(liveOf(workspaceId)).id);

    test('500 holds at once on funds for ten: exactly ten are held', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const { wallets, hold } = await openNode(sql);
      const tries = await Promise.allSettled(
        Array.from({ length: 500 }, () => hold(workspaceId, 100n)),
      );
      expect(tries.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(10);
      for (const attempt of tries) {
        if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject(REFUSED);
      }
      expect(wallets.heldNanos()).toBe(1_000n);
      const account = leaseAccount(liveOf(workspaceId), wallets.runId());
      expect(await balanceOf(sql, account.id)).toBe(1_000n);
    });

    test('500 holds at once over two nodes on funds for ten: exactly ten are held', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const nodes = [await openNode(sql), await openNode(sql)];
      const tries = await tendWhile(
        nodes,
        Promise.allSettled(
          Array.from({ length: 500 }, (_, i) => nodes[i % 2]!.hold(workspaceId, 100n)),
        ),
      );
      expect(tries.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(10);
      await expectBooksInOrder(sql);
    });

    test('a balance between the least and the wanted hold gives what there is', async () => {
      const workspaceId = await makeWorkspace(sql, 70n);
      const { hold } = await openNode(sql);
      expect((await hold(workspaceId, 100n, 50n)).amountNanos).toBe(70n);
      await expect(hold(workspaceId, 100n, 50n)).rejects.toMatchObject(REFUSED);
    });

    test('what is not charged is free for the next hold at once', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const { hold } = await openNode(sql);
      const first = await hold(workspaceId, 100n);
      await expect(hold(workspaceId, 60n)).rejects.toMatchObject(REFUSED);
      first.settle(40n);
      expect((await hold(workspaceId, 60n)).amountNanos).toBe(60n);
      await expect(hold(workspaceId, 1n)).rejects.toMatchObject(REFUSED);
    });

    test.each([
      ['more than it holds', (hold: Hold) => hold.settle(hold.amountNanos + 1n)],
      ['a negative amount', (hold: Hold) => hold.settle(-1n)],
      ['twice', (hold: Hold) => [hold.settle(1n), hold.settle(1n)]],
    ])('a hold cannot be settled with %s', async (_, misuse) => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const { hold } = await openNode(sql);
      const held = await hold(workspaceId, 10n);
      expect(() => misuse(held)).toThrow(/Invariant broken/);
    });

    test('money that came in is spendable within a second of "empty"', async () => {
      const workspaceId = await makeWorkspace(sql);
      const { hold } = await openNode(sql);
      await expect(hold(workspaceId, 5n)).rejects.toMatchObject(REFUSED);
      await grantTo(sql, workspaceId, 5n);
      await vi.waitFor(() => hold(workspaceId, 5n), { timeout: 1_000 });
    });

    test('an idle lease goes home after three seconds, what was charged does not', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const node = await openNode(sql);
      (await node.hold(workspaceId, 10n)).settle(4n);
      const leased = 1_000n - (await availableOf(workspaceId));
      expect(leased).toBeGreaterThan(4n);
      node.clock.advance(2_900);
      await node.wallets.tend();
      expect(await availableOf(workspaceId)).toBe(1_000n - leased);
      node.clock.advance(200);
      await node.wallets.tend();
      expect(await availableOf(workspaceId)).toBe(996n);
      const payer = leaseAccount(liveOf(workspaceId), node.wallets.runId());
      const charge = settle({ payer, amountNanos: 4n, requestId: newId('req', 0) });
      await inTransaction(sql, (tx) => bookTransactions(tx, [charge], 0));
      expect(await balanceOf(sql, payer.id)).toBe(0n);
      await expectBooksInOrder(sql);
    });

    test('while one request holds money for long, the idle rest goes home', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const node = await openNode(sql);
      const long = await node.hold(workspaceId, 10n);
      node.clock.advance(3_100);
      await node.wallets.tend();
      expect(await availableOf(workspaceId)).toBe(990n);
      long.settle(10n);
    });

    test('a node that closes gives back all that is free', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const { wallets, hold } = await openNode(sql);
      (await hold(workspaceId, 10n)).settle(0n);
      await wallets.close();
      expect(await availableOf(workspaceId)).toBe(100n);
    });

    test('a lease grows with the demand, and never takes more ahead than others need', async () => {
      const workspaceId = await makeWorkspace(sql, 10_000n * DOLLAR);
      const { hold, clock } = await openNode(sql);
      const leases: bigint[] = [];
      let before = 10_000n * DOLLAR;
      for (let i = 0; i < 400; i++) {
        (await hold(workspaceId, DOLLAR / 2n)).settle(DOLLAR / 2n);
        const after = await availableOf(workspaceId);
        if (after < before) leases.push(before - after);
        before = after;
      }
      // 400 requests in a burst, and a handful of leases for them.
      expect(leases.length).toBeLessThan(8);
      expect(leases[0]).toBeLessThan(leases.at(-1)!);
      clock.advance(60_000);
      const small = await makeWorkspace(sql, 100n);
      (await hold(small, 20n)).settle(0n);
      expect(await availableOf(small)).toBe(60n);
    });
  });
}
