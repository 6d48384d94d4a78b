import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { type LinkPurpose, consumeLink, createLink, findLink } from '../../src/identity/links.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { makeMember } from './world.ts';

const DAY_MS = 86_400_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    let personId: string;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
      personId = (await makeMember(sql)).person.id;
    });
    afterAll(() => opened.drop());

    const subjectOf = (purpose: LinkPurpose) => ({
      personId: purpose === 'sign_in' ? personId : null,
      subjectId: null,
    });
    const isLinkValid = async (...of: Parameters<typeof findLink>): Promise<boolean> =>
      (await findLink(...of)) !== undefined;
    const create = (purpose: LinkPurpose, wallMs = Date.now()) =>
      inTransaction(sql, (tx) => createLink(tx, purpose, subjectOf(purpose), wallMs));

    it('works once, also for twenty at the same time', async () => {
      const token = await create('sign_in');
      const uses = await Promise.all(
        Array.from({ length: 20 }, () => consumeLink(sql, 'sign_in', token, Date.now())),
      );
      expect(uses.filter((use) => use !== undefined)).toEqual([{ personId, subjectId: null }]);
      expect(await isLinkValid(sql, 'sign_in', token, Date.now())).toBe(false);
    });

    it.each([
      ['sign_in', 15 * 60_000],
      ['first_operator', 7 * DAY_MS],
    ] as const)('of the purpose %s ends in its time', async (purpose, lifetimeMs) => {
      const now = Date.now();
      const token = await create(purpose, now);
      expect(await isLinkValid(sql, purpose, token, now + lifetimeMs - 1)).toBe(true);
      expect(await isLinkValid(sql, purpose, token, now + lifetimeMs)).toBe(false);
      expect(await consumeLink(sql, purpose, token, now + lifetimeMs)).toBeUndefined();
      expect(await consumeLink(sql, purpose, token, now + lifetimeMs - 1)).toBeDefined();
    });

    it('does not work for another purpose, nor with another text', async () => {
      const token = await create('sign_in');
      expect(await consumeLink(sql, 'first_operator', token, Date.now())).toBeUndefined();
      expect(await consumeLink(sql, 'sign_in', `${token}x`, Date.now())).toBeUndefined();
      expect(await consumeLink(sql, 'sign_in', '', Date.now())).toBeUndefined();
      expect(await consumeLink(sql, 'sign_in', token, Date.now())).toEqual({
        personId,
        subjectId: null,
      });
    });

    it('ends when a newer one of its kind is made, also by twenty at once', async () => {
      const tokens = await Promise.all(Array.from({ length: 20 }, () => create('first_operator')));
      const valid = await Promise.all(
        tokens.map((token) => isLinkValid(sql, 'first_operator', token, Date.now())),
      );
      expect(valid.filter(Boolean)).toHaveLength(1);
    });

    it('goes on beside one that leads to the same, until either is used', async () => {
      const subject = subjectOf('sign_in');
      const repeat = () =>
        inTransaction(sql, (tx) =>
          createLink(tx, 'sign_in', subject, Date.now(), { keepOlder: true }),
        );
      const tokens = [await create('sign_in'), await repeat(), await repeat()];
      for (const token of tokens) {
        expect(await isLinkValid(sql, 'sign_in', token, Date.now())).toBe(true);
      }
      const uses = await Promise.all(
        [...tokens, ...tokens].map((token) => consumeLink(sql, 'sign_in', token, Date.now())),
      );
      expect(uses.filter((use) => use !== undefined)).toEqual([subject]);
    });

    it('keeps no token', async () => {
      const token = await create('sign_in');
      const rows = await sql.selectFrom('one_time_links').selectAll().execute();
      const kept = rows.map((row) => Buffer.from(row.token_hash));
      expect(kept.some((hash) => hash.includes(token))).toBe(false);
      expect(kept.some((hash) => hash.equals(Buffer.from(token, 'base64url')))).toBe(false);
    });
  });
}
