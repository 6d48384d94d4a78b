// The last way in of a person stays, also where two of them go in transactions that overlap.

import { randomBytes } from 'node:crypto';
import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { unlinkGoogle } from '../../src/identity/google-accounts.ts';
import { removePasskey } from '../../src/identity/passkeys.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { makeMember } from './world.ts';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
    });
    afterAll(() => opened.drop());

    /** Somebody without a password, who has Google and a passkey. */
    const openPerson = async () => {
      const { id: person_id } = (await makeMember(sql)).person;
      const now = new Date();
      await sql
        .updateTable('people')
        .set({ password_hash: null })
        .where('id', '=', person_id)
        .execute();
      const google = { issuer: 'https://id.example', subject: person_id, person_id };
      const known = { ...google, email: 'ada@example.com', linked_at: now };
      await sql.insertInto('google_identities').values(known).execute();
      const id = newId('psk', now.getTime());
      const kept = { id, person_id, name: 'Phone', created_at: now, last_used_at: null };
      const device = { credential_id: randomBytes(16), public_key: randomBytes(32) };
      const passkey = { ...kept, ...device, sign_count: 0n, transports: [] };
      await sql.insertInto('passkeys').values(passkey).execute();
      return { personId: person_id, passkeyId: id };
    };
    const unlink = (personId: string) => inTransaction(sql, (tx) => unlinkGoogle(tx, personId));

    it.each(['Google', 'the passkey'])('lets %s go while the other is there', async (first) => {
      const { personId, passkeyId } = await openPerson();
      const remove = () => inTransaction(sql, (tx) => removePasskey(tx, personId, passkeyId));
      const [one, other] =
        first === 'Google' ? [() => unlink(personId), remove] : [remove, () => unlink(personId)];
      await one();
      await expect(other()).rejects.toMatchObject({ code: 'conflict' });
    });

    it('waits for a transaction that takes the other, and refuses then', async () => {
      const { personId, passkeyId } = await openPerson();
      const removed = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const first = inTransaction(sql, async (tx) => {
        await removePasskey(tx, personId, passkeyId);
        removed.resolve();
        await release.promise;
      });
      await removed.promise;
      let isSettled = false;
      const second = unlink(personId).finally(() => {
        isSettled = true;
      });
      const refused = expect(second).rejects.toMatchObject({ code: 'conflict' });
      // The embedded database has one transaction at a time anyway.
      if (db.name === 'postgres') {
        await vi.waitFor(async () => expect(isSettled || (await isAnyWaiting(sql))).toBe(true));
      }
      release.resolve();
      await first;
      await refused;
    });
  });
}

async function isAnyWaiting(sql: Sql): Promise<boolean> {
  const query = rawSql`select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return (await query.execute(sql)).rows.length > 0;
}
