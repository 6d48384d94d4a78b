// Signing in and up with Google, against a real OpenID Connect server.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { findPersonByEmail } from '../../src/identity/people.ts';
import { PASSWORD, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import type { GoogleUser } from '../support/google-issuer.ts';
import { CONSENT, type GoogleHub, openGoogleHub } from './google-world.ts';
import { type Browser, type TestConsole, failureOf, openBrowser, openConsole } from './world.ts';

const FAILED = '/sign-in?failed=google_failed';
let users = 0;

/** Somebody new, with an address of their own. */
function makeUser(details: Partial<GoogleUser> = {}): GoogleUser {
  users += 1;
  const subject = `1000000000${users}`;
  return { subject, email: `user${users}@example.com`, name: 'Grace Hopper', ...details };
}

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let google: GoogleHub;
    let hub: TestConsole;
    beforeAll(async () => {
      google = await openGoogleHub(db.name);
      hub = google.hub;
    });
    afterAll(() => google.close());

    const personOf = async (browser: Browser) => (await browser.get('/session')).body['person'];
    const countPeople = async () =>
      (await hub.sql.selectFrom('people').select('id').execute()).length;

    it('makes an account of who signs up: of age, with what they accepted and a workspace', async () => {
      const user = makeUser();
      const browser = openBrowser(hub.url);
      const path = '/console/keys?tab=1';
      const body = { ...CONSENT, back: path };
      expect(await google.visit(browser, '/sign-up/google', user, body)).toBe(path);
      const { body: session } = await browser.get('/session');
      expect(session).toMatchObject({
        person: { email: user.email, name: 'Grace Hopper', isOperator: false },
        workspaces: [{ name: 'Personal', role: 'owner' }],
      });
      const { id } = session['person'] as { id: string };
      const person = await hub.sql
        .selectFrom('people')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      expect(person).toMatchObject({
        password_hash: null,
        adult_confirmed_at: expect.any(Date),
        email_verified_at: expect.any(Date),
      });
      const accepted = await hub.sql
        .selectFrom('acceptances')
        .select(['document', 'version'])
        .where('person_id', '=', id)
        .orderBy('document')
        .execute();
      expect(accepted).toEqual([
        { document: 'privacy', version: CONSENT.privacyVersion },
        { document: 'terms', version: CONSENT.termsVersion },
      ]);
    });

    it('signs in whom it knows, by the subject, whatever their address is by now', async () => {
      const user = makeUser();
      const person = await personOf(await google.signUp(user));
      const moved = { ...user, email: `moved-${user.email}` };
      for (const path of ['/sign-in/google', '/sign-up/google']) {
        const browser = openBrowser(hub.url);
        expect(await google.visit(browser, path, moved, CONSENT)).toBe('/console');
        expect(await personOf(browser)).toEqual(person);
      }
    });

    it('gives an address that has passed to another subject nothing of its former owner', async () => {
      const user = makeUser();
      await google.signUp(user);
      const heir = makeUser({ email: user.email });
      for (const path of ['/sign-in/google', '/sign-up/google']) {
        const browser = openBrowser(hub.url);
        const end = await google.visit(browser, path, heir, CONSENT);
        expect(end).toBe('/sign-in?failed=google_address_taken');
        expect(await personOf(browser)).toBeNull();
      }
    });

    it('does not sign in to an account with a password because the address is the same', async () => {
      const { person } = await makeMember(hub.sql);
      const user = makeUser({ email: person.email.toUpperCase() });
      const browser = openBrowser(hub.url);
      const end = await google.visit(browser, '/sign-in/google', user);
      expect(end).toBe('/sign-in?failed=google_address_taken');
      expect(await personOf(browser)).toBeNull();
    });

    it('makes no account of an unverified address, and tells nothing about it', async () => {
      const { person } = await makeMember(hub.sql);
      const before = await countPeople();
      for (const email of [person.email, makeUser().email]) {
        const user = makeUser({ email, emailVerified: false });
        const up = await google.visit(openBrowser(hub.url), '/sign-up/google', user, CONSENT);
        expect(up).toBe(FAILED);
        const entered = await google.visit(openBrowser(hub.url), '/sign-in/google', user);
        expect(entered).toBe('/sign-in?failed=google_unknown');
      }
      expect(await countPeople()).toBe(before);
    });

    it('makes no account by signing in', async () => {
      const user = makeUser();
      const browser = openBrowser(hub.url);
      const end = await google.visit(browser, '/sign-in/google', user);
      expect(end).toBe('/sign-in?failed=google_unknown');
      expect(await findPersonByEmail(hub.sql, user.email)).toBeUndefined();
    });

    it('leaves nothing of a sign-up that somebody else began for the address', async () => {
      const user = makeUser();
      const now = new Date();
      await hub.sql
        .insertInto('sign_ups')
        .values({
          id: newId('sup', now.getTime()),
          email: user.email,
          name: 'Mallory',
          password_hash: 'theirs',
          session_id: null,
          terms_version: CONSENT.termsVersion,
          privacy_version: CONSENT.privacyVersion,
          created_at: now,
          expires_at: new Date(now.getTime() + 3_600_000),
        })
        .execute();
      await google.signUp(user);
      const left = hub.sql.selectFrom('sign_ups').selectAll().where('email', '=', user.email);
      expect(await left.execute()).toEqual([]);
      expect(await findPersonByEmail(hub.sql, user.email)).toMatchObject({
        name: 'Grace Hopper',
        passwordHash: null,
      });
    });

    it('makes one account of two sign-ups that come back at the same time', async () => {
      const user = makeUser();
      const browsers = [openBrowser(hub.url), openBrowser(hub.url)];
      const backs: URL[] = [];
      for (const browser of browsers) {
        backs.push(await google.leave(browser, '/sign-up/google', user, CONSENT));
      }
      const before = await countPeople();
      await Promise.all(browsers.map((browser, i) => google.arrive(browser, backs[i] as URL)));
      expect(await countPeople()).toBe(before + 1);
      const [one, two] = await Promise.all(browsers.map(personOf));
      expect(one).toMatchObject({ email: user.email });
      expect(two).toEqual(one);
    });

    it('has one cookie all the way, another one at its end, and the first is worth nothing', async () => {
      const browser = openBrowser(hub.url);
      const asked = await browser.post('/sign-up/google', CONSENT);
      const planted = openBrowser(hub.url);
      planted.cookie = browser.cookie;
      const user = makeUser();
      google.issuer.user = user;
      const back = await google.issuer.pass(String(asked.body['url']));
      const done = await google.arrive(browser, back);
      for (const { headers } of [asked, done]) {
        const cookies = headers.getSetCookie();
        expect(cookies).toHaveLength(1);
        expect(cookies[0]).toMatch(/^ih_session=[\w-]{43}; .*HttpOnly; SameSite=Lax/);
      }
      expect(await personOf(browser)).toMatchObject({ email: user.email });
      expect(browser.cookie).not.toBe(planted.cookie);
      expect(await personOf(planted)).toBeNull();
      expect((await google.arrive(planted, back)).headers.get('location')).toBe(hub.url + FAILED);
    });

    it.each(['', 'x', 'the state of another'])(
      'takes no answer with the state %j',
      async (state) => {
        const user = makeUser();
        await google.signUp(user);
        const browser = openBrowser(hub.url);
        const back = await google.leave(browser, '/sign-in/google', user);
        const own = back.href;
        back.searchParams.set('state', state);
        expect((await google.arrive(browser, back)).headers.get('location')).toBe(hub.url + FAILED);
        // What was asked is used up, whatever came of it.
        const again = await google.arrive(browser, new URL(own));
        expect(again.headers.get('location')).toBe(hub.url + FAILED);
        expect(await personOf(browser)).toBeNull();
      },
    );

    it('takes an answer once, and in the browser that asked', async () => {
      const user = makeUser();
      await google.signUp(user);
      const browser = openBrowser(hub.url);
      const back = await google.leave(browser, '/sign-in/google', user);
      const thief = openBrowser(hub.url);
      const other = openBrowser(hub.url);
      await google.leave(other, '/sign-in/google', makeUser());
      for (const stranger of [thief, other]) {
        const end = (await google.arrive(stranger, back)).headers.get('location');
        expect(end).toBe(hub.url + FAILED);
        expect(await personOf(stranger)).toBeNull();
      }
      const tries = await Promise.all([1, 2, 3].map(() => google.arrive(browser, back)));
      const ends = tries.map(({ headers }) => headers.get('location'));
      expect(ends.filter((end) => end === `${hub.url}/console`)).toHaveLength(1);
      expect(ends.filter((end) => end === hub.url + FAILED)).toHaveLength(2);
    });

    it('takes no answer that comes after ten minutes', async () => {
      const browser = openBrowser(hub.url);
      const back = await google.leave(browser, '/sign-up/google', makeUser(), CONSENT);
      await hub.sql.updateTable('session_flows').set({ expires_at: new Date() }).execute();
      expect((await google.arrive(browser, back)).headers.get('location')).toBe(hub.url + FAILED);
    });

    it.each([
      ['a code that was given to another site', { otherClient: true }],
      ['a verifier that is not the challenge’s', { secret: 'v'.repeat(43) }],
      ['a nonce that was not asked for', { nonce: 'n'.repeat(43) }],
    ])('takes no answer with %s', async (_what, { otherClient, ...change }: Wrong) => {
      const user = makeUser();
      await google.signUp(user);
      google.issuer.user = user;
      const browser = openBrowser(hub.url);
      const asked = await browser.post('/sign-in/google', {});
      const url = new URL(String(asked.body['url']));
      if (otherClient) url.searchParams.set('client_id', google.issuer.otherClientId);
      else await hub.sql.updateTable('session_flows').set(change).execute();
      const back = await google.issuer.pass(url.href);
      expect(back.searchParams.get('code')).not.toBeNull();
      expect((await google.arrive(browser, back)).headers.get('location')).toBe(hub.url + FAILED);
      expect(await personOf(browser)).toBeNull();
    });

    it('says so when somebody turns back', async () => {
      const browser = openBrowser(hub.url);
      const end = await google.visit(browser, '/sign-in/google', null);
      expect(end).toBe('/sign-in?failed=google_cancelled');
    });

    it.each([
      '//evil.example',
      '/\\evil.example',
      '/.//evil.example',
      '/\t/evil.example',
      '/console\r\nset-cookie: a=b',
      'https://evil.example/',
      'javascript:alert(1)',
      'console',
      '',
      `/${'é'.repeat(300)}`,
    ])('leads to no place such as %j', async (back) => {
      for (const [path, body] of [
        ['/sign-in/google', { back }],
        ['/sign-up/google', { ...CONSENT, back }],
      ] as const) {
        const answer = await openBrowser(hub.url).post(path, body);
        expect(failureOf(answer)).toEqual({ status: 400, code: 'invalid_request', param: 'back' });
      }
    });

    it('fails in words while Google is away, and goes on once it is back', async () => {
      const away = await openGoogleHub(db.name);
      try {
        const user = makeUser();
        const browser = openBrowser(away.hub.url);
        await away.issuer.stop();
        const { status, body } = await browser.post('/sign-in/google', {});
        expect({ status, body }).toEqual({ status: 200, body: { url: away.hub.url + FAILED } });
        await away.issuer.start();
        const back = await away.leave(browser, '/sign-up/google', user, CONSENT);
        await away.issuer.stop();
        const end = (await away.arrive(browser, back)).headers.get('location');
        expect(end).toBe(away.hub.url + FAILED);
        await away.issuer.start();
        const again = await away.visit(browser, '/sign-up/google', user, CONSENT);
        expect(again).toBe('/console');
        expect(away.hub.logged).toEqual([]);
      } finally {
        await away.close();
      }
    });

    it('takes nobody who has not accepted what holds now, or is not of age', async () => {
      const old = { ...CONSENT, termsVersion: '2020-01-01' };
      const answer = await openBrowser(hub.url).post('/sign-up/google', old);
      expect(failureOf(answer)).toMatchObject({ status: 400, param: 'termsVersion' });
      const child = await openBrowser(hub.url).post('/sign-up/google', {
        ...CONSENT,
        isAdult: false,
      });
      expect(failureOf(child)).toMatchObject({ status: 400, param: 'isAdult' });
    });

    it('is not there where the operator has not set it up, nor its sign-up where that is off', async () => {
      const bare = await openConsole(db.name);
      const closed = await openConsole(db.name, undefined, undefined, undefined, {
        google: google.issuer.client,
        signUp: false,
      });
      try {
        const browser = openBrowser(bare.url);
        expect((await browser.post('/sign-in/google', {})).status).toBe(404);
        const callback = await browser.get('/google/callback?code=x&state=y');
        expect(callback.headers.get('location')).toBe(bare.url + FAILED);
        const refused = await openBrowser(closed.url).post('/sign-up/google', CONSENT);
        expect(failureOf(refused)).toMatchObject({ status: 403, code: 'forbidden' });
      } finally {
        await bare.close();
        await closed.close();
      }
    });

    it('lets nobody in by a password that was never set', async () => {
      const user = makeUser();
      await google.signUp(user);
      const { email } = user;
      const answer = await openBrowser(hub.url).post('/sign-in', { email, password: PASSWORD });
      expect(failureOf(answer)).toMatchObject({ status: 401, code: 'sign_in_failed' });
    });
  });
}

interface Wrong {
  readonly otherClient?: boolean;
  readonly secret?: string;
  readonly nonce?: string;
}
