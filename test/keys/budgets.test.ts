// What the gateway's cache says of the budgets that bind a key, and how soon it hears of a change.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type BudgetOwner, removeBudget, setBudget } from '../../src/budgets/manage.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { type KeyCache, openKeyCache } from '../../src/keys/cache.ts';
import { touchKey, touchLiveKeysOf } from '../../src/keys/manage.ts';
import { parseKeySecret } from '../../src/keys/secret.ts';
import type { Span } from '../../src/ledger/purse.ts';
import { makeKey } from '../budgets/world.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    let cache: KeyCache;
    let member: Member;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
      cache = await openKeyCache(opened.database, systemClock);
      member = await makeMember(sql);
    });
    afterAll(async () => {
      await cache.close();
      await opened.drop();
    });

    /** `of span` of each budget that binds the key. */
    const budgetsOf = async (secret: string): Promise<string[]> => {
      const found = await cache.find(parseKeySecret(secret)?.hash ?? Buffer.alloc(32));
      return (found?.budgets ?? []).map(({ of, span }) => `${of} ${span}`).sort();
    };
    const set = (owner: BudgetOwner, span: Span): Promise<void> =>
      inTransaction(sql, async (tx) => {
        await setBudget(tx, owner, span, 1_000n, Date.now());
        if ('keyId' in owner) await touchKey(tx, owner.keyId);
        else await touchLiveKeysOf(tx, owner.workspaceId, owner.personId);
      });

    it('are its own and those of its maker, of a test key its own alone', async () => {
      const maker = await makeMember(sql);
      const { workspaceId } = maker;
      const live = await makeKey(sql, maker);
      const test = await makeKey(sql, maker, 'test');
      expect(await budgetsOf(live.secret)).toEqual([]);
      await set({ workspaceId, keyId: live.keyId }, 'daily');
      await set({ workspaceId, keyId: test.keyId }, 'total');
      await set({ workspaceId, personId: maker.person.id }, 'weekly');
      await set({ workspaceId, personId: maker.person.id }, 'daily');
      await expect
        .poll(() => budgetsOf(live.secret))
        .toEqual(['key daily', 'member daily', 'member weekly']);
      await expect.poll(() => budgetsOf(test.secret)).toEqual(['key total']);
    });

    it('are not those of other keys, other members or other workspaces', async () => {
      const maker = await makeMember(sql);
      const own = await makeKey(sql, maker);
      const other = await makeKey(sql, maker);
      await set({ workspaceId: maker.workspaceId, keyId: other.keyId }, 'daily');
      await sql
        .insertInto('members')
        .values({ workspace_id: member.workspaceId, person_id: maker.person.id, role: 'admin' })
        .execute();
      // The same person elsewhere, and another person here.
      await set({ workspaceId: member.workspaceId, personId: maker.person.id }, 'daily');
      await set({ workspaceId: member.workspaceId, personId: member.person.id }, 'monthly');
      expect(await budgetsOf(own.secret)).toEqual([]);
    });

    it('bind a key that is made after the budget of its maker', async () => {
      const maker = await makeMember(sql);
      await set({ workspaceId: maker.workspaceId, personId: maker.person.id }, 'monthly');
      const { secret } = await makeKey(sql, maker);
      expect(await budgetsOf(secret)).toEqual(['member monthly']);
    });

    it('are read anew within a second of being set or removed', async () => {
      const { keyId, secret } = await makeKey(sql, member);
      const owner = { workspaceId: member.workspaceId, keyId };
      const before = await budgetsOf(secret);
      await set(owner, 'weekly');
      const within = { timeout: 1_000, interval: 10 };
      await expect.poll(() => budgetsOf(secret), within).toEqual(['key weekly', ...before]);
      await inTransaction(sql, async (tx) => {
        await removeBudget(tx, owner, 'weekly', Date.now());
        await touchKey(tx, keyId);
      });
      await expect.poll(() => budgetsOf(secret), within).toEqual(before);
    });
  });
}
