import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { findLink } from '../../src/identity/links.ts';
import { type LinkedMail, makeMailLink } from '../../src/identity/mail-links.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { type Member, makeMember } from './world.ts';

const HOUR_MS = 3_600_000;
const NOTHING = { personId: null, subjectId: null };

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    let member: Member;
    const now = Date.now();
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
      member = await makeMember(sql);
    });
    afterAll(() => opened.drop());

    const write = (mail: Omit<LinkedMail, 'attempt'>, wallMs = now) =>
      inTransaction(sql, (tx) => makeMailLink(tx, { attempt: 1, ...mail }, wallMs));
    const tokenIn = async (mail: Omit<LinkedMail, 'attempt'>, path: string): Promise<string> => {
      const written = await write(mail);
      expect(written).toEqual({ link: { path, token: expect.stringMatching(/^[\w-]{43}$/) } });
      return (written as { link: { token: string } }).link.token;
    };
    const expires_at = new Date(now + HOUR_MS);
    const waiting = { created_at: new Date(now), expires_at };

    it('of a sign-up confirms it, until its address has an account or its time is over', async () => {
      const id = newId('sup', now);
      const address = `${id}@example.com`;
      await sql
        .insertInto('sign_ups')
        .values({
          id,
          email: address,
          name: 'Grace',
          password_hash: 'none',
          session_id: null,
          terms_version: '1',
          privacy_version: '1',
          ...waiting,
        })
        .execute();
      const mail = { kind: 'confirm_sign_up', address, personId: null, subjectId: id } as const;
      const first = await tokenIn(mail, '/confirm');
      const second = await tokenIn(mail, '/confirm');
      expect(await findLink(sql, 'confirm_sign_up', first, now)).toBeUndefined();
      expect(await findLink(sql, 'confirm_sign_up', second, now)).toEqual({
        personId: null,
        subjectId: id,
      });
      // Sent once more, the message that may have come already still leads there.
      const again = { ...mail, attempt: 2 };
      const third = await tokenIn(again, '/confirm');
      for (const token of [second, third]) {
        expect(await findLink(sql, 'confirm_sign_up', token, now)).toBeDefined();
      }
      expect(await write(mail, now + HOUR_MS)).toBe('drop');
      await makeMember(sql, { email: address });
      expect(await write(mail)).toEqual({ accountExists: true });
    });

    it('of a reset is for whoever has the address, and for nobody else', async () => {
      const { id, email } = member.person;
      const mail = { kind: 'reset_password', address: email, ...NOTHING } as const;
      const token = await tokenIn(mail, '/reset');
      expect(await findLink(sql, 'reset_password', token, now)).toEqual({
        personId: id,
        subjectId: null,
      });
      expect(await write({ ...mail, address: 'nobody@example.com' })).toBe('drop');
    });

    it('of a new address is for the change that waits, while that address is free', async () => {
      const { id } = member.person;
      const address = 'new@example.com';
      const mail = { kind: 'confirm_email', address, personId: id, subjectId: null } as const;
      expect(await write(mail)).toBe('drop');
      await sql
        .insertInto('email_changes')
        .values({ person_id: id, email: address, ...waiting })
        .execute();
      const token = await tokenIn(mail, '/confirm-email');
      expect(await findLink(sql, 'change_email', token, now)).toMatchObject({ personId: id });
      expect(await write({ ...mail, address: 'other@example.com' })).toBe('drop');
      expect(await write(mail, now + HOUR_MS)).toBe('drop');
      await makeMember(sql, { email: address });
      expect(await write(mail)).toBe('drop');
    });

    it('of an invitation is for it, as long as it waits', async () => {
      const id = newId('inv', now);
      await sql
        .insertInto('invitations')
        .values({
          id,
          workspace_id: member.workspaceId,
          email: 'guest@example.com',
          role: 'viewer',
          invited_by: member.person.id,
          ...waiting,
        })
        .execute();
      const about = { address: 'guest@example.com', personId: null, subjectId: id };
      const mail = { kind: 'invitation', ...about } as const;
      const token = await tokenIn(mail, '/invitation');
      expect(await findLink(sql, 'invitation', token, now)).toMatchObject({ subjectId: id });
      expect(await write(mail, now + HOUR_MS)).toBe('drop');
      await sql.deleteFrom('invitations').where('id', '=', id).execute();
      expect(await write(mail)).toBe('drop');
    });

    it('is in no other mail', async () => {
      const about = { address: member.person.email, personId: member.person.id, subjectId: null };
      for (const kind of ['password_changed', 'email_changing', 'new_device'] as const) {
        expect(await write({ kind, ...about })).toEqual({});
      }
    });
  });
}
