import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from '../../src/db/database.ts';
import { confirmSignUp, findSignUp, isOfSession, openSignUp } from '../../src/identity/sign-up.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { tokenTo } from './mails.ts';
import { PASSWORD } from './world.ts';

const CONSENT = { termsVersion: '1', privacyVersion: '1' };
const BROWSER = { place: { device: 'Firefox on Linux', ipPrefix: null }, previousToken: undefined };

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    let nowMs = Date.now();
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
    });
    afterAll(() => opened.drop());

    const signUp = async (email: string, name = 'Grace') => {
      nowMs += 1;
      const form = { name, email, password: PASSWORD, consent: CONSENT };
      const session = await openSignUp(sql, form, BROWSER, nowMs);
      const token = await tokenTo(sql, 'confirm_sign_up', email, nowMs);
      return { session, token, found: await findSignUp(sql, token, nowMs) };
    };

    it('makes one account of ten for one address that are confirmed at the same moment', async () => {
      const email = 'grace@example.com';
      const waiting = [];
      for (let n = 0; n < 10; n++) waiting.push(await signUp(email, `Grace ${n}`));
      // Opens the connections, so that none has to wait for its own.
      await Promise.all(waiting.map(({ token }) => findSignUp(sql, token, nowMs)));
      const answers = await Promise.allSettled(
        waiting.map(({ token, found }) => confirmSignUp(sql, token, found, nowMs)),
      );
      const codes = answers.map((answer) =>
        answer.status === 'fulfilled' ? 'made' : (answer.reason as { code: string }).code,
      );
      expect(codes.toSorted()).toEqual([...Array<string>(9).fill('link_invalid'), 'made']);
      const made = answers[codes.indexOf('made')];
      const people = await sql.selectFrom('people').select(['email', 'name']).execute();
      expect(people).toEqual([{ email, name: `Grace ${codes.indexOf('made')}` }]);
      expect(made).toMatchObject({ value: { email } });
      expect(await sql.selectFrom('sign_ups').select('id').execute()).toEqual([]);
      expect(await sql.selectFrom('one_time_links').select('purpose').execute()).toEqual([]);
    });

    it('knows the browser that signed up from every other that is on its way', async () => {
      const [mine, other] = [await signUp('one@example.com'), await signUp('two@example.com')];
      expect(await isOfSession(sql, mine.found, mine.session, nowMs)).toBe(true);
      expect(await isOfSession(sql, mine.found, other.session, nowMs)).toBe(false);
      expect(await isOfSession(sql, mine.found, undefined, nowMs)).toBe(false);
      expect(await isOfSession(sql, mine.found, mine.session, nowMs + 60 * 60_000)).toBe(false);
    });
  });
}
