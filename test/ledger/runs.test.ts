import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sql } from '../../src/db/database.ts';
import { availableAccount, leaseAccount } from '../../src/ledger/accounts.ts';
import type { Bank } from '../../src/ledger/bank.ts';
import { endRunsOf } from '../../src/ledger/runs.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { type TestNode, openNode } from './nodes.ts';
import { balanceOf, expectBooksInOrder, liveOf, makeWorkspace } from './world.ts';

const LIFE_MS = 60_000;
const STEP_MS = 4_000;
const AWAY = { code: 'storage_unavailable' };

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`the life of a node on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
    });
    afterAll(() => open.drop());

    const availableOf = (workspaceId: string) =>
      balanceOf(sql, availableAccount(liveOf(workspaceId)).id);

    /** Lets time pass for nodes that look around all the while. */
    async function pass(ms: number, ...nodes: TestNode[]): Promise<void> {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        for (const { clock, wallets } of nodes) {
          clock.advance(STEP_MS);
          await wallets.tend();
        }
      }
    }
    const openLivingNode = () => openNode(sql, { lifeMs: LIFE_MS });

    test('a node that is not seen any more loses its leases to their owners', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const dead = await openNode(sql, { lifeMs: LIFE_MS });
      (await dead.hold(workspaceId, 100n)).settle(0n);
      const watcher = await openLivingNode();
      await pass(LIFE_MS * 1.15, watcher);
      expect(await availableOf(workspaceId)).toBe(0n);
      await pass(LIFE_MS * 0.2, watcher);
      expect(watcher.expired).toContain(dead.wallets.runId());
      expect(await availableOf(workspaceId)).toBe(100n);
      await expectBooksInOrder(sql);
    });

    test('a node that was given up begins a new life, and never takes the old lease for its own', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const sleeper = await openNode(sql, { lifeMs: LIFE_MS });
      const running = await sleeper.hold(workspaceId, 40n);
      const oldRun = sleeper.wallets.runId();
      await endRunsOf(sql, sleeper.nodeId, 0);
      expect(await availableOf(workspaceId)).toBe(100n);
      sleeper.clock.advance(LIFE_MS / 5);
      await sleeper.wallets.tend();
      expect(sleeper.wallets.runId()).not.toBe(oldRun);
      const next = await sleeper.hold(workspaceId, 100n);
      expect(next).toMatchObject({ amountNanos: 100n, runId: sleeper.wallets.runId() });
      // What ran on in the old life settles against nothing that the new one holds.
      running.settle(1n);
      expect(running.runId).toBe(oldRun);
      expect(sleeper.wallets.heldNanos()).toBe(100n);
      next.settle(0n);
      await sleeper.wallets.close();
      expect(await availableOf(workspaceId)).toBe(100n);
      await expectBooksInOrder(sql);
    });

    test('a lease that is asked for in an ended life is refused, and the next life serves', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const node = await openNode(sql, { lifeMs: LIFE_MS });
      const oldRun = node.wallets.runId();
      await endRunsOf(sql, node.nodeId, 0);
      await expect(node.hold(workspaceId, 10n)).rejects.toMatchObject(AWAY);
      await node.wallets.tend();
      expect((await node.hold(workspaceId, 10n)).amountNanos).toBe(10n);
      expect(await balanceOf(sql, leaseAccount(liveOf(workspaceId), oldRun).id)).toBe(0n);
    });

    test('a node that cannot reach the database spends on, and stops before others take it for dead', async () => {
      const workspaceId = await makeWorkspace(sql, 1_000n);
      let away = false;
      const cut = (bank: Bank): Bank => ({
        ...bank,
        markSeen: (runId) => (away ? Promise.reject(new Error('away')) : bank.markSeen(runId)),
        lease: (...asked) => (away ? Promise.reject(new Error('away')) : bank.lease(...asked)),
      });
      const node = await openNode(sql, { lifeMs: LIFE_MS, through: cut });
      (await node.hold(workspaceId, 100n)).settle(0n);
      away = true;
      node.clock.advance(LIFE_MS - 1_000);
      await node.wallets.tend();
      const late = node.hold(workspaceId, 10n);
      // Idle money went home meanwhile or not: what is in memory is spent, what is not is refused.
      await late.catch((error: unknown) => expect(error).toMatchObject(AWAY));
      node.clock.advance(1_500);
      await node.wallets.tend();
      await expect(node.hold(workspaceId, 1n)).rejects.toMatchObject(AWAY);
      away = false;
      await node.wallets.tend();
      expect((await node.hold(workspaceId, 10n)).amountNanos).toBe(10n);
    });

    test('after an outage the first node back does not take the others for dead', async () => {
      const [first, other] = [await openLivingNode(), await openLivingNode()];
      await pass(LIFE_MS / 2, first, other);
      // The database is away for all: nobody can give a sign, and nobody can look.
      for (const { clock } of [first, other]) clock.advance(LIFE_MS * 3);
      await pass(LIFE_MS, first);
      expect(first.expired).not.toContain(other.wallets.runId());
      await pass(LIFE_MS, first, other);
      expect(first.expired).not.toContain(other.wallets.runId());
    });

    test("a jump of the database's clock makes nobody look dead", async () => {
      const nodes = [await openLivingNode(), await openLivingNode()] as const;
      await pass(LIFE_MS / 2, ...nodes);
      const other = nodes[1].wallets.runId();
      await rawSql`update node_runs set seen_at = now() - interval '1 day' where id = ${other}`.execute(
        sql,
      );
      await pass(LIFE_MS * 0.9, nodes[0]);
      expect(nodes[0].expired).not.toContain(other);
    });

    test('two watchers give the leases of a dead node back once', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const dead = await openLivingNode();
      (await dead.hold(workspaceId, 100n)).settle(0n);
      const watchers = [await openLivingNode(), await openLivingNode()];
      await pass(LIFE_MS * 1.15, ...watchers);
      for (const { clock } of watchers) clock.advance(LIFE_MS * 0.2);
      await Promise.all(watchers.map(({ wallets }) => wallets.tend()));
      const expired = watchers.flatMap((watcher) => watcher.expired);
      expect(expired.filter((runId) => runId === dead.wallets.runId())).toHaveLength(1);
      expect(await availableOf(workspaceId)).toBe(100n);
      await expectBooksInOrder(sql);
    });
  });
}
