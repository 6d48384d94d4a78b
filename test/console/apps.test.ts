import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Key } from '../../src/console/contract-keys.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { type Browser, type TestConsole, failureOf, openConsole, signInAs } from './world.ts';

const verifier = randomBytes(32).toString('base64url');
const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
const INVALID = { status: 401, code: 'link_invalid' };

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`keys for apps on ${db.label}`, () => {
    let hub: TestConsole;
    let owner: Member;
    let browser: Browser;
    let home: string;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      owner = await makeMember(hub.sql);
      browser = await signInAs(hub, owner.person.email);
      home = `/workspaces/${owner.workspaceId}`;
    });
    afterAll(() => hub.close());

    const grant = (changed: object = {}) =>
      browser.post(`${home}/app-grants`, {
        callbackUrl: 'https://app.example/callback?state=a%26b',
        codeChallenge,
        keyName: 'Editor',
        limitUsd: '12.50',
        span: 'monthly',
        ...changed,
      });
    const promise = async (): Promise<string> => {
      const { body } = await grant();
      return new URL(String(body['redirectUrl'])).searchParams.get('code') ?? '';
    };
    /** As the app does it, from its own site. */
    const redeem = async (code: string, given = verifier) => {
      const response = await fetch(`${hub.url}/api/v1/auth/keys`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://app.example' },
        body: JSON.stringify({ code, code_verifier: given, code_challenge_method: 'S256' }),
      });
      const body = (await response.json()) as Record<string, unknown>;
      return { status: response.status, headers: response.headers, body };
    };
    const listKeys = async (): Promise<Key[]> =>
      (await browser.get(`${home}/keys`)).body['keys'] as Key[];

    it('go to the callback as a code, and are fetched with its verifier', async () => {
      const { body } = await grant();
      const redirect = new URL(String(body['redirectUrl']));
      expect(redirect.href).toMatch(
        /^https:\/\/app\.example\/callback\?state=a%26b&code=[\w-]{43}$/,
      );
      const code = redirect.searchParams.get('code') ?? '';
      const fetched = await redeem(code);
      expect(fetched.status).toBe(200);
      const { key: secret, user_id } = fetched.body as Record<string, string>;
      expect(user_id).toBe(owner.person.id);
      const [key] = await listKeys();
      expect(key).toMatchObject({
        name: 'Editor',
        mode: 'live',
        app: 'app.example',
        createdBy: owner.person.id,
        hint: `ih_live_…${secret?.slice(-4)}`,
        scopes: ['inference'],
        budgets: [{ span: 'monthly', limitNanos: '12500000000' }],
      });
      const kept = await hub.sql.selectFrom('app_grants').selectAll().execute();
      expect(kept).toEqual([]);
    });

    it('are one key for twenty exchanges at once', async () => {
      const before = (await listKeys()).length;
      const code = await promise();
      const sent = await Promise.all(Array.from({ length: 20 }, () => redeem(code)));
      expect(sent.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        200,
        ...Array.from({ length: 19 }, () => 401),
      ]);
      expect(await listKeys()).toHaveLength(before + 1);
    });

    it('are lost by a wrong verifier, after ten minutes, and by a guess', async () => {
      const before = (await listKeys()).length;
      const burnt = await promise();
      const other = randomBytes(32).toString('base64url');
      expect(failureOf(await redeem(burnt, other))).toMatchObject(INVALID);
      expect(failureOf(await redeem(burnt))).toMatchObject(INVALID);
      const late = await promise();
      hub.clock.advance(10 * 60_000);
      expect(failureOf(await redeem(late))).toMatchObject(INVALID);
      expect(failureOf(await redeem('guessed'))).toMatchObject(INVALID);
      // The challenge itself travels in the open, so it is no verifier.
      const seen = await promise();
      expect(failureOf(await redeem(seen, codeChallenge))).toMatchObject(INVALID);
      expect(await listKeys()).toHaveLength(before);
    });

    it('are kept as a hash until then', async () => {
      const code = await promise();
      const { code_hash, ...rest } = await hub.sql
        .selectFrom('app_grants')
        .selectAll()
        .executeTakeFirstOrThrow();
      expect(Buffer.from(code_hash)).toEqual(createHash('sha256').update(code).digest());
      expect(Object.values(rest)).not.toContain(code);
      await redeem(code);
    });

    it('end for whoever may make none any more', async () => {
      const code = await promise();
      const of = (role: 'owner' | 'viewer') =>
        hub.sql
          .updateTable('members')
          .set({ role })
          .where('workspace_id', '=', owner.workspaceId)
          .execute();
      await of('viewer');
      expect(failureOf(await redeem(code))).toMatchObject(INVALID);
      await of('owner');
      expect(failureOf(await redeem(code))).toMatchObject(INVALID);
    });

    it('ask for a recent sign-in', async () => {
      hub.clock.advance(31 * 60_000);
      expect(failureOf(await grant())).toMatchObject({ code: 'reauthentication_required' });
      browser = await signInAs(hub, owner.person.email);
      expect((await grant()).status).toBe(200);
    });

    it.each([
      'https://app.example:8443/a',
      'http://127.0.0.1:3000/callback',
      'http://127.8.9.1/',
      'http://[::1]:1455/cb',
      'http://localhost:8080/cb?x=1',
      'https://bücher.example/',
    ])('are sent to %s', async (callbackUrl) => {
      expect((await grant({ callbackUrl })).status).toBe(200);
    });

    it.each([
      'http://app.example/',
      'http://localhost.evil.example/',
      'http://127.0.0.1.evil.example/',
      'http://10.0.0.1/',
      'http://[::ffff:10.0.0.1]/',
      'https://user@app.example/',
      'https://user:secret@app.example/',
      'https://app.example/#part',
      'https://app.example/#',
      'javascript:alert(1)',
      'data:text/html,x',
      'app://callback',
      '//app.example/',
      '/callback',
      'https://',
      '',
    ])('are never sent to %j', async (callbackUrl) => {
      const answer = await grant({ callbackUrl });
      const expected = { status: 400, code: 'invalid_request', param: 'callbackUrl' };
      expect(failureOf(answer)).toEqual(expected);
    });

    it('take S256 alone, and a challenge that is one', async () => {
      const plain = await browser.post('/auth/keys', {
        code: await promise(),
        code_verifier: verifier,
        code_challenge_method: 'plain',
      });
      expect(failureOf(plain)).toMatchObject({ status: 400, param: 'code_challenge_method' });
      for (const wrong of ['short', `${codeChallenge}=`, '']) {
        const answer = await grant({ codeChallenge: wrong });
        expect(failureOf(answer)).toMatchObject({ status: 400, param: 'codeChallenge' });
      }
    });

    it('are readable by pages of every site, failures too, and by no cookie', async () => {
      const asked = await fetch(`${hub.url}/api/v1/auth/keys`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });
      expect(asked.status).toBe(204);
      expect(asked.headers.get('access-control-allow-methods')).toBe('POST');
      expect(asked.headers.get('access-control-allow-headers')).toBe('content-type');
      const failed = await redeem('guessed');
      for (const { headers } of [asked, failed, await redeem(await promise())]) {
        expect(headers.get('access-control-allow-origin')).toBe('*');
        expect(headers.get('access-control-allow-credentials')).toBeNull();
        expect(headers.getSetCookie()).toEqual([]);
      }
      // No other route is.
      const elsewhere = await fetch(`${hub.url}/api/v1/session`, {
        headers: { origin: 'https://app.example' },
      });
      expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
      const preflight = await fetch(`${hub.url}/api/v1${home}/keys`, {
        method: 'OPTIONS',
        headers: { origin: 'https://app.example' },
      });
      expect(preflight.status).toBeGreaterThanOrEqual(400);
    });
  });
}
