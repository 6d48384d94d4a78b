// The second step of a sign-in as a browser goes through it, and setting it up in the account.

import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openVault } from '../../src/vault/seal.ts';
import { PASSWORD, makeMember } from '../identity/world.ts';
import { codeAt, wrongCode } from '../support/authenticator-app.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { ageProofs, setUpAuthenticator, toldChanges } from './account-world.ts';
import {
  type Browser,
  type TestConsole,
  failureOf,
  openBrowser,
  openConsole,
  signInAs,
} from './world.ts';

const STEP = '/sign-in/second-factor';
const STEP_MS = 30_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    beforeAll(async () => {
      hub = await openConsole(db.name, undefined, openVault(randomBytes(32)));
    });
    afterAll(() => hub.close());
    // Ends the quarter of an hour in which failures count.
    afterEach(() => hub.clock.advance(16 * 60_000));

    const open = async () => {
      const { person } = await makeMember(hub.sql);
      const browser = await signInAs(hub, person.email);
      return { person, browser, ...(await setUpAuthenticator(hub, browser)) };
    };
    /** The first step alone. */
    const begin = async (email: string, from?: string): Promise<Browser> => {
      const browser = openBrowser(hub.url);
      const headers: Record<string, string> = from ? { 'x-forwarded-for': from } : {};
      await browser.post('/sign-in', { email, password: PASSWORD }, headers);
      return browser;
    };
    const codeOf = (secret: string, steps = 1) =>
      codeAt(secret, hub.clock.wallMs() + steps * STEP_MS);
    const personOf = async (browser: Browser) => (await browser.get('/session')).body['person'];

    it('asks after the password, opens nothing before, and gives a new cookie after', async () => {
      const { person, secret } = await open();
      const browser = openBrowser(hub.url);
      const { email } = person;
      const first = await browser.post('/sign-in', { email, password: PASSWORD });
      expect(first.body).toMatchObject({
        person: null,
        secondFactor: ['authenticator', 'recovery_code'],
        workspaces: [],
      });
      expect((await browser.get('/session')).body).toEqual(first.body);
      const closed = await browser.post('/account/authenticator', undefined);
      expect(failureOf(closed)).toMatchObject({ status: 401, code: 'not_signed_in' });
      const half = openBrowser(hub.url);
      half.cookie = browser.cookie;
      const done = await browser.post(STEP, { code: codeOf(secret).replace(/^.../, '$& ') });
      expect(done.body).toMatchObject({ person: { id: person.id }, secondFactor: null });
      expect(done.headers.getSetCookie()).toHaveLength(1);
      expect(browser.cookie).toMatch(/^ih_session=[\w-]{43}$/);
      expect(browser.cookie).not.toBe(half.cookie);
      expect((await half.get('/session')).body).toMatchObject({ person: null, secondFactor: null });
    });

    it('takes a code once, also in two browsers at the same time', async () => {
      const { person, secret } = await open();
      const browsers = await Promise.all([1, 2, 3].map(() => begin(person.email)));
      const code = codeOf(secret);
      const tries = await Promise.all(browsers.map((browser) => browser.post(STEP, { code })));
      expect(tries.map(({ status }) => status).toSorted(ascending)).toEqual([200, 401, 401]);
      const failed = tries.find(({ status }) => status === 401);
      expect(failed && failureOf(failed)).toMatchObject({ code: 'second_factor_failed' });
    });

    it('is worth nothing without the first step, nor ten minutes after it', async () => {
      const { person, secret } = await open();
      const code = codeOf(secret);
      const nobody = await openBrowser(hub.url).post(STEP, { code });
      expect(failureOf(nobody)).toMatchObject({ status: 401, code: 'not_signed_in' });
      const browser = await begin(person.email);
      hub.clock.advance(10 * 60_000);
      const late = await browser.post(STEP, { code: codeOf(secret) });
      expect(failureOf(late)).toMatchObject({ status: 401, code: 'not_signed_in' });
    });

    it('slows down after ten wrong codes for a person, whoever tries from wherever', async () => {
      const { person, secret } = await open();
      const wrong = wrongCode(secret, hub.clock.wallMs());
      const attempt = (browser: Browser, code: string, n: number) =>
        browser.post(STEP, { code }, { 'x-forwarded-for': `198.51.100.${n}` });
      const browsers: Browser[] = [];
      for (let n = 0; n < 14; n++) browsers.push(await begin(person.email, `198.51.100.${n}`));
      const [spare, ...many] = browsers as [Browser, ...Browser[]];
      const tries = await Promise.all(
        many.map((browser, n) => attempt(browser, n % 2 ? wrong : 'abcd-efgh', n)),
      );
      const statuses = tries.map(({ status }) => status);
      expect(statuses.filter((status) => status === 401)).toHaveLength(10);
      expect(statuses.filter((status) => status === 429)).toHaveLength(3);
      const refused = await attempt(spare, codeOf(secret), 50);
      expect(failureOf(refused)).toMatchObject({ status: 429, code: 'rate_limited' });
      // Another person's codes are not in the way.
      const other = await open();
      const theirs = await begin(other.person.email);
      expect((await attempt(theirs, codeOf(other.secret), 51)).status).toBe(200);
      hub.clock.advance(Number(refused.headers.get('retry-after')) * 1000);
      const again = await begin(person.email);
      expect((await attempt(again, codeOf(secret), 53)).status).toBe(200);
    });

    it('slows down one address that tries codes of many people', async () => {
      const all = await Promise.all(Array.from({ length: 3 }, open));
      const from = { 'x-forwarded-for': '203.0.113.9' };
      const waiting = await Promise.all(
        all.map(({ person }) => begin(person.email, '203.0.113.8')),
      );
      const wrong = { code: 'abcd-efgh' };
      for (let n = 0; n < 10; n++) await waiting[n % 3]?.post(STEP, wrong, from);
      expect((await waiting[0]?.post(STEP, wrong, from))?.status).toBe(429);
      const elsewhere = await waiting[0]?.post(STEP, wrong, { 'x-forwarded-for': '203.0.113.7' });
      expect(elsewhere?.status).toBe(401);
    });

    it('takes a recovery code once in the place of the app, and tells the person', async () => {
      const { person, recoveryCodes } = await open();
      expect(recoveryCodes).toHaveLength(10);
      const code = recoveryCodes[0] ?? '';
      const one = await (await begin(person.email)).post(STEP, { code });
      expect(one.body).toMatchObject({ person: { id: person.id } });
      const again = await (await begin(person.email)).post(STEP, { code });
      expect(failureOf(again)).toMatchObject({ code: 'second_factor_failed' });
      expect(await toldChanges(hub.sql, person.id)).toEqual([
        'authenticator_added',
        'recovery_code_used',
      ]);
    });

    it('renews the recovery codes, after a recent proof', async () => {
      const { person, browser, recoveryCodes } = await open();
      const renewed = await browser.post('/account/recovery-codes', undefined);
      expect(renewed.body['recoveryCodes']).toHaveLength(10);
      const old = await (await begin(person.email)).post(STEP, { code: recoveryCodes[0] });
      expect(failureOf(old)).toMatchObject({ code: 'second_factor_failed' });
      expect(await toldChanges(hub.sql, person.id)).toContain('recovery_codes_renewed');
    });

    it('asks no more once the app is removed, and tells the person', async () => {
      const { person, browser } = await open();
      expect((await browser.delete('/account/authenticator')).status).toBe(204);
      expect(await personOf(await begin(person.email))).toMatchObject({ id: person.id });
      expect(await toldChanges(hub.sql, person.id)).toContain('authenticator_removed');
      expect((await browser.delete('/account/authenticator')).status).toBe(404);
      const codes = await browser.post('/account/recovery-codes', undefined);
      expect(failureOf(codes)).toMatchObject({ status: 409, code: 'conflict' });
    });

    it('changes nothing without a recent proof, nor by a code that is wrong', async () => {
      const { person } = await makeMember(hub.sql);
      const browser = await signInAs(hub, person.email);
      const begun = await browser.post('/account/authenticator', undefined);
      const code = wrongCode(String(begun.body['secret']), hub.clock.wallMs());
      const wrong = await browser.post('/account/authenticator/confirm', { code });
      expect(failureOf(wrong)).toMatchObject({ status: 401, code: 'second_factor_failed' });
      await ageProofs(hub.sql, person.id);
      for (const answer of [
        await browser.post('/account/authenticator', undefined),
        await browser.post('/account/recovery-codes', undefined),
        await browser.delete('/account/authenticator'),
      ]) {
        expect(failureOf(answer)).toMatchObject({ code: 'reauthentication_required' });
      }
      expect(await personOf(await begin(person.email))).toMatchObject({ id: person.id });
      expect(await toldChanges(hub.sql, person.id)).toEqual([]);
    });

    it('is refused in words where the hub has nothing to seal its secret with', async () => {
      const bare = await openConsole(db.name);
      try {
        const { person } = await makeMember(bare.sql);
        const browser = await signInAs(bare, person.email);
        const refused = await browser.post('/account/authenticator', undefined);
        expect(failureOf(refused)).toMatchObject({ status: 409, code: 'conflict' });
        expect(JSON.stringify(refused.body)).toMatch(/SECRETS_KEY.*Use a passkey instead/);
      } finally {
        await bare.close();
      }
    });
  });
}

function ascending(one: number, other: number): number {
  return one - other;
}
