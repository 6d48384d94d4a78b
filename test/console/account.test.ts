import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { mailsTo, tokenTo, writeMail } from '../identity/mails.ts';
import { PASSWORD, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { proveWork } from '../support/work.ts';
import { type TestConsole, failureOf, openBrowser, openConsole, signInAs } from './world.ts';

const NEW_PASSWORD = 'gimme some of that pie';
const MINUTE_MS = 60_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    beforeAll(async () => {
      hub = await openConsole(db.name);
    });
    afterAll(() => hub.close());
    afterEach(() => hub.clock.advance(16 * MINUTE_MS));

    const openAccount = async () => {
      const { person } = await makeMember(hub.sql);
      return { person, browser: await signInAs(hub, person.email) };
    };
    const linkTo = (email: string) => tokenTo(hub.sql, 'confirm_email', email, hub.clock.wallMs());
    const confirmEmail = (token: string) =>
      openBrowser(hub.url).post('/account/email/confirm', { token });

    describe('an account', () => {
      it('shows what there is of it', async () => {
        const { person, browser } = await openAccount();
        const at = new Date('2026-11-01T10:00:00.000Z');
        const when = at.toISOString();
        const of = { person_id: person.id };
        await hub.sql
          .insertInto('google_identities')
          .values({ ...of, issuer: 'i', subject: person.id, email: 'a@gmail.com', linked_at: at })
          .execute();
        const id = newId('psk', Date.now());
        const key = { credential_id: Buffer.from(id), public_key: Buffer.from('k') };
        const passkey = {
          ...key,
          sign_count: 0n,
          transports: [],
          name: 'Laptop',
          last_used_at: null,
        };
        await hub.sql
          .insertInto('passkeys')
          .values({ id, ...of, ...passkey, created_at: at })
          .execute();
        await hub.sql
          .insertInto('recovery_codes')
          .values([1, 2, 3].map((n) => ({ ...of, code_hash: Buffer.alloc(32, n) })))
          .execute();
        await hub.sql
          .insertInto('acceptances')
          .values({ ...of, document: 'terms', version: '1', accepted_at: at })
          .execute();
        const sealed = { totp_sealed: Buffer.from('s'), totp_sealing_key: 'k' };
        await hub.sql
          .updateTable('people')
          .set({ ...sealed, totp_confirmed_at: at, created_at: at })
          .where('id', '=', person.id)
          .execute();
        await browser.post('/account/email', { email: `new-${person.email}` });
        const { status, body } = await browser.get('/account');
        expect(status).toBe(200);
        expect(body).toEqual({
          id: person.id,
          name: 'Ada',
          email: person.email,
          pendingEmail: `new-${person.email}`,
          hasPassword: true,
          google: { email: 'a@gmail.com', linkedAt: when },
          hasAuthenticator: true,
          recoveryCodesLeft: 3,
          passkeys: [{ id, name: 'Laptop', createdAt: when, lastUsedAt: null }],
          createdAt: when,
          acceptances: [{ document: 'terms', version: '1', acceptedAt: when }],
        });
      });

      it('is nobody else’s, and nothing of it is there without a session', async () => {
        const { person, browser } = await openAccount();
        const other = await openAccount();
        const { body } = await other.browser.get('/account');
        expect(body).toMatchObject({
          id: other.person.id,
          pendingEmail: null,
          google: null,
          hasAuthenticator: false,
          recoveryCodesLeft: 0,
          passkeys: [],
          acceptances: [],
        });
        const renamed = await browser.patch('/account', { name: ' Ada L. ', id: other.person.id });
        expect(renamed.body).toMatchObject({ id: person.id, name: 'Ada L.' });
        expect((await other.browser.get('/account')).body['name']).toBe('Ada');
        const nobody = openBrowser(hub.url);
        const answers = [
          await nobody.get('/account'),
          await nobody.patch('/account', { name: 'Eve' }),
          await nobody.put('/account/password', { password: NEW_PASSWORD }),
          await nobody.post('/account/email', { email: 'eve@example.com' }),
          await nobody.delete('/account/email'),
          await nobody.post('/account/reauthenticate', { password: PASSWORD }),
          await nobody.get('/account/sessions'),
          await nobody.delete('/account/sessions/ses_x'),
          await nobody.post('/account/sessions/end-others', {}),
        ];
        expect(answers.map((answer) => failureOf(answer).code)).toEqual(
          answers.map(() => 'not_signed_in'),
        );
      });
    });

    describe('a new password', () => {
      it('ends all other sessions and is told by mail', async () => {
        const { person, browser } = await openAccount();
        const other = await signInAs(hub, person.email);
        const done = await browser.put('/account/password', { password: NEW_PASSWORD });
        expect(done.status).toBe(204);
        expect((await browser.get('/account')).status).toBe(200);
        expect((await other.get('/account')).status).toBe(401);
        expect(await mailsTo(hub.sql, person.email, 'password_changed')).toHaveLength(1);
        const form = { email: person.email, password: PASSWORD };
        expect((await other.post('/sign-in', form)).status).toBe(401);
        expect((await other.post('/sign-in', { ...form, password: NEW_PASSWORD })).status).toBe(
          200,
        );
      });

      it('must be a good one', async () => {
        const { browser } = await openAccount();
        const weak = await browser.put('/account/password', { password: 'password1234' });
        expect(failureOf(weak)).toEqual({ status: 400, code: 'password_weak', param: 'password' });
      });

      it('is not set by a session that is ended meanwhile', async () => {
        const { person, browser } = await openAccount();
        const other = await signInAs(hub, person.email);
        const answers = await Promise.all([
          browser.put('/account/password', { password: NEW_PASSWORD }),
          other.put('/account/password', { password: `${NEW_PASSWORD} too` }),
        ]);
        const statuses = new Set(answers.map(({ status }) => status));
        expect(statuses).toEqual(new Set([204, 401]));
        const sessions = await hub.sql
          .selectFrom('sessions')
          .select('id')
          .where('person_id', '=', person.id)
          .execute();
        expect(sessions).toHaveLength(1);
      });
    });

    describe('a proof that is too old', () => {
      it('is asked for anew, by password, and gives a new cookie', async () => {
        const { person, browser } = await openAccount();
        const email = { email: `new-${person.email}` };
        hub.clock.advance(30 * MINUTE_MS);
        const refused = [
          await browser.put('/account/password', { password: NEW_PASSWORD }),
          await browser.post('/account/email', email),
        ];
        for (const answer of refused) {
          expect(failureOf(answer)).toMatchObject({
            status: 401,
            code: 'reauthentication_required',
          });
        }
        const wrong = await browser.post('/account/reauthenticate', { password: 'not this one' });
        expect(failureOf(wrong)).toEqual({
          status: 401,
          code: 'sign_in_failed',
          param: 'password',
        });
        const before = openBrowser(hub.url);
        before.cookie = browser.cookie;
        const done = await browser.post('/account/reauthenticate', { password: PASSWORD });
        expect(done.status).toBe(204);
        expect(browser.cookie).not.toBe(before.cookie);
        expect((await before.get('/account')).status).toBe(401);
        expect((await browser.post('/account/email', email)).status).toBe(202);
      });

      it('is guessed no further than at sign-in, together with it', async () => {
        const { person, browser } = await openAccount();
        const from = (n: number) => ({ 'x-forwarded-for': `198.51.100.${n}` });
        for (let n = 0; n < 10; n++) {
          const path = n % 2 === 0 ? '/account/reauthenticate' : '/sign-in';
          const form = { email: person.email, password: `guess ${n}` };
          const guesser = n % 2 === 0 ? browser : openBrowser(hub.url);
          expect((await guesser.post(path, form, from(n))).status).toBe(401);
        }
        const form = { email: person.email, password: PASSWORD };
        expect((await browser.post('/account/reauthenticate', form, from(50))).status).toBe(429);
        expect((await openBrowser(hub.url).post('/sign-in', form, from(51))).status).toBe(429);
      });
    });

    describe('a new address', () => {
      it('holds once its link is opened in any browser; the old one is told twice', async () => {
        const { person, browser } = await openAccount();
        const email = `new-${person.email}`;
        const asked = await browser.post('/account/email', { email: email.toUpperCase() });
        expect({ status: asked.status, body: asked.body }).toEqual({ status: 202, body: {} });
        expect((await browser.get('/account')).body).toMatchObject({
          email: person.email,
          pendingEmail: email,
        });
        const told = () => mailsTo(hub.sql, person.email, 'email_changing');
        expect((await told()).map(({ facts }) => facts)).toEqual([
          { newEmail: email, done: false },
        ]);
        const token = await linkTo(email);
        expect((await confirmEmail(token)).status).toBe(204);
        expect((await browser.get('/account')).body).toMatchObject({ email, pendingEmail: null });
        expect((await told()).map(({ facts }) => facts)).toEqual([
          { newEmail: email, done: false },
          { newEmail: email, done: true },
        ]);
        expect(failureOf(await confirmEmail(token)).code).toBe('link_invalid');
        expect(
          (await openBrowser(hub.url).post('/sign-in', { email, password: PASSWORD })).status,
        ).toBe(200);
      });

      it('takes links to the old mailbox out of force', async () => {
        const { person, browser } = await openAccount();
        const proofOfWork = await proveWork(hub.url);
        await browser.post('/password-reset', { email: person.email, proofOfWork });
        const wallMs = hub.clock.wallMs();
        const token = await tokenTo(hub.sql, 'reset_password', person.email, wallMs);
        await browser.post('/account/email', { email: `new-${person.email}` });
        await confirmEmail(await linkTo(`new-${person.email}`));
        const form = { token, password: NEW_PASSWORD };
        const reset = await openBrowser(hub.url).post('/password-reset/confirm', form);
        expect(failureOf(reset).code).toBe('link_invalid');
        expect(await writeMail(hub.sql, 'reset_password', person.email, wallMs)).toBe('drop');
      });

      it('can be taken back, and a second takes the place of the first', async () => {
        const { person, browser } = await openAccount();
        const [first, second] = [`1-${person.email}`, `2-${person.email}`] as const;
        await browser.post('/account/email', { email: first });
        const token = await linkTo(first);
        await browser.post('/account/email', { email: second });
        expect(failureOf(await confirmEmail(token)).code).toBe('link_invalid');
        expect(await writeMail(hub.sql, 'confirm_email', first, hub.clock.wallMs())).toBe('drop');
        const newer = await linkTo(second);
        expect((await browser.delete('/account/email')).status).toBe(204);
        expect(failureOf(await confirmEmail(newer)).code).toBe('link_invalid');
        expect(await writeMail(hub.sql, 'confirm_email', second, hub.clock.wallMs())).toBe('drop');
        expect((await browser.get('/account')).body).toMatchObject({
          email: person.email,
          pendingEmail: null,
        });
      });

      it('is not told apart from one that has an account, and never takes that', async () => {
        const { person, browser } = await openAccount();
        const other = (await makeMember(hub.sql)).person;
        const asked = await browser.post('/account/email', { email: other.email });
        expect({ status: asked.status, body: asked.body }).toEqual({ status: 202, body: {} });
        const written = await writeMail(hub.sql, 'confirm_email', other.email, hub.clock.wallMs());
        expect(written).toBe('drop');
        const late = `late-${person.email}`;
        await browser.post('/account/email', { email: late });
        const token = await linkTo(late);
        await makeMember(hub.sql, { email: late });
        expect(failureOf(await confirmEmail(token))).toEqual({
          status: 409,
          code: 'conflict',
          param: 'email',
        });
        expect((await browser.get('/account')).body['email']).toBe(person.email);
      });

      it('goes to one of twenty confirmations, ends after a day, and is not the old one', async () => {
        const { person, browser } = await openAccount();
        const same = await browser.post('/account/email', { email: person.email.toUpperCase() });
        expect(failureOf(same)).toEqual({ status: 400, code: 'invalid_request', param: 'email' });
        await browser.post('/account/email', { email: `1-${person.email}` });
        const token = await linkTo(`1-${person.email}`);
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            openBrowser(hub.url).post(
              '/account/email/confirm',
              { token },
              { 'x-forwarded-for': `198.51.100.${n}` },
            ),
          ),
        );
        expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
        await browser.post('/account/email', { email: `2-${person.email}` });
        const late = await linkTo(`2-${person.email}`);
        hub.clock.advance(24 * 60 * MINUTE_MS);
        expect(failureOf(await confirmEmail(late)).code).toBe('link_invalid');
      });
    });

    describe('the list of sessions', () => {
      it('names device and network, the newest use first, and which is this one', async () => {
        const { person, browser } = await openAccount();
        hub.clock.advance(2 * MINUTE_MS);
        const phone = openBrowser(hub.url);
        const form = { email: person.email, password: PASSWORD };
        await phone.post('/sign-in', form, {
          'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
          'x-forwarded-for': '203.0.113.7',
        });
        const device = 'Firefox on Linux';
        const there = { ipPrefix: '203.0.113.0/24', device };
        const here = { ipPrefix: '127.0.0.0/24' };
        // Looking at the list is a use.
        expect((await browser.get('/account/sessions')).body['sessions']).toMatchObject([
          { ...here, isCurrent: true },
          { ...there, isCurrent: false },
        ]);
        hub.clock.advance(2 * MINUTE_MS);
        expect((await phone.get('/account/sessions')).body['sessions']).toMatchObject([
          { ...there, isCurrent: true },
          { ...here, isCurrent: false },
        ]);
      });

      it('ends one, all others, or this one with its cookie, and none of other people', async () => {
        const { person, browser } = await openAccount();
        const others = [await signInAs(hub, person.email), await signInAs(hub, person.email)];
        const stranger = await openAccount();
        const list = async (of = browser) =>
          (await of.get('/account/sessions')).body['sessions'] as {
            id: string;
            isCurrent: boolean;
          }[];
        const foreign = (await list(stranger.browser))[0]?.id;
        const missing = await browser.delete(`/account/sessions/${foreign}`);
        expect(failureOf(missing).code).toBe('not_found');
        expect(await list(stranger.browser)).toHaveLength(1);
        const one = (await list()).find(({ isCurrent }) => !isCurrent)?.id;
        expect((await browser.delete(`/account/sessions/${one}`)).status).toBe(204);
        expect(await list()).toHaveLength(2);
        expect((await browser.post('/account/sessions/end-others', {})).status).toBe(204);
        expect(await list()).toHaveLength(1);
        for (const other of others) expect((await other.get('/account')).status).toBe(401);
        const own = (await list())[0]?.id;
        expect((await browser.delete(`/account/sessions/${own}`)).status).toBe(204);
        expect(browser.cookie).toBe('');
      });
    });

    describe('a sign-in from a new device', () => {
      it('is told by mail, once a device, and the first is no news', async () => {
        const { person } = await openAccount();
        const told = () => mailsTo(hub.sql, person.email, 'new_device');
        expect(await told()).toEqual([]);
        await signInAs(hub, person.email);
        expect(await told()).toEqual([]);
        const from = {
          'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
          'x-forwarded-for': '203.0.113.7',
        };
        const form = { email: person.email, password: PASSWORD };
        await Promise.all(
          Array.from({ length: 5 }, () => openBrowser(hub.url).post('/sign-in', form, from)),
        );
        expect((await told()).map(({ facts }) => facts)).toEqual([
          {
            device: 'Firefox on Linux',
            ipPrefix: '203.0.113.0/24',
            at: expect.stringMatching(/^20.*Z$/),
          },
        ]);
        // Nobody has proven anything by a wrong password.
        const wrong = { ...form, password: 'wrong password' };
        const elsewhere = { ...from, 'x-forwarded-for': '198.51.100.7' };
        await openBrowser(hub.url).post('/sign-in', wrong, elsewhere);
        expect(await told()).toHaveLength(1);
        hub.clock.advance(181 * 24 * 60 * MINUTE_MS);
        await signInAs(hub, person.email);
        await openBrowser(hub.url).post('/sign-in', form, from);
        expect(await told()).toHaveLength(2);
      });
    });
  });
}
