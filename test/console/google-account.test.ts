// Google in an account: linking and unlinking, proving once more who it is, and the second step after.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openVault } from '../../src/vault/seal.ts';
import { makeMember } from '../identity/world.ts';
import { codeAt } from '../support/authenticator-app.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import type { GoogleUser } from '../support/google-issuer.ts';
import { ageProofs, setUpAuthenticator, toldChanges } from './account-world.ts';
import { type GoogleHub, openGoogleHub } from './google-world.ts';
import { type Browser, type TestConsole, failureOf, openBrowser, signInAs } from './world.ts';

const LINK = '/account/google/link';
const REAUTHENTICATE = '/account/google/reauthenticate';
const HERE = { back: '/console/settings?tab=2' };
let users = 0;

function makeUser(): GoogleUser {
  users += 1;
  return { subject: `2000000000${users}`, email: `linked${users}@example.com` };
}

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let google: GoogleHub;
    let hub: TestConsole;
    beforeAll(async () => {
      google = await openGoogleHub(db.name, { vault: openVault(randomBytes(32)) });
      hub = google.hub;
    });
    afterAll(() => google.close());

    const idOf = async (browser: Browser): Promise<string> => {
      const { body } = await browser.get('/session');
      return (body['person'] as { id: string } | null)?.id ?? '';
    };
    /** Somebody with a password, who has signed in with it. */
    const openMember = async () => {
      const { person } = await makeMember(hub.sql);
      return { person, browser: await signInAs(hub, person.email) };
    };

    it('links an account at Google whatever its address is, which signs in from then on', async () => {
      const { person, browser } = await openMember();
      const user = makeUser();
      expect(await google.visit(browser, LINK, user, HERE)).toBe(HERE.back);
      expect(await toldChanges(hub.sql, person.id)).toEqual(['google_linked']);
      const other = openBrowser(hub.url);
      expect(await google.visit(other, '/sign-in/google', user)).toBe('/console');
      expect(await idOf(other)).toBe(person.id);
      const second = await browser.post(LINK, HERE);
      expect(failureOf(second)).toMatchObject({ status: 409, code: 'conflict' });
    });

    it('links nothing that is somebody else’s', async () => {
      const user = makeUser();
      await google.signUp(user);
      const { person, browser } = await openMember();
      const end = await google.visit(browser, LINK, user, HERE);
      expect(end).toBe(`${HERE.back}&failed=google_linked_elsewhere`);
      const theirs = openBrowser(hub.url);
      await google.visit(theirs, '/sign-in/google', user);
      expect(await idOf(theirs)).not.toBe(person.id);
    });

    it('links nothing to whoever has signed out meanwhile, or signed in as another', async () => {
      const { person, browser } = await openMember();
      const user = makeUser();
      const back = await google.leave(browser, LINK, user, HERE);
      const stranger = await openMember();
      await google.arrive(stranger.browser, back);
      await browser.post('/sign-out', undefined);
      await google.arrive(browser, back);
      const links = await hub.sql
        .selectFrom('google_identities')
        .select('subject')
        .where('person_id', 'in', [person.id, stranger.person.id])
        .execute();
      expect(links).toEqual([]);
    });

    it('asks for a recent proof before it links or unlinks, and for a session at all', async () => {
      const { person, browser } = await openMember();
      await ageProofs(hub.sql, person.id);
      for (const [who, code] of [
        [browser, 'reauthentication_required'],
        [openBrowser(hub.url), 'not_signed_in'],
      ] as const) {
        expect(failureOf(await who.post(LINK, HERE))).toMatchObject({ status: 401, code });
        expect(failureOf(await who.delete('/account/google'))).toMatchObject({ status: 401, code });
      }
      const nobody = await openBrowser(hub.url).post(REAUTHENTICATE, HERE);
      expect(failureOf(nobody)).toMatchObject({ code: 'not_signed_in' });
    });

    it('unlinks where there is another way in, and tells the person', async () => {
      const { person, browser } = await openMember();
      const user = makeUser();
      await google.visit(browser, LINK, user, HERE);
      expect((await browser.delete('/account/google')).status).toBe(204);
      expect(await toldChanges(hub.sql, person.id)).toEqual(['google_linked', 'google_unlinked']);
      const other = openBrowser(hub.url);
      const end = await google.visit(other, '/sign-in/google', user);
      expect(end).toBe('/sign-in?failed=google_unknown');
      expect((await browser.delete('/account/google')).status).toBe(404);
    });

    it('does not unlink the only way in, and says what to do', async () => {
      const user = makeUser();
      const browser = await google.signUp(user);
      const refused = await browser.delete('/account/google');
      expect(failureOf(refused)).toMatchObject({ status: 409, code: 'conflict' });
      expect(JSON.stringify(refused.body)).toContain('Set a password or add a passkey first.');
      const again = openBrowser(hub.url);
      expect(await google.visit(again, '/sign-in/google', user)).toBe('/console');
    });

    it('proves once more who it is by a fresh sign-in at Google, under a new cookie', async () => {
      const user = makeUser();
      const browser = await google.signUp(user);
      await ageProofs(hub.sql, await idOf(browser));
      expect(failureOf(await browser.post(LINK, HERE)).code).toBe('reauthentication_required');
      const old = openBrowser(hub.url);
      old.cookie = browser.cookie;
      expect(await google.visit(browser, REAUTHENTICATE, user, HERE)).toBe(HERE.back);
      expect(browser.cookie).not.toBe(old.cookie);
      expect(browser.cookie).toMatch(/^ih_session=/);
      expect(await idOf(old)).toBe('');
      // Recent enough now: what is in the way is another thing.
      expect(failureOf(await browser.post(LINK, HERE)).code).toBe('conflict');
    });

    it.each([
      ['an old sign-in at Google', (user: GoogleUser) => ({ ...user, signedInSecondsAgo: 300 })],
      ['another account at Google', () => makeUser()],
      ['somebody who turns back', () => null],
    ])('proves nothing by %s', async (_what, whoOf) => {
      const user = makeUser();
      const browser = await google.signUp(user);
      await ageProofs(hub.sql, await idOf(browser));
      const { cookie } = browser;
      const end = await google.visit(browser, REAUTHENTICATE, whoOf(user), HERE);
      expect(end).toMatch(/^\/console\/settings\?tab=2&failed=google_(failed|cancelled)$/);
      expect(browser.cookie).toBe(cookie);
      expect(failureOf(await browser.post(LINK, HERE)).code).toBe('reauthentication_required');
    });

    it('takes no answer for a purpose other than the one that was asked for', async () => {
      const { person, browser } = await openMember();
      const user = makeUser();
      await google.visit(browser, LINK, user, HERE);
      await ageProofs(hub.sql, person.id);
      const back = await google.leave(browser, '/sign-in/google', user);
      // Asked for another thing since: the first is forgotten.
      await google.leave(browser, REAUTHENTICATE, user, HERE);
      const end = (await google.arrive(browser, back)).headers.get('location');
      expect(end).toBe(`${hub.url}${HERE.back}&failed=google_failed`);
    });

    it('asks for the second step of whoever has an authenticator app, and leads on from there', async () => {
      const user = makeUser();
      const browser = await google.signUp(user);
      const personId = await idOf(browser);
      const { secret } = await setUpAuthenticator(hub, browser);
      const other = openBrowser(hub.url);
      const end = await google.visit(other, '/sign-in/google', user, { back: '/console/keys?a=b' });
      expect(end).toBe('/sign-in?back=%2Fconsole%2Fkeys%3Fa%3Db');
      const { body } = await other.get('/session');
      expect(body).toMatchObject({
        person: null,
        secondFactor: ['authenticator', 'recovery_code'],
      });
      const code = codeAt(secret, hub.clock.wallMs() + 30_000);
      expect((await other.post('/sign-in/second-factor', { code })).status).toBe(200);
      expect(await idOf(other)).toBe(personId);
    });
  });
}
