import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sql } from '../../src/db/database.ts';
import { availableAccount } from '../../src/ledger/accounts.ts';
import type { Bank } from '../../src/ledger/bank.ts';
import { keepTending } from '../../src/ledger/tending.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { openNode, tendWhile } from './nodes.ts';
import { balanceOf, expectBooksInOrder, liveOf, makeBudget, makeWorkspace } from './world.ts';

const REFUSED = { code: 'insufficient_balance' };

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`money that another node holds, on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
    });
    afterAll(() => open.drop());

    test('is called home: the last dollar is spendable from any node', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const nodes = [await openNode(sql), await openNode(sql), await openNode(sql)] as const;
      for (const from of [0, 1, 2, 1, 0] as const) {
        const hold = await tendWhile(nodes, nodes[from].hold(workspaceId, 100n));
        expect(hold.amountNanos).toBe(100n);
        hold.settle(0n);
      }
      await expectBooksInOrder(sql);
    });

    test('is gathered from several holders for one request', async () => {
      const workspaceId = await makeWorkspace(sql, 90n);
      const nodes = [await openNode(sql), await openNode(sql), await openNode(sql)] as const;
      for (const node of nodes) (await node.hold(workspaceId, 30n, 10n)).settle(0n);
      const hold = await tendWhile(nodes, nodes[0].hold(workspaceId, 90n));
      expect(hold.amountNanos).toBe(90n);
    });

    test('is heard of by notification, without waiting for the next round', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const holder = await openNode(sql);
      const asker = await openNode(sql);
      (await holder.hold(workspaceId, 100n)).settle(0n);
      const tending = await keepTending(holder.wallets, open.database);
      try {
        const startedMs = performance.now();
        expect((await asker.hold(workspaceId, 100n)).amountNanos).toBe(100n);
        expect(performance.now() - startedMs).toBeLessThan(1_000);
      } finally {
        await tending.stop();
      }
    });

    test('stays where requests need it, and the asker hears so at once', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const nodes = [await openNode(sql), await openNode(sql)] as const;
      const busy = await nodes[0].hold(workspaceId, 60n);
      const refused = tendWhile(nodes, nodes[1].hold(workspaceId, 60n));
      await expect(refused).rejects.toMatchObject(REFUSED);
      expect((await tendWhile(nodes, nodes[1].hold(workspaceId, 60n, 10n))).amountNanos).toBe(40n);
      busy.settle(60n);
    });

    test('of a node that does not answer is not waited for twice', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const dead = await openNode(sql);
      const asker = await openNode(sql);
      (await dead.hold(workspaceId, 100n)).settle(0n);
      await expect(asker.hold(workspaceId, 50n)).rejects.toMatchObject(REFUSED);
      let asked = 0;
      const counting = (bank: Bank): Bank => ({
        ...bank,
        awaitsAnswer: (owner) => {
          asked += 1;
          return bank.awaitsAnswer(owner);
        },
      });
      const third = await openNode(sql, { through: counting });
      await expect(third.hold(workspaceId, 50n)).rejects.toMatchObject(REFUSED);
      expect(asked).toBe(1);
    });

    test('two nodes that both need all of it: one gets it, none waits for the other', async () => {
      for (let round = 0; round < 10; round++) {
        const workspaceId = await makeWorkspace(sql, 100n);
        const nodes = [await openNode(sql), await openNode(sql)] as const;
        for (const node of nodes) (await node.hold(workspaceId, 40n)).settle(0n);
        const tries = await tendWhile(
          nodes,
          Promise.allSettled(nodes.map((node) => node.hold(workspaceId, 80n))),
        );
        expect(tries.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
        await Promise.all(nodes.map(({ wallets }) => wallets.close()));
      }
      await expectBooksInOrder(sql);
    });

    test('a budget is called home like a balance', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      const budget = await makeBudget(sql, workspaceId, 'daily', 100n);
      const nodes = [await openNode(sql), await openNode(sql)] as const;
      for (const node of [nodes[0], nodes[1], nodes[0]]) {
        const held = await tendWhile(nodes, node.holdWithin(workspaceId, [budget], 100n));
        expect(held.amountNanos).toBe(100n);
        held.settle(0n);
      }
    });

    test('a recall whose answer was lost is answered again, and nothing is given back twice', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      let lose = true;
      const losing = (bank: Bank): Bank => ({
        ...bank,
        async giveBack(...given) {
          await bank.giveBack(...given);
          if (lose) throw new Error('The answer was lost.');
        },
      });
      const holder = await openNode(sql, { through: losing });
      const asker = await openNode(sql);
      (await holder.hold(workspaceId, 100n)).settle(0n);
      await expect(tendWhile([holder], asker.hold(workspaceId, 100n))).resolves.toMatchObject({
        amountNanos: 100n,
      });
      lose = false;
      await holder.wallets.tend();
      expect(await balanceOf(sql, availableAccount(liveOf(workspaceId)).id)).toBe(0n);
      await expectBooksInOrder(sql);
    });
  });
}
