import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { HubError } from '../../src/base/errors.ts';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { availableAccount, leaseAccount } from '../../src/ledger/accounts.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { settle } from '../../src/ledger/transactions.ts';
import type { Hold } from '../../src/ledger/wallet.ts';
import { openWallets } from '../../src/ledger/wallets.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { balanceOf, expectBooksInOrder, grantTo, makeWorkspace } from './world.ts';

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`wallets on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
    });
    afterAll(() => open.drop());

    const openNode = () => {
      const nodeId = newId('node', Date.now());
      return { nodeId, wallets: openWallets(sql, nodeId, systemClock) };
    };

    test('500 holds at once on funds for ten: exactly ten are held', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const { wallets, nodeId } = openNode();
      const tries = await Promise.allSettled(
        Array.from({ length: 500 }, () => wallets.hold('live', workspaceId, 100n, 100n)),
      );
      expect(tries.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(10);
      for (const attempt of tries) {
        if (attempt.status === 'rejected') expect(attempt.reason.code).toBe('insufficient_balance');
      }
      expect(wallets.heldNanos()).toBe(1_000n);
      expect(await balanceOf(sql, leaseAccount('live', workspaceId, nodeId).id)).toBe(1_000n);
    });

    test('holds over two nodes at once never exceed the balance together', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const nodes = [openNode(), openNode()];
      const tries = await Promise.allSettled(
        Array.from({ length: 200 }, (_, i) =>
          nodes[i % 2]!.wallets.hold('live', workspaceId, 100n, 100n),
        ),
      );
      const held = tries.flatMap((attempt) =>
        attempt.status === 'fulfilled' ? attempt.value : [],
      );
      expect(held.length).toBeLessThanOrEqual(10);
      expect(held.reduce((sum, hold) => sum + hold.amountNanos, 0n)).toBeLessThanOrEqual(1_000n);
      await expectBooksInOrder(sql);
    });

    test('a balance between the least and the wanted hold gives what there is', async () => {
      const workspaceId = await makeWorkspace(sql, 70n);
      const { wallets } = openNode();
      expect((await wallets.hold('live', workspaceId, 100n, 50n)).amountNanos).toBe(70n);
      await expect(wallets.hold('live', workspaceId, 100n, 50n)).rejects.toThrow(HubError);
    });

    test('what is not charged is free for the next hold at once', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const { wallets } = openNode();
      const first = await wallets.hold('live', workspaceId, 100n, 100n);
      await expect(wallets.hold('live', workspaceId, 60n, 60n)).rejects.toThrow(HubError);
      first.settle(40n);
      expect((await wallets.hold('live', workspaceId, 60n, 60n)).amountNanos).toBe(60n);
      await expect(wallets.hold('live', workspaceId, 1n, 1n)).rejects.toThrow(HubError);
    });

    test.each([
      ['more than it holds', (hold: Hold) => hold.settle(hold.amountNanos + 1n)],
      ['a negative amount', (hold: Hold) => hold.settle(-1n)],
      ['twice', (hold: Hold) => [hold.settle(1n), hold.settle(1n)]],
    ])('a hold cannot be settled with %s', async (_, misuse) => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const { wallets } = openNode();
      const hold = await wallets.hold('live', workspaceId, 10n, 10n);
      expect(() => misuse(hold)).toThrow(/Invariant broken/);
    });

    test('money that came in is spendable within a second of "empty"', async () => {
      const workspaceId = await makeWorkspace(sql);
      const { wallets } = openNode();
      await expect(wallets.hold('live', workspaceId, 5n, 5n)).rejects.toThrow(HubError);
      await grantTo(sql, workspaceId, 5n);
      await vi.waitFor(() => wallets.hold('live', workspaceId, 5n, 5n), { timeout: 1_000 });
    });

    test('an idle lease goes home within five seconds, what was charged does not', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const { wallets, nodeId } = openNode();
      const hold = await wallets.hold('live', workspaceId, 10n, 10n);
      hold.settle(4n);
      const available = availableAccount('live', workspaceId).id;
      expect(await balanceOf(sql, available)).toBe(0n);
      await vi.waitFor(async () => expect(await balanceOf(sql, available)).toBe(96n), {
        timeout: 5_000,
        interval: 100,
      });
      const charge = settle({
        book: 'live',
        workspaceId,
        nodeId,
        amountNanos: 4n,
        requestId: newId('req', 0),
      });
      await inTransaction(sql, (tx) => bookTransactions(tx, [charge], 0));
      expect(await balanceOf(sql, leaseAccount('live', workspaceId, nodeId).id)).toBe(0n);
      await expectBooksInOrder(sql);
    });

    test('a node that closes gives back all that is free', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const { wallets } = openNode();
      (await wallets.hold('live', workspaceId, 10n, 10n)).settle(0n);
      await wallets.close();
      expect(await balanceOf(sql, availableAccount('live', workspaceId).id)).toBe(100n);
    });
  });
}
