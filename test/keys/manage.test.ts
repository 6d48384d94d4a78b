import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { KEYS_CHANNEL } from '../../src/keys/watch.ts';
import { createKey, listKeys, revokeKey } from '../../src/keys/manage.ts';
import { parseKeySecret } from '../../src/keys/secret.ts';
import { type Member, addUsage, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    let member: Member;
    let stranger: Member;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
      member = await makeMember(sql);
      stranger = await makeMember(sql);
    });
    afterAll(() => opened.drop());

    const make = (name: string) =>
      inTransaction(sql, (tx) =>
        createKey(
          tx,
          { workspaceId: member.workspaceId, name, mode: 'live', createdBy: member.person.id },
          Date.now(),
        ),
      );
    const revoke = (keyId: string, workspaceId = member.workspaceId) =>
      inTransaction(sql, (tx) => revokeKey(tx, workspaceId, keyId, Date.now()));
    const changeOf = async (keyId: string): Promise<bigint> => {
      const query = sql.selectFrom('api_keys').select('change').where('id', '=', keyId);
      return (await query.executeTakeFirstOrThrow()).change;
    };

    it('keeps the hash of a new key and nothing of its text but four characters', async () => {
      const { key, secret } = await make('laptop');
      const row = await sql
        .selectFrom('api_keys')
        .selectAll()
        .where('id', '=', key.id)
        .executeTakeFirstOrThrow();
      expect(Buffer.from(row.secret_hash)).toEqual(parseKeySecret(secret)?.hash);
      expect(row.last_four).toBe(secret.slice(-4));
      expect(JSON.stringify({ ...row, change: 0 })).not.toContain(secret.slice(8, -4));
    });

    it('lists the keys of its workspace alone, with the end of the newest request', async () => {
      const { key } = await make('used');
      const idle = await make('idle');
      const early = new Date('2026-01-01T00:00:00.000Z');
      const late = new Date('2026-02-01T00:00:00.000Z');
      const of = { workspace_id: member.workspaceId, key_id: key.id };
      await addUsage(sql, { ...of, started_at: late, ended_at: late });
      await addUsage(sql, { ...of, started_at: early, ended_at: early });
      const listed = new Map((await listKeys(sql, member.workspaceId)).map((row) => [row.id, row]));
      expect(listed.get(key.id)?.lastUsedAt).toEqual(late);
      expect(listed.get(idle.key.id)?.lastUsedAt).toBeNull();
      expect(listed.get(idle.key.id)).toEqual(idle.key);
      expect(await listKeys(sql, stranger.workspaceId)).toEqual([]);
    });

    it('revokes once: doing it again changes neither time nor change number', async () => {
      const { key } = await make('short-lived');
      const made = await changeOf(key.id);
      await revoke(key.id);
      const revoked = await changeOf(key.id);
      expect(revoked).toBeGreaterThan(made);
      const before = await listKeys(sql, member.workspaceId);
      await revoke(key.id);
      expect(await changeOf(key.id)).toBe(revoked);
      expect(await listKeys(sql, member.workspaceId)).toEqual(before);
    });

    it("does not find another workspace's key, nor a text that is no key id", async () => {
      const { key } = await make('ours');
      for (const id of [key.id, newId('key', Date.now()), 'key_\0', "' or 1=1"]) {
        await expect(revoke(id, stranger.workspaceId)).rejects.toMatchObject({ code: 'not_found' });
      }
      const [row] = (await listKeys(sql, member.workspaceId)).filter(({ id }) => id === key.id);
      expect(row?.revokedAt).toBeNull();
    });

    it('tells the gateways when a change has committed', async () => {
      let told = 0;
      await opened.database.listen(KEYS_CHANNEL, () => {
        told += 1;
      });
      const base = told;
      const { key } = await make('announced');
      await expect.poll(() => told).toBeGreaterThan(base);
      const made = told;
      await revoke(key.id);
      await expect.poll(() => told).toBeGreaterThan(made);
    });

    const single = db.name === 'pglite';
    const why = single ? ' (left out: PGlite has one backend, so nothing can overtake)' : '';
    it.skipIf(single)(`shows change numbers in their order${why}`, async () => {
      // Holds the first change open; a second one must not become visible before it.
      const entered = Promise.withResolvers<void>();
      const proceed = Promise.withResolvers<void>();
      const { key: slow } = await make('slow');
      const { key: fast } = await make('fast');
      const first = inTransaction(sql, async (tx) => {
        await revokeKey(tx, member.workspaceId, slow.id, Date.now());
        entered.resolve();
        await proceed.promise;
      });
      await entered.promise;
      const second = revoke(fast.id);
      await expect.poll(() => countLockWaiters(sql)).toBe(1);
      const visible = await listKeys(sql, member.workspaceId);
      expect(visible.find(({ id }) => id === fast.id)?.revokedAt).toBeNull();
      proceed.resolve();
      await Promise.all([first, second]);
      expect(await changeOf(fast.id)).toBeGreaterThan(await changeOf(slow.id));
    });
  });
}

async function countLockWaiters(sql: Sql): Promise<number> {
  const { rows } = await rawSql<{ waiting: bigint }>`
    select count(*) as waiting from pg_locks l join pg_database d on d.oid = l.database
    where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`.execute(
    sql,
  );
  return Number(rows[0]?.waiting ?? 0);
}
