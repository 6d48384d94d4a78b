import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { listWorkspaces } from '../../src/identity/workspaces.ts';
import { readBalance } from '../../src/ledger/balances.ts';
import { DOCUMENTS } from '../../src/policy/documents.ts';
import { mailsTo, tokenTo, writeMail } from '../identity/mails.ts';
import { PASSWORD, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { proveWork } from '../support/work.ts';
import {
  type Answer,
  type Browser,
  type TestConsole,
  failureOf,
  openBrowser,
  openConsole,
} from './world.ts';

const CONSENT = {
  isAdult: true,
  termsVersion: DOCUMENTS.terms.version,
  privacyVersion: DOCUMENTS.privacy.version,
};
const HOUR_MS = 3_600_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    beforeAll(async () => {
      hub = await openConsole(db.name);
    });
    afterAll(() => hub.close());
    // Ends the quarter of an hour in which attempts count.
    afterEach(() => hub.clock.advance(16 * 60_000));

    const newAddress = (): string => `${newId('usr', Date.now())}@example.com`;
    const signUp = async (email: string, form: object = {}, browser = openBrowser(hub.url)) => {
      const proofOfWork = await proveWork(hub.url);
      const typed = { name: 'Grace', email, password: PASSWORD, ...CONSENT, proofOfWork };
      const answer = await browser.post('/sign-up', { ...typed, ...form });
      return { answer, browser };
    };
    const tokenOf = (email: string): Promise<string> =>
      tokenTo(hub.sql, 'confirm_sign_up', email, hub.clock.wallMs());
    const confirm = (browser: Browser, token: string, password?: string): Promise<Answer> =>
      browser.post('/sign-up/confirm', { token, ...(password !== undefined && { password }) });
    const peopleWith = (email: string) =>
      hub.sql.selectFrom('people').selectAll().where('email', '=', email).execute();

    it('makes an account in the browser that signed up, with what was agreed to', async () => {
      const email = newAddress();
      const { answer, browser } = await signUp(`  ${email.toUpperCase()}`);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: {} });
      expect((await browser.get('/session')).body['person']).toBeNull();
      expect(await peopleWith(email)).toEqual([]);
      const anonymous = browser.cookie;

      const done = await confirm(browser, await tokenOf(email));
      expect({ status: done.status, body: done.body }).toEqual({
        status: 200,
        body: { step: 'done' },
      });
      expect(browser.cookie).not.toBe(anonymous);
      const { body } = await browser.get('/session');
      expect(body['person']).toMatchObject({ email, name: 'Grace', isOperator: false });

      const [person, ...others] = await peopleWith(email);
      expect(others).toEqual([]);
      const at = person?.adult_confirmed_at;
      expect(at).toBeInstanceOf(Date);
      expect(person?.email_verified_at).toEqual(at);
      const accepted = await hub.sql
        .selectFrom('acceptances')
        .select(['document', 'version', 'accepted_at'])
        .where('person_id', '=', person?.id ?? '')
        .orderBy('document')
        .execute();
      expect(accepted).toEqual([
        { document: 'privacy', version: CONSENT.privacyVersion, accepted_at: at },
        { document: 'terms', version: CONSENT.termsVersion, accepted_at: at },
      ]);
      const workspaces = await listWorkspaces(hub.sql, person?.id ?? '');
      expect(workspaces).toEqual([
        { id: expect.stringMatching(/^ws_/), name: 'Personal', role: 'owner' },
      ]);
      const id = workspaces[0]?.id ?? '';
      expect((await readBalance(hub.sql, 'test', id)).balanceNanos).toBe(1_000_000_000_000n);
      expect((await readBalance(hub.sql, 'live', id)).balanceNanos).toBe(0n);
      // The device that the account was made with is no news.
      expect((await mailsTo(hub.sql, email)).map(({ kind }) => kind)).toEqual(['confirm_sign_up']);
    });

    it('asks another browser for the password, and limits the guesses', async () => {
      const email = newAddress();
      await signUp(email);
      const token = await tokenOf(email);
      const other = openBrowser(hub.url);
      expect((await confirm(other, token)).body).toEqual({ step: 'password' });
      expect(other.cookie).toBe('');
      expect(failureOf(await confirm(other, token, 'a wrong password'))).toEqual({
        status: 401,
        code: 'sign_in_failed',
        param: 'password',
      });
      const guesses = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          other.post(
            '/sign-up/confirm',
            { token, password: `guess ${n}` },
            { 'x-forwarded-for': `198.51.100.${n}` },
          ),
        ),
      );
      expect(guesses.filter(({ status }) => status === 401)).toHaveLength(9);
      expect(guesses.filter(({ status }) => status === 429)).toHaveLength(3);
      expect((await confirm(other, token, PASSWORD)).status).toBe(429);
      hub.clock.advance(16 * 60_000);
      expect((await confirm(other, token, PASSWORD)).body).toEqual({ step: 'done' });
      expect((await other.get('/session')).body['person']).toMatchObject({ email });
    });

    it('gives an attacker nothing when the owner of the address opens the link', async () => {
      const email = newAddress();
      const { browser: attacker } = await signUp(email, { password: 'attackers know this one' });
      const owner = openBrowser(hub.url);
      const token = await tokenOf(email);
      expect((await confirm(owner, token)).body).toEqual({ step: 'password' });
      expect((await confirm(owner, token, PASSWORD)).status).toBe(401);
      expect(await peopleWith(email)).toEqual([]);
      // The owner signs up too; the attacker's form is worth nothing from then on.
      const { browser } = await signUp(email);
      expect((await confirm(browser, await tokenOf(email))).body).toEqual({ step: 'done' });
      expect(failureOf(await confirm(attacker, token)).code).toBe('link_invalid');
      const form = { email, password: 'attackers know this one' };
      expect((await attacker.post('/sign-in', form)).status).toBe(401);
      expect((await attacker.get('/session')).body['person']).toBeNull();
    });

    it('makes one account of twenty confirmations at once', async () => {
      const email = newAddress();
      const { browser } = await signUp(email);
      const token = await tokenOf(email);
      const copies = Array.from({ length: 20 }, () => {
        const copy = openBrowser(hub.url);
        copy.cookie = browser.cookie;
        return copy;
      });
      const answers = await Promise.all(copies.map((copy) => confirm(copy, token)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const codes = answers.map((answer) => failureOf(answer).code);
      expect(codes.filter((code) => code === 'link_invalid')).toHaveLength(19);
      const [person] = await peopleWith(email);
      expect(await listWorkspaces(hub.sql, person?.id ?? '')).toHaveLength(1);
    });

    it('gives an address to the first of several sign-ups that is confirmed', async () => {
      const email = newAddress();
      const signUps = [];
      for (const name of ['One', 'Two', 'Three', 'Four']) {
        const { browser } = await signUp(email, { name });
        signUps.push({ browser, token: await tokenOf(email) });
      }
      const answers = await Promise.all(
        signUps.map(({ browser, token }) => confirm(browser, token)),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const codes = answers.map((answer) => failureOf(answer).code);
      expect(codes.filter((code) => code === 'link_invalid')).toHaveLength(3);
      expect(await peopleWith(email)).toHaveLength(1);
      const left = hub.sql.selectFrom('sign_ups').select('id').where('email', '=', email);
      expect(await left.execute()).toEqual([]);
    });

    it('tells an address that has an account so, by mail alone', async () => {
      const { email } = (await makeMember(hub.sql)).person;
      const { answer } = await signUp(email);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 202, body: {} });
      const written = await writeMail(hub.sql, 'confirm_sign_up', email, hub.clock.wallMs());
      expect(written).toEqual({ accountExists: true });
      // One that got its account another way, with the link out already.
      const late = newAddress();
      const { browser } = await signUp(late);
      const token = await tokenOf(late);
      await makeMember(hub.sql, { email: late });
      const lost = await confirm(browser, token);
      expect(failureOf(lost)).toEqual({ status: 409, code: 'conflict', param: 'email' });
      expect(await peopleWith(late)).toHaveLength(1);
    });

    it('forgets after a day, link and form', async () => {
      const email = newAddress();
      const { browser } = await signUp(email);
      const token = await tokenOf(email);
      hub.clock.advance(24 * HOUR_MS);
      expect(failureOf(await confirm(browser, token, PASSWORD)).code).toBe('link_invalid');
      expect(await writeMail(hub.sql, 'confirm_sign_up', email, hub.clock.wallMs())).toBe('drop');
      await signUp(newAddress());
      const left = hub.sql.selectFrom('sign_ups').select('id').where('email', '=', email);
      expect(await left.execute()).toEqual([]);
    });

    it('keeps neither token nor password', async () => {
      const email = newAddress();
      const { browser } = await signUp(email);
      const token = await tokenOf(email);
      const tables = ['sign_ups', 'one_time_links', 'sessions', 'mails'] as const;
      const rows = await Promise.all(
        tables.map((table) => hub.sql.selectFrom(table).selectAll().execute()),
      );
      const kept = JSON.stringify(rows);
      const [, cookie = ''] = browser.cookie.split('=');
      for (const secret of [token, cookie, PASSWORD]) {
        expect(kept).not.toContain(secret);
        const bytes = [...Buffer.from(secret, 'base64url')].join(',');
        expect(kept).not.toContain(bytes);
      }
    });

    it.each([
      [{ isAdult: false }, 'invalid_request', 'isAdult'],
      [{ termsVersion: '1999-01-01' }, 'invalid_request', 'termsVersion'],
      [{ privacyVersion: '1999-01-01' }, 'invalid_request', 'privacyVersion'],
      [{ password: 'password1234' }, 'password_weak', 'password'],
      [{ name: 'Grace Hopper', password: 'gracehopper1906' }, 'password_weak', 'password'],
      [{ email: 'grace@p\u0430ypal.com' }, 'invalid_request', 'email'],
      [{ email: 'grace@localhost' }, 'invalid_request', 'email'],
      [{ name: 'Grace\nHopper' }, 'invalid_request', 'name'],
      [{ proofOfWork: 'none' }, 'proof_of_work_failed', null],
    ])('refuses %o', async (form, code, param) => {
      const email = newAddress();
      const { answer, browser } = await signUp(email, form);
      expect(failureOf(answer)).toEqual({ status: 400, code, param });
      expect(browser.cookie).toBe('');
      expect(await mailsTo(hub.sql, email)).toEqual([]);
    });

    it('takes a proof of work once', async () => {
      const proofOfWork = await proveWork(hub.url);
      expect((await signUp(newAddress(), { proofOfWork })).answer.status).toBe(202);
      const again = await signUp(newAddress(), { proofOfWork });
      expect(failureOf(again.answer).code).toBe('proof_of_work_failed');
    });

    it('mails one address at most five times in a quarter of an hour', async () => {
      const email = newAddress();
      const statuses = [];
      for (let n = 0; n < 6; n++) statuses.push((await signUp(email)).answer.status);
      expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
      expect((await signUp(newAddress())).answer.status).toBe(202);
      hub.clock.advance(16 * 60_000);
      expect((await signUp(email)).answer.status).toBe(202);
    });
  });
}

describe('with SIGN_UP=off', () => {
  it('refuses with words, and lets nobody finish', async () => {
    const hub = await openConsole('pglite', undefined, undefined, [], { signUp: false });
    try {
      const browser = openBrowser(hub.url);
      const proofOfWork = await proveWork(hub.url);
      const form = { name: 'Grace', email: 'grace@example.com', password: PASSWORD };
      const answer = await browser.post('/sign-up', { ...form, ...CONSENT, proofOfWork });
      expect(failureOf(answer)).toMatchObject({ status: 403, code: 'forbidden' });
      expect(answer.body).toMatchObject({ error: { message: expect.stringContaining('closed') } });
      expect((await browser.post('/sign-up/confirm', { token: 'any' })).status).toBe(403);
      expect((await browser.get('/session')).body['hub']).toMatchObject({ signUp: false });
    } finally {
      await hub.close();
    }
  });
});
