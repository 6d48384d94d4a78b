import { sql as rawSql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/database.ts';
import { createLink } from '../../src/identity/links.ts';
import { lockPerson } from '../../src/identity/people.ts';
import { mailsTo, tokenTo, writeMail } from '../identity/mails.ts';
import { type Member, PASSWORD, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { proveWork } from '../support/work.ts';
import { type TestConsole, failureOf, openBrowser, openConsole, signInAs } from './world.ts';

const NEW_PASSWORD = 'gimme some of that pie';
const HOUR_MS = 3_600_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    beforeAll(async () => {
      hub = await openConsole(db.name);
    });
    afterAll(() => hub.close());
    afterEach(() => hub.clock.advance(16 * 60_000));

    const ask = async (email: string) =>
      openBrowser(hub.url).post('/password-reset', {
        email,
        proofOfWork: await proveWork(hub.url),
      });
    const tokenOf = (email: string) =>
      tokenTo(hub.sql, 'reset_password', email, hub.clock.wallMs());
    const reset = (token: string, password = NEW_PASSWORD) =>
      openBrowser(hub.url).post('/password-reset/confirm', { token, password });
    const signInWith = (email: string, password: string) =>
      openBrowser(hub.url).post('/sign-in', { email, password });
    const openReset = async (): Promise<Member & { token: string }> => {
      const member = await makeMember(hub.sql);
      await ask(member.person.email);
      return { ...member, token: await tokenOf(member.person.email) };
    };

    it('sets a new password by the mailed link, and says so by mail', async () => {
      const { person, token } = await openReset();
      expect((await reset(token)).status).toBe(204);
      expect((await signInWith(person.email, PASSWORD)).status).toBe(401);
      expect((await signInWith(person.email, NEW_PASSWORD)).status).toBe(200);
      const [changed, ...more] = await mailsTo(hub.sql, person.email, 'password_changed');
      expect(more).toEqual([]);
      expect(changed?.facts).toEqual({ at: expect.stringMatching(/^20.*Z$/) });
      // Nobody is signed in by a link alone: a second factor would still be asked for.
      expect((await openBrowser(hub.url).get('/session')).body['person']).toBeNull();
    });

    it('ends all sessions and all other links of the person', async () => {
      const { person, token } = await openReset();
      const browsers = [
        await signInAs(hub, person.email),
        await signInAs(hub, person.email),
      ] as const;
      await browsers[0].post('/account/email', { email: `new-${person.email}` });
      const change = await tokenTo(
        hub.sql,
        'confirm_email',
        `new-${person.email}`,
        hub.clock.wallMs(),
      );
      const subject = { personId: person.id, subjectId: null };
      const shell = await inTransaction(hub.sql, (tx) =>
        createLink(tx, 'sign_in', subject, hub.clock.wallMs()),
      );
      expect((await reset(token)).status).toBe(204);
      for (const browser of browsers) {
        expect((await browser.get('/session')).body['person']).toBeNull();
      }
      const stranger = openBrowser(hub.url);
      expect((await stranger.post('/sign-in/link', { token: shell })).status).toBe(401);
      const confirmed = await stranger.post('/account/email/confirm', { token: change });
      expect(failureOf(confirmed).code).toBe('link_invalid');
      expect(await hub.sql.selectFrom('email_changes').selectAll().execute()).toEqual([]);
    });

    it('works once, also for twenty at the same time', async () => {
      const { person, token } = await openReset();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          openBrowser(hub.url).post(
            '/password-reset/confirm',
            { token, password: `${NEW_PASSWORD} ${n}` },
            { 'x-forwarded-for': `198.51.100.${n}` },
          ),
        ),
      );
      const winner = answers.findIndex(({ status }) => status === 204);
      const codes = answers.map((answer) => failureOf(answer).code);
      expect(codes.filter((code) => code === 'link_invalid')).toHaveLength(19);
      expect((await signInWith(person.email, `${NEW_PASSWORD} ${winner}`)).status).toBe(200);
    });

    it('leaves no session of whoever signs in with the old password meanwhile', async () => {
      const { person, token } = await openReset();
      const tries = Array.from({ length: 8 }, () => openBrowser(hub.url));
      const form = { email: person.email, password: PASSWORD };
      const [done, ...answers] = await Promise.all([
        reset(token),
        ...tries.map((browser) => browser.post('/sign-in', form)),
      ]);
      expect(done.status).toBe(204);
      expect(answers.every(({ status }) => status === 200 || status === 401)).toBe(true);
      for (const browser of tries) {
        expect((await browser.get('/session')).body['person']).toBeNull();
      }
    });

    it('holds a sign-in that has verified the old password until it is done', async () => {
      const { person } = await openReset();
      const browser = openBrowser(hub.url);
      const answer = await inTransaction(hub.sql, async (tx) => {
        // As a reset does. The embedded database has one connection, so all there is waits for it.
        await lockPerson(tx, person.id);
        const pending = browser.post('/sign-in', { email: person.email, password: PASSWORD });
        if (db.name === 'postgres') await untilBlocked(hub);
        await tx
          .updateTable('people')
          .set({ password_hash: null })
          .where('id', '=', person.id)
          .execute();
        return { pending };
      });
      expect(failureOf(await answer.pending).code).toBe('sign_in_failed');
      expect(browser.cookie).toBe('');
    });

    it('ends after an hour, and when a newer link is made', async () => {
      const { person, token } = await openReset();
      await ask(person.email);
      const newer = await tokenOf(person.email);
      expect(failureOf(await reset(token)).code).toBe('link_invalid');
      hub.clock.advance(HOUR_MS);
      expect(failureOf(await reset(newer)).code).toBe('link_invalid');
      expect((await signInWith(person.email, PASSWORD)).status).toBe(200);
    });

    it('refuses a weak password without using the link up', async () => {
      const { person, token } = await openReset();
      const weak = await reset(token, 'password1234');
      expect(failureOf(weak)).toEqual({ status: 400, code: 'password_weak', param: 'password' });
      const own = await reset(token, person.email.split('@')[0]);
      expect(failureOf(own).code).toBe('password_weak');
      expect((await reset(token)).status).toBe(204);
    });

    it('gives a password to somebody who never had one', async () => {
      const { person, token } = await openReset();
      await hub.sql
        .updateTable('people')
        .set({ password_hash: null, email_verified_at: null })
        .where('id', '=', person.id)
        .execute();
      expect((await reset(token)).status).toBe(204);
      expect((await signInWith(person.email, NEW_PASSWORD)).status).toBe(200);
      const { email_verified_at } = await hub.sql
        .selectFrom('people')
        .select('email_verified_at')
        .where('id', '=', person.id)
        .executeTakeFirstOrThrow();
      expect(email_verified_at).not.toBeNull();
    });

    it('makes no link for an address without an account', async () => {
      const answer = await ask('nobody@example.com');
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: {} });
      const written = await writeMail(
        hub.sql,
        'reset_password',
        'nobody@example.com',
        hub.clock.wallMs(),
      );
      expect(written).toBe('drop');
    });

    it('asks for a proof of work, and limits the mails to one address', async () => {
      const { email } = (await makeMember(hub.sql)).person;
      const form = { email, proofOfWork: 'none' };
      const without = await openBrowser(hub.url).post('/password-reset', form);
      expect(failureOf(without).code).toBe('proof_of_work_failed');
      const statuses = [];
      for (let n = 0; n < 5; n++) statuses.push((await ask(email)).status);
      expect(statuses).toEqual([202, 202, 202, 202, 429]);
      expect(await mailsTo(hub.sql, email)).toHaveLength(4);
    });
  });
}

/** Waits until a statement of another connection waits for a lock. */
async function untilBlocked(hub: TestConsole): Promise<void> {
  for (;;) {
    const { rows } = await rawSql<{ blocked: boolean }>`
      select exists (select from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()) as blocked`.execute(
      hub.sql,
    );
    if (rows[0]?.blocked) return;
  }
}
