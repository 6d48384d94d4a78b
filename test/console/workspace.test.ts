import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { Key } from '../../src/console/contract-keys.ts';
import { parseKeySecret } from '../../src/keys/secret.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { expectBooksInOrder } from '../ledger/world.ts';
import { type Member, addUsage, makeMember } from '../identity/world.ts';
import {
  type Browser,
  MODELS,
  type TestConsole,
  failureOf,
  openBrowser,
  openConsole,
  signInAs,
} from './world.ts';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    let operator: Member;
    let member: Member;
    let root: Browser;
    let browser: Browser;
    let home: string;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      operator = await makeMember(hub.sql, { isOperator: true });
      member = await makeMember(hub.sql);
      root = await signInAs(hub, operator.person.email);
      browser = await signInAs(hub, member.person.email);
      home = `/workspaces/${member.workspaceId}`;
    });
    afterAll(() => hub.close());

    const makeKey = async (name: string, mode = 'live') => {
      const { body } = await browser.post(`${home}/keys`, { name, mode });
      return body as unknown as { key: Key; secret: string };
    };
    const listKeys = async (): Promise<Key[]> =>
      (await browser.get(`${home}/keys`)).body['keys'] as Key[];

    it('shows the models to everybody', async () => {
      expect((await openBrowser(hub.url).get('/models')).body).toEqual({ models: MODELS });
    });

    it('shows nothing of a workspace without a session, nor to strangers', async () => {
      const receipt = `receipts/${newId('req', Date.now())}`;
      const theirs = `/workspaces/${operator.workspaceId}`;
      for (const path of ['balance', 'keys', 'activity', receipt, 'events']) {
        const nobody = await openBrowser(hub.url).get(`${home}/${path}`);
        expect(failureOf(nobody)).toMatchObject({ status: 401, code: 'not_signed_in' });
        for (const workspace of [theirs, '/workspaces/ws_x', '/workspaces/%00']) {
          const stranger = await browser.get(`${workspace}/${path}`);
          expect(failureOf(stranger)).toMatchObject({ status: 404, code: 'not_found' });
        }
        // Being the hub's operator opens no door to a customer's requests.
        expect((await root.get(`${home}/${path}`)).status).toBe(404);
      }
      const keyId = newId('key', Date.now());
      expect((await browser.post(`${theirs}/keys`, { name: 'x', mode: 'live' })).status).toBe(404);
      expect((await browser.delete(`${theirs}/keys/${keyId}`)).status).toBe(404);
    });

    it('keeps account data out of every cache', async () => {
      const { headers } = await browser.get(`${home}/balance`);
      expect(headers.get('cache-control')).toBe('no-store');
    });

    it('adds an operator’s grant once however often it is sent', async () => {
      const order = { book: 'live', amountUsd: '5.000000001', idempotencyKey: 'press-0001' };
      const sent = await Promise.all(
        Array.from({ length: 5 }, () => root.post(`${home}/grants`, order)),
      );
      expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      const { body } = await browser.get(`${home}/balance`);
      const empty = { balanceNanos: '0', leasedNanos: '0', spentLastDayNanos: '0' };
      expect(body).toEqual({ live: { ...empty, balanceNanos: '5000000001' }, test: empty });
      await expectBooksInOrder(hub.sql);
    });

    it('takes grants from operators alone, of a sensible amount, to a workspace that is', async () => {
      const order = { book: 'live', amountUsd: '5', idempotencyKey: 'press-0002' };
      const mine = await browser.post(`${home}/grants`, order);
      expect(failureOf(mine)).toMatchObject({ status: 403, code: 'forbidden' });
      const others = await browser.post(`/workspaces/${operator.workspaceId}/grants`, order);
      expect(others.status).toBe(404);
      const nowhere = await root.post(`/workspaces/${newId('ws', Date.now())}/grants`, order);
      expect(nowhere.status).toBe(404);
      for (const amountUsd of ['0', '0.00', '-5', '1e3', '1.0000000001', '12345678', '']) {
        const answer = await root.post(`${home}/grants`, { ...order, amountUsd });
        expect(failureOf(answer)).toEqual({
          status: 400,
          code: 'invalid_request',
          param: 'amountUsd',
        });
      }
    });

    it('shows a key’s text once, and afterwards how it ends', async () => {
      const { key, secret } = await makeKey(' ci-runner ', 'test');
      expect(parseKeySecret(secret)?.mode).toBe('test');
      expect(key).toMatchObject({
        name: 'ci-runner',
        mode: 'test',
        hint: `ih_test_…${secret.slice(-4)}`,
        revokedAt: null,
        lastUsedAt: null,
      });
      const listed = await browser.get(`${home}/keys`);
      expect(listed.body).toEqual({ keys: [key] });
      expect(JSON.stringify(listed.body)).not.toContain(secret.slice(0, -4));
    });

    it('refuses a key without a proper name or mode', async () => {
      const before = await listKeys();
      for (const [body, param] of [
        [{ name: '   ', mode: 'live' }, 'name'],
        [{ name: 'a\u0000b', mode: 'live' }, 'name'],
        [{ name: 'x'.repeat(121), mode: 'live' }, 'name'],
        [{ name: 'x', mode: 'both' }, 'mode'],
        [{ mode: 'live' }, 'name'],
      ] as const) {
        const answer = await browser.post(`${home}/keys`, body);
        expect(failureOf(answer)).toEqual({ status: 400, code: 'invalid_request', param });
      }
      expect(await listKeys()).toEqual(before);
    });

    it('revokes a key, also twice, and none of another workspace', async () => {
      const { key } = await makeKey('short-lived');
      const foreign = await root.delete(`/workspaces/${operator.workspaceId}/keys/${key.id}`);
      expect(foreign.status).toBe(404);
      const state = async () => (await listKeys()).find(({ id }) => id === key.id);
      expect((await state())?.revokedAt).toBeNull();
      expect((await browser.delete(`${home}/keys/${key.id}`)).status).toBe(204);
      const revoked = await state();
      expect(revoked?.revokedAt).toEqual(expect.any(String));
      expect((await browser.delete(`${home}/keys/${key.id}`)).status).toBe(204);
      expect(await state()).toEqual(revoked);
    });

    it('lets a viewer look at keys, but neither make nor revoke one', async () => {
      const viewer = await makeMember(hub.sql);
      await hub.sql
        .insertInto('members')
        .values({ workspace_id: member.workspaceId, person_id: viewer.person.id, role: 'viewer' })
        .execute();
      const looking = await signInAs(hub, viewer.person.email);
      const { key } = await makeKey('guarded');
      expect((await looking.get(`${home}/keys`)).status).toBe(200);
      const made = await looking.post(`${home}/keys`, { name: 'x', mode: 'live' });
      expect(failureOf(made)).toMatchObject({ status: 403, code: 'forbidden' });
      expect((await looking.delete(`${home}/keys/${key.id}`)).status).toBe(403);
    });

    it('adds up what the last day was charged, by book', async () => {
      const spender = await makeMember(hub.sql);
      const own = await signInAs(hub, spender.person.email);
      const path = `/workspaces/${spender.workspaceId}`;
      const made = await own.post(`${path}/keys`, { name: 'x', mode: 'live' });
      const key_id = (made.body as unknown as { key: Key }).key.id;
      const of = { workspace_id: spender.workspaceId, key_id, hold_nanos: 100n };
      const hourMs = 3_600_000;
      const ago = (hours: number): Date => new Date(Date.now() - hours * hourMs);
      await addUsage(hub.sql, { ...of, charge_nanos: 3n, started_at: ago(0) });
      await addUsage(hub.sql, { ...of, charge_nanos: 4n, started_at: ago(23) });
      await addUsage(hub.sql, { ...of, charge_nanos: 50n, started_at: ago(25) });
      await addUsage(hub.sql, { ...of, charge_nanos: 9n, started_at: ago(1), book: 'test' });
      expect((await own.get(`${path}/balance`)).body).toMatchObject({
        live: { spentLastDayNanos: '7' },
        test: { spentLastDayNanos: '9' },
      });
    });
  });
}
