import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { parseUsd } from '../../src/base/money.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { bootstrap, welcome } from '../../src/identity/first-operator.ts';
import { NOBODY, createLink } from '../../src/identity/links.ts';
import { findPersonByEmail } from '../../src/identity/people.ts';
import { listWorkspaces } from '../../src/identity/workspaces.ts';
import { listKeys } from '../../src/keys/manage.ts';
import { parseKeySecret } from '../../src/keys/secret.ts';
import { readBalance } from '../../src/ledger/balances.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { expectBooksInOrder } from '../ledger/world.ts';
import { PASSWORD } from './world.ts';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
    });
    afterAll(() => opened.drop());
    // Without people the hub waits for its operator again; their members' rows go with them.
    beforeEach(async () => {
      await sql.deleteFrom('people').execute();
      await sql.deleteFrom('one_time_links').execute();
    });

    const invite = () =>
      inTransaction(sql, (tx) => createLink(tx, 'first_operator', NOBODY, Date.now()));
    const accept = (token: string, email: string) =>
      welcome(sql, { token, name: 'Ada', email, password: PASSWORD }, systemClock);
    const boot = (email: string, force = false) =>
      bootstrap(sql, { email, grantNanos: parseUsd('12.5'), force }, systemClock);
    const countPeople = async (): Promise<number> =>
      (await sql.selectFrom('people').select('id').execute()).length;

    const countWorkspaces = async (): Promise<number> =>
      (await sql.selectFrom('workspaces').select('id').execute()).length;

    it('welcomes one operator, with a workspace and $1,000 of play money', async () => {
      const person = await accept(await invite(), ' Ada@Example.COM ');
      expect(person).toMatchObject({ email: 'ada@example.com', name: 'Ada', isOperator: true });
      const [workspace, ...more] = await listWorkspaces(sql, person.id);
      expect(more).toEqual([]);
      expect(workspace?.role).toBe('owner');
      const balances = [
        await readBalance(sql, 'test', workspace?.id ?? ''),
        await readBalance(sql, 'live', workspace?.id ?? ''),
      ];
      expect(balances.map((balance) => balance.balanceNanos)).toEqual([1_000_000_000_000n, 0n]);
      await expectBooksInOrder(sql);
    });

    it('lets one of twenty browsers with the same link win, and leaves nothing of the others', async () => {
      const token = await invite();
      const workspacesBefore = await countWorkspaces();
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => accept(token, `ada${i}@example.com`)),
      );
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      for (const one of tries) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'link_invalid' });
      }
      expect(await countPeople()).toBe(1);
      expect(await countWorkspaces()).toBe(workspacesBefore + 1);
    });

    it('lets either the welcome or the bootstrap make the operator, not both', async () => {
      const token = await invite();
      const tries = await Promise.allSettled([
        accept(token, 'browser@example.com'),
        boot('shell@example.com'),
      ]);
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      expect(await countPeople()).toBe(1);
    });

    it('lets one of ten bootstraps at once make the operator', async () => {
      const tries = await Promise.allSettled(
        Array.from({ length: 10 }, (_, i) => boot(`root${i}@example.com`)),
      );
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      expect(await countPeople()).toBe(1);
    });

    it('makes an operator with balances and two keys from a shell', async () => {
      const made = await boot('Root@Example.com');
      expect(made.email).toBe('root@example.com');
      expect(parseKeySecret(made.liveKey)?.mode).toBe('live');
      expect(parseKeySecret(made.testKey)?.mode).toBe('test');
      const keys = await listKeys(sql, made.workspaceId);
      expect(keys.map((key) => key.mode).toSorted()).toEqual(['live', 'test']);
      const live = await readBalance(sql, 'live', made.workspaceId);
      const test = await readBalance(sql, 'test', made.workspaceId);
      expect([live.balanceNanos, test.balanceNanos]).toEqual([12_500_000_000n, 1_000_000_000_000n]);
      await expectBooksInOrder(sql);
    });

    it('refuses a second bootstrap and ends a welcome link that is still out', async () => {
      const token = await invite();
      await boot('root@example.com');
      await expect(boot('root@example.com')).rejects.toMatchObject({ code: 'conflict' });
      await expect(boot('other@example.com')).rejects.toMatchObject({ code: 'conflict' });
      await expect(accept(token, 'ada@example.com')).rejects.toMatchObject({
        code: 'link_invalid',
      });
      expect(await countPeople()).toBe(1);
    });

    it('with force gives a known address a further workspace, and another a new operator', async () => {
      const first = await boot('root@example.com');
      const again = await boot('ROOT@example.com', true);
      expect(again.workspaceId).not.toBe(first.workspaceId);
      const root = await findPersonByEmail(sql, 'root@example.com');
      const workspaces = await listWorkspaces(sql, root?.id ?? '');
      expect(workspaces.map(({ id }) => id)).toEqual([first.workspaceId, again.workspaceId]);
      await boot('other@example.com', true);
      expect(await countPeople()).toBe(2);
      expect((await findPersonByEmail(sql, 'other@example.com'))?.isOperator).toBe(true);
    });
  });
}
