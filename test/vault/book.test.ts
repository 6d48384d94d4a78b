// What is kept of credentials, and how a node learns of them: nothing plain, every change, all sealed
// anew under the next key.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { type CredentialBook, openCredentialBook } from '../../src/vault/book.ts';
import {
  addCredential,
  changeCredential,
  listCredentials,
  removeCredential,
  replaceCredential,
} from '../../src/vault/manage.ts';
import { resealCredentials } from '../../src/vault/reseal.ts';
import { openVault } from '../../src/vault/seal.ts';
import { createKey } from '../../src/keys/manage.ts';
import { type Member, addUsage, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

const KEY = randomBytes(32);
const SECRET = 'sk-own-0123456789-abcd';

/** How long a change may take to be known, on a busy machine. */
const SOON = { timeout: 10_000 };

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    const vault = openVault(KEY);
    let opened: OpenTestDatabase;
    let sql: Sql;
    let book: CredentialBook;
    let member: Member;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
      book = await openCredentialBook(opened.database, vault);
      member = await makeMember(sql);
    });
    afterAll(async () => {
      await book.close();
      await opened.drop();
    });

    const add = (secret: string, mode: 'first' | 'only' = 'first', of = member, by = vault) => {
      const credential = { workspaceId: of.workspaceId, provider: 'openai', mode, secret };
      const order = { ...credential, createdBy: of.person.id };
      return inTransaction(sql, (tx) => addCredential(tx, by, order, Date.now()));
    };
    const ref = (credentialId: string) => ({ workspaceId: member.workspaceId, credentialId });
    const remove = (id: string) =>
      inTransaction(sql, (tx) => removeCredential(tx, ref(id), Date.now()));
    const known = () =>
      book.of(member.workspaceId).map(({ id, mode, open }) => ({ id, mode, text: open() }));
    const rowOf = (id: string) =>
      sql
        .selectFrom('provider_credentials')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow();

    it('keeps nothing of the text but four characters, and nothing at all once removed', async () => {
      const id = await add(SECRET);
      const row = await rowOf(id);
      expect(row.last_four).toBe('abcd');
      const kept = Buffer.from(row.sealed!).toString('latin1');
      expect(JSON.stringify({ ...row, change: 0, sealed: kept })).not.toContain('own-0123');
      await remove(id);
      expect((await rowOf(id)).sealed).toBeNull();
      await expect(remove(id)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('is known in memory as it changes: added, changed, disabled, replaced, removed', async () => {
      const id = await add(SECRET);
      await vi.waitFor(() => expect(known()).toEqual([{ id, mode: 'first', text: SECRET }]), SOON);
      const [before] = book.of(member.workspaceId);
      const change = (mode: 'first' | 'only', isDisabled: boolean) =>
        inTransaction(sql, (tx) => changeCredential(tx, ref(id), { mode, isDisabled }, Date.now()));
      await change('only', false);
      await vi.waitFor(() => expect(known()).toEqual([{ id, mode: 'only', text: SECRET }]), SOON);
      expect(book.of(member.workspaceId)[0]).not.toBe(before);
      await change('only', true);
      await vi.waitFor(() => expect(known()).toEqual([]), SOON);
      await change('only', false);
      await vi.waitFor(() => expect(known()).toHaveLength(1), SOON);
      const replacement = { secret: 'sk-the-next-9876543210', createdBy: member.person.id };
      const next = await inTransaction(sql, (tx) =>
        replaceCredential(tx, vault, ref(id), replacement, Date.now()),
      );
      const replaced = { id: next, mode: 'only', text: replacement.secret };
      await vi.waitFor(() => expect(known()).toEqual([replaced]), SOON);
      await remove(next);
      await vi.waitFor(() => expect(known()).toEqual([]), SOON);
    });

    it('is there from the start of a node, and without the key it does not open', async () => {
      const id = await add(SECRET);
      await using other = disposable(await openCredentialBook(opened.database, vault));
      expect(other.of(member.workspaceId).map((each) => each.open())).toEqual([SECRET]);
      await using blind = disposable(await openCredentialBook(opened.database, undefined));
      const [sealed] = blind.of(member.workspaceId);
      expect(() => sealed?.open()).toThrow(
        expect.objectContaining({ code: 'own_credential_unreadable' }),
      );
      await remove(id);
    });

    it('is sealed anew under the next key, and what nobody can open is said and left', async () => {
      const id = await add(SECRET);
      const lost = await add('sk-sealed-elsewhere-1', 'first', member, openVault(randomBytes(32)));
      const next = randomBytes(32);
      expect(await resealCredentials(sql, openVault(next, KEY))).toEqual({
        resealed: 1,
        unreadable: 1,
      });
      await using after = disposable(await openCredentialBook(opened.database, openVault(next)));
      const found = after.of(member.workspaceId).find((each) => each.id === id);
      expect(found?.open()).toBe(SECRET);
      // This node has the text that it read before, and its key.
      await vi.waitFor(() => expect(book.of(member.workspaceId)[0]?.open()).toBe(SECRET), SOON);
      await remove(id);
      await remove(lost);
    });

    it('is another workspace’s to nobody', async () => {
      const stranger = await makeMember(sql);
      const id = await add(SECRET);
      const theirs = { workspaceId: stranger.workspaceId, credentialId: id };
      await expect(
        inTransaction(sql, (tx) => removeCredential(tx, theirs, Date.now())),
      ).rejects.toMatchObject({ code: 'not_found' });
      expect(await listCredentials(sql, stranger.workspaceId)).toEqual([]);
      await remove(id);
    });

    it('lists its last use, and a record names none but its own', async () => {
      const stranger = await makeMember(sql);
      const key = await inTransaction(sql, (tx) =>
        createKey(
          tx,
          { workspaceId: member.workspaceId, name: 'k', mode: 'live', createdBy: member.person.id },
          Date.now(),
        ),
      );
      const of = { workspace_id: member.workspaceId, key_id: key.key.id, provider: 'openai' };
      const [used, theirs] = [await add(SECRET), await add(SECRET, 'first', stranger)];
      const endedAt = new Date('2026-02-01T00:00:00.000Z');
      await addUsage(sql, { ...of, credential_id: used, fee_bps: 500, ended_at: endedAt });
      const [row] = await listCredentials(sql, member.workspaceId);
      expect(row).toMatchObject({ id: used, lastFour: 'abcd', lastUsedAt: endedAt });
      for (const wrong of [
        { credential_id: theirs, fee_bps: 500 },
        { credential_id: used, fee_bps: 500, provider: 'anthropic' },
        { credential_id: used, fee_bps: null },
        { credential_id: used, fee_bps: 500, provider_cost_nanos: 1n },
        { credential_id: 'sk-own', fee_bps: 500 },
      ]) {
        await expect(addUsage(sql, { ...of, ...wrong })).rejects.toThrow();
      }
      const drop = sql.deleteFrom('provider_credentials').where('id', '=', used).execute();
      await expect(drop).rejects.toThrow('never deleted');
    });
  });
}

function disposable(book: CredentialBook): CredentialBook & AsyncDisposable {
  return { ...book, [Symbol.asyncDispose]: () => book.close() };
}
