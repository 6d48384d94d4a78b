import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/database.ts';
import { createLink } from '../../src/identity/links.ts';
import { DOCUMENTS } from '../../src/policy/documents.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Member, PASSWORD, makeMember } from '../identity/world.ts';
import { type TestConsole, failureOf, openBrowser, openConsole, signInAs } from './world.ts';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    let member: Member;
    beforeAll(async () => {
      hub = await openConsole(db.name);
    });
    afterAll(() => hub.close());
    // Ends the quarter of an hour in which failures count.
    afterEach(() => hub.clock.advance(16 * 60_000));

    const createToken = (purpose: 'first_operator' | 'sign_in', personId: string | null) =>
      inTransaction(hub.sql, (tx) =>
        createLink(tx, purpose, { personId, subjectId: null }, hub.clock.wallMs()),
      );

    it('welcomes the first operator by the link, signs in, and waits no longer', async () => {
      const browser = openBrowser(hub.url);
      const before = await browser.get('/session');
      expect(before.body).toEqual({
        person: null,
        secondFactor: null,
        workspaces: [],
        hub: {
          baseUrl: `${hub.url}/v1`,
          origin: hub.url,
          version: '1.2.3',
          sandbox: true,
          google: false,
          signUp: true,
          hasMailServer: false,
          documents: { terms: DOCUMENTS.terms.version, privacy: DOCUMENTS.privacy.version },
          awaitsOperator: true,
        },
      });
      expect(before.headers.getSetCookie()).toEqual([]);
      const form = { name: ' Ada ', email: 'ada@example.com', password: PASSWORD };
      const wrong = await browser.post('/welcome', { ...form, token: 'guessed' });
      expect(failureOf(wrong)).toMatchObject({ status: 401, code: 'link_invalid' });
      const token = await createToken('first_operator', null);
      const short = await browser.post('/welcome', { ...form, token, password: 'eleven char' });
      expect(failureOf(short)).toEqual({ status: 400, code: 'invalid_request', param: 'password' });
      const weak = await browser.post('/welcome', { ...form, token, password: 'password1234' });
      expect(failureOf(weak)).toEqual({ status: 400, code: 'password_weak', param: 'password' });
      const done = await browser.post('/welcome', { ...form, token });
      expect(done.status).toBe(200);
      expect(done.body['person']).toMatchObject({
        email: form.email,
        name: 'Ada',
        isOperator: true,
      });
      expect(done.body['hub']).toMatchObject({ awaitsOperator: false });
      expect((await browser.get('/session')).body).toEqual(done.body);
      expect((await openBrowser(hub.url).get('/session')).body['hub']).toMatchObject({
        awaitsOperator: false,
      });
    });

    it('sets one cookie that scripts cannot read and other sites cannot send', async () => {
      member = await makeMember(hub.sql);
      const browser = openBrowser(hub.url);
      const { email } = member.person;
      const done = await browser.post('/sign-in', {
        email: email.toUpperCase(),
        password: PASSWORD,
      });
      expect(done.status).toBe(200);
      expect(done.headers.get('cache-control')).toBe('no-store');
      const cookies = done.headers.getSetCookie();
      expect(cookies).toHaveLength(1);
      const [pair, ...attributes] = (cookies[0] ?? '').split('; ');
      expect(pair).toMatch(/^ih_session=[\w-]{43}$/);
      expect(attributes.toSorted()).toEqual([
        'HttpOnly',
        'Max-Age=2592000',
        'Path=/',
        'SameSite=Lax',
      ]);
    });

    it('gives a new session at every sign-in and ends the old one of that browser', async () => {
      const browser = await signInAs(hub, member.person.email);
      const old = openBrowser(hub.url);
      old.cookie = browser.cookie;
      await browser.post('/sign-in', { email: member.person.email, password: PASSWORD });
      expect(browser.cookie).not.toBe(old.cookie);
      expect((await old.get('/session')).body['person']).toBeNull();
      expect((await browser.get('/session')).body['person']).toMatchObject({
        id: member.person.id,
      });
    });

    it('signs out: the cookie goes, and the session with it', async () => {
      const browser = await signInAs(hub, member.person.email);
      const copy = openBrowser(hub.url);
      copy.cookie = browser.cookie;
      const done = await browser.post('/sign-out', undefined);
      expect(done.status).toBe(204);
      expect(browser.cookie).toBe('');
      expect((await copy.get('/session')).body['person']).toBeNull();
    });

    it('says the same for a wrong password, an unknown address, and no password at all', async () => {
      const linkOnly = await makeMember(hub.sql);
      await hub.sql
        .updateTable('people')
        .set({ password_hash: null })
        .where('id', '=', linkOnly.person.id)
        .execute();
      const browser = openBrowser(hub.url);
      const emails = [member.person.email, 'nobody@example.com', linkOnly.person.email];
      const answers = await Promise.all(
        emails.map((email) => browser.post('/sign-in', { email, password: 'wrong password' })),
      );
      const [first, ...others] = answers.map(({ status, body }) => {
        const { requestId: _, ...error } = body['error'] as Record<string, unknown>;
        return { status, error };
      });
      expect(first).toMatchObject({ status: 401, error: { code: 'sign_in_failed' } });
      for (const other of others) expect(other).toEqual(first);
      expect(browser.cookie).toBe('');
    });

    it('signs in by a one-time link, once', async () => {
      const token = await createToken('sign_in', member.person.id);
      const browsers = Array.from({ length: 20 }, () => openBrowser(hub.url));
      const tries = await Promise.all(
        browsers.map((browser) => browser.post('/sign-in/link', { token })),
      );
      expect(tries.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(tries.filter((one) => failureOf(one).code === 'link_invalid')).toHaveLength(19);
      const winner = browsers[tries.findIndex(({ status }) => status === 200)];
      expect((await winner?.get('/session'))?.body['person']).toMatchObject({
        id: member.person.id,
      });
    });

    it('slows down after ten failures of an account, also at once and from many places', async () => {
      const { email } = (await makeMember(hub.sql)).person;
      const attempt = (password: string, n: number) =>
        openBrowser(hub.url).post(
          '/sign-in',
          { email, password },
          { 'x-forwarded-for': `198.51.100.${n}` },
        );
      const tries = await Promise.all(Array.from({ length: 14 }, (_, n) => attempt('guess', n)));
      const statuses = tries.map(({ status }) => status);
      expect(statuses.filter((status) => status === 401)).toHaveLength(10);
      expect(statuses.filter((status) => status === 429)).toHaveLength(4);
      const refused = await attempt(PASSWORD, 50);
      expect(refused.status).toBe(429);
      const waitSeconds = Number(refused.headers.get('retry-after'));
      expect(waitSeconds).toBeGreaterThan(0);
      expect(waitSeconds).toBeLessThanOrEqual(15 * 60);
      hub.clock.advance(waitSeconds * 1000);
      expect((await attempt(PASSWORD, 51)).status).toBe(200);
    });

    it('slows down one address that tries many accounts, and no other address', async () => {
      const attempt = (email: string, from: string) =>
        openBrowser(hub.url).post(
          '/sign-in',
          { email, password: PASSWORD },
          { 'x-forwarded-for': from },
        );
      for (let n = 0; n < 10; n++) await attempt(`nobody${n}@example.com`, '203.0.113.5');
      expect((await attempt(member.person.email, '203.0.113.5')).status).toBe(429);
      expect((await attempt(member.person.email, '203.0.113.6')).status).toBe(200);
    });

    it('counts all addresses of an IPv6 customer as one', async () => {
      const attempt = (email: string, from: string) =>
        openBrowser(hub.url).post(
          '/sign-in',
          { email, password: PASSWORD },
          { 'x-forwarded-for': from },
        );
      for (let n = 0; n < 10; n++) {
        await attempt(`nobody${n}@example.com`, `2001:db8:7:1:${n}::${n + 1}`);
      }
      expect((await attempt(member.person.email, '2001:db8:7:1:ffff::1')).status).toBe(429);
      expect((await attempt(member.person.email, '2001:db8:7:2::1')).status).toBe(200);
    });

    it('counts no success as a failure', async () => {
      for (let n = 0; n < 12; n++) await signInAs(hub, member.person.email);
    });
  });
}
