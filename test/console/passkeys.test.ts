// Passkeys: added in the account, and signing in with them, by a device in software.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { openVault } from '../../src/vault/seal.ts';
import { PASSWORD, makeMember } from '../identity/world.ts';
import { makeCertificate } from '../support/certificate.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type PasskeyDevice, type Wishes, openPasskeyDevice } from '../support/passkey-device.ts';
import { ageProofs, setUpAuthenticator, toldChanges } from './account-world.ts';
import {
  type Answer,
  type Browser,
  type TestConsole,
  failureOf,
  openBrowser,
  openConsole,
  signInAs,
} from './world.ts';

const ORIGIN = 'https://hub.example';
const ACCOUNT = '/account/passkeys';
const SIGN_IN = '/sign-in/passkey';
const AGAIN = '/account/reauthenticate/passkey';

const WRONG: [string, Wishes][] = [
  ['of another site', { origin: 'https://hub.example.evil.example' }],
  ['of the same host over plain http', { origin: 'http://hub.example' }],
  ['for another name', { rpId: 'example' }],
  ['without a PIN or a finger', { userVerified: false }],
  [
    'to a challenge that the hub did not give',
    { challenge: randomBytes(32).toString('base64url') },
  ],
];

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    beforeAll(async () => {
      hub = await openConsole(db.name, ORIGIN, openVault(randomBytes(32)));
    });
    afterAll(() => hub.close());

    const personOf = async (browser: Browser) => (await browser.get('/session')).body['person'];
    const ask = async (browser: Browser, path: string) =>
      (await browser.post(`${path}/options`, undefined)).body['options'];
    const openMember = async () => {
      const { person } = await makeMember(hub.sql);
      return { person, browser: await signInAs(hub, person.email) };
    };
    const add = async (
      browser: Browser,
      device: PasskeyDevice,
      wishes?: Wishes,
      name = 'Laptop',
    ): Promise<Answer> => {
      const response = device.register(await ask(browser, ACCOUNT), wishes);
      return browser.post(ACCOUNT, { name, response });
    };
    /** Somebody with a password and one passkey. */
    const openHolder = async (device = openPasskeyDevice(ORIGIN)) => {
      const { person, browser } = await openMember();
      const { status, body } = await add(browser, device);
      if (status !== 200) throw new Error(`adding a passkey answers ${status}`);
      return { person, browser, device, passkeyId: String(body['id']) };
    };
    const signInWith = async (device: PasskeyDevice, wishes?: Wishes, browser = open()) => {
      const response = device.answer(await ask(browser, SIGN_IN), wishes);
      return browser.post(SIGN_IN, { response });
    };
    const open = () => openBrowser(hub.url, ORIGIN);

    it('asks a device for a passkey of the hub’s own name, and for a PIN or a finger', async () => {
      const { person, browser, passkeyId } = await openHolder();
      expect(passkeyId).toMatch(/^psk_/);
      expect(await ask(browser, ACCOUNT)).toMatchObject({
        rp: { id: 'hub.example' },
        user: { name: person.email, displayName: 'Ada' },
        attestation: 'none',
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        excludeCredentials: [{ type: 'public-key' }],
      });
      expect(await ask(open(), SIGN_IN)).toMatchObject({
        rpId: 'hub.example',
        userVerification: 'required',
      });
    });

    it('signs in whoever has the device, by one cookie, which is another one after', async () => {
      const { person, device } = await openHolder();
      const browser = open();
      const options = await browser.post(`${SIGN_IN}/options`, undefined);
      const planted = open();
      planted.cookie = browser.cookie;
      const response = device.answer(options.body['options']);
      const done = await browser.post(SIGN_IN, { response });
      expect(done.body).toMatchObject({ person: { id: person.id }, secondFactor: null });
      for (const { headers } of [options, done]) {
        expect(headers.getSetCookie()).toHaveLength(1);
        expect(headers.getSetCookie()[0]).toMatch(/^ih_session=[\w-]{43}; .*Secure/);
      }
      expect(browser.cookie).not.toBe(planted.cookie);
      expect(await personOf(planted)).toBeNull();
    });

    it.each(WRONG)('does not add one by an answer %s', async (_what, wishes) => {
      const { person, browser } = await openMember();
      const answer = await add(browser, openPasskeyDevice(ORIGIN), wishes);
      expect(failureOf(answer)).toMatchObject({ status: 400, code: 'invalid_request' });
      expect(await toldChanges(hub.sql, person.id)).toEqual([]);
    });

    it.each(WRONG)('does not sign in by an answer %s', async (_what, wishes) => {
      const { device } = await openHolder();
      const browser = open();
      const answer = await signInWith(device, wishes, browser);
      expect(failureOf(answer)).toMatchObject({ status: 401, code: 'sign_in_failed' });
      expect(await personOf(browser)).toBeNull();
      expect((await signInWith(device)).status).toBe(200);
    });

    it('takes an answer once, also at the same time, and not in another browser', async () => {
      const { device } = await openHolder();
      const browser = open();
      const response = device.answer(await ask(browser, SIGN_IN));
      const thief = open();
      await ask(thief, SIGN_IN);
      const { cookie } = browser;
      const copies = [1, 2, 3].map(() => {
        const copy = open();
        copy.cookie = cookie;
        return copy;
      });
      expect((await thief.post(SIGN_IN, { response })).status).toBe(401);
      expect((await open().post(SIGN_IN, { response })).status).toBe(401);
      const tries = await Promise.all(copies.map((copy) => copy.post(SIGN_IN, { response })));
      expect(tries.map(({ status }) => status).toSorted(ascending)).toEqual([200, 401, 401]);
      expect((await browser.post(SIGN_IN, { response })).status).toBe(401);
    });

    it('takes no answer that comes after ten minutes, nor a registration', async () => {
      const { browser, device } = await openHolder();
      const late = open();
      const response = device.answer(await ask(late, SIGN_IN));
      const fresh = openPasskeyDevice(ORIGIN);
      const registration = fresh.register(await ask(browser, ACCOUNT));
      await hub.sql.updateTable('session_flows').set({ expires_at: new Date() }).execute();
      expect((await late.post(SIGN_IN, { response })).status).toBe(401);
      const answer = await browser.post(ACCOUNT, { name: 'Late', response: registration });
      expect(failureOf(answer)).toMatchObject({ status: 400, code: 'invalid_request' });
    });

    it('takes a registration once', async () => {
      const { browser } = await openMember();
      const response = openPasskeyDevice(ORIGIN).register(await ask(browser, ACCOUNT));
      expect((await browser.post(ACCOUNT, { name: 'One', response })).status).toBe(200);
      expect((await browser.post(ACCOUNT, { name: 'Two', response })).status).toBe(400);
    });

    it.each(['', 'x', null, { id: 'x' }, { response: 3 }])(
      'answers what is no answer of a device (%j) like a wrong one',
      async (part) => {
        const browser = open();
        await ask(browser, SIGN_IN);
        const response = { id: part, rawId: part, type: 'public-key', response: part };
        expect((await browser.post(SIGN_IN, { response })).status).toBe(401);
        const { browser: member } = await openMember();
        await ask(member, ACCOUNT);
        expect((await member.post(ACCOUNT, { name: 'x', response })).status).toBe(400);
      },
    );

    it('knows a copied device by its count, where the device counts', async () => {
      const { device } = await openHolder(openPasskeyDevice(ORIGIN, 7));
      expect((await signInWith(device)).status).toBe(200);
      const { count } = device;
      expect((await signInWith(device)).status).toBe(200);
      device.count = count;
      expect((await signInWith(device)).status).toBe(401);
      expect((await signInWith(device)).status).toBe(200);
    });

    it('is a passkey of one person only', async () => {
      const { device } = await openHolder();
      const { browser } = await openMember();
      const again = await add(browser, device);
      expect(failureOf(again)).toMatchObject({ status: 409, code: 'conflict' });
    });

    it('is added by no device that vouches for itself by a certificate', async () => {
      const { browser } = await openMember();
      const wishes = { certificate: makeCertificate() };
      const answer = await add(browser, openPasskeyDevice(ORIGIN), wishes);
      expect(failureOf(answer)).toMatchObject({ status: 400, code: 'invalid_request' });
    });

    it('is renamed and removed by its person alone, and removed it opens nothing', async () => {
      const { person, browser, device, passkeyId } = await openHolder();
      const at = `${ACCOUNT}/${passkeyId}`;
      const stranger = await openMember();
      for (const id of [passkeyId, newId('psk', 0), 'x']) {
        const theirs = `${ACCOUNT}/${id}`;
        expect((await stranger.browser.patch(theirs, { name: 'Mine' })).status).toBe(404);
        expect((await stranger.browser.delete(theirs)).status).toBe(404);
      }
      expect((await browser.patch(at, { name: 'Phone' })).status).toBe(204);
      const named = hub.sql.selectFrom('passkeys').select('name').where('id', '=', passkeyId);
      expect(await named.execute()).toEqual([{ name: 'Phone' }]);
      expect((await browser.delete(at)).status).toBe(204);
      expect(failureOf(await signInWith(device))).toMatchObject({ code: 'sign_in_failed' });
      expect(await toldChanges(hub.sql, person.id)).toEqual(['passkey_added', 'passkey_removed']);
    });

    it('is not removed where it is the only way in', async () => {
      const { person, browser, passkeyId } = await openHolder();
      const people = hub.sql.updateTable('people').where('id', '=', person.id);
      await people.set({ password_hash: null }).execute();
      const second = openPasskeyDevice(ORIGIN);
      const { body } = await add(browser, second);
      // Of two that go at the same time one stays.
      const both = [passkeyId, String(body['id'])].map((id) => browser.delete(`${ACCOUNT}/${id}`));
      const statuses = (await Promise.all(both)).map(({ status }) => status);
      expect(statuses.toSorted(ascending)).toEqual([204, 409]);
    });

    it('is one of twenty at most', async () => {
      const { person, browser, passkeyId } = await openHolder();
      const known = await hub.sql
        .selectFrom('passkeys')
        .selectAll()
        .where('id', '=', passkeyId)
        .executeTakeFirstOrThrow();
      const more = Array.from({ length: 19 }, () => ({
        ...known,
        id: newId('psk', 0),
        credential_id: randomBytes(32),
      }));
      await hub.sql.insertInto('passkeys').values(more).execute();
      const full = await add(browser, openPasskeyDevice(ORIGIN));
      expect(failureOf(full)).toMatchObject({ status: 409, code: 'conflict' });
      expect(await toldChanges(hub.sql, person.id)).toEqual(['passkey_added']);
    });

    it('is added and removed after a recent proof only, which a passkey can be', async () => {
      const { person, browser, device, passkeyId } = await openHolder();
      await ageProofs(hub.sql, person.id);
      for (const answer of [
        await browser.post(`${ACCOUNT}/options`, undefined),
        await browser.delete(`${ACCOUNT}/${passkeyId}`),
      ]) {
        expect(failureOf(answer)).toMatchObject({ code: 'reauthentication_required' });
      }
      const old = open();
      old.cookie = browser.cookie;
      const options = await ask(browser, AGAIN);
      expect(options).toMatchObject({ allowCredentials: [{ transports: ['internal'] }] });
      const response = device.answer(options);
      expect((await browser.post(AGAIN, { response })).status).toBe(204);
      expect(await personOf(old)).toBeNull();
      expect((await browser.delete(`${ACCOUNT}/${passkeyId}`)).status).toBe(204);
    });

    it('proves nobody else, and nothing that was asked for another purpose', async () => {
      const { person, browser, device } = await openHolder();
      const other = await openHolder();
      await ageProofs(hub.sql, person.id);
      const theirs = other.device.answer(await ask(browser, AGAIN));
      expect((await browser.post(AGAIN, { response: theirs })).status).toBe(401);
      const signingIn = device.answer(await ask(browser, SIGN_IN));
      expect((await browser.post(AGAIN, { response: signingIn })).status).toBe(401);
      const proving = device.answer(await ask(browser, AGAIN));
      expect((await browser.post(SIGN_IN, { response: proving })).status).toBe(401);
      const refused = await browser.post(`${ACCOUNT}/options`, undefined);
      expect(failureOf(refused)).toMatchObject({ code: 'reauthentication_required' });
      expect((await open().post(`${AGAIN}/options`, undefined)).status).toBe(401);
    });

    it('answers the second step of its own person, and of nobody else', async () => {
      const { person, browser, device } = await openHolder();
      await setUpAuthenticator(hub, browser);
      const stranger = await openHolder();
      const half = open();
      const first = await half.post('/sign-in', { email: person.email, password: PASSWORD });
      expect(first.body['secondFactor']).toEqual(['authenticator', 'passkey', 'recovery_code']);
      expect((await signInWith(stranger.device, {}, half)).status).toBe(401);
      const done = await signInWith(device, {}, half);
      expect(done.body).toMatchObject({ person: { id: person.id }, secondFactor: null });
    });

    it('needs a hub with a name', async () => {
      const numbered = await openConsole(db.name, 'http://127.0.0.1:3000');
      try {
        const refused = await openBrowser(numbered.url, numbered.origin).post(
          `${SIGN_IN}/options`,
          undefined,
        );
        expect(failureOf(refused)).toMatchObject({ status: 409, code: 'conflict' });
        expect(JSON.stringify(refused.body)).toContain('PUBLIC_URL');
      } finally {
        await numbered.close();
      }
    });
  });
}

function ascending(one: number, other: number): number {
  return one - other;
}
