// API keys in place of a session: every scope against every route of a workspace, keys that do not work
// any more, and what a key never is.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Member, addUsage, makeMember } from '../identity/world.ts';
import { ROUTES, SCOPES, type Things, addKey, addMember, callRoute } from './routes.ts';
import { type TestConsole, failureOf, openBrowser, openConsole, signInAs } from './world.ts';

const DAY_MS = 86_400_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`API keys on ${db.label}`, () => {
    let hub: TestConsole;
    let owner: Member;
    let home: string;
    let things: Things;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      owner = await makeMember(hub.sql);
      const { workspaceId } = owner;
      home = `/workspaces/${workspaceId}`;
      const { id: keyId } = await addKey(hub, own());
      const { id: personId } = await addMember(hub, workspaceId, 'viewer');
      things = { workspaceId, keyId, personId };
    });
    afterAll(() => hub.close());

    const own = (createdBy = owner.person.id) => ({ workspaceId: owner.workspaceId, createdBy });
    const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
    const read = (secret: string, path = home, headers = {}) =>
      openBrowser(hub.url).get(path, { ...bearer(secret), ...headers });
    const makeKey = (secret: string, body: object = { name: 'Made', mode: 'live' }) =>
      fetch(`${hub.url}/api/v1${home}/keys`, {
        method: 'POST',
        headers: { ...bearer(secret), 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });

    it.each(ROUTES.map((route) => [route.method, route.path, route] as const))(
      '%s …%s takes the scope that it is for and no other',
      async (_method, _path, route) => {
        const stranger = await makeMember(hub.sql);
        const theirs = { workspaceId: stranger.workspaceId, createdBy: stranger.person.id };
        const foreign = await addKey(hub, theirs, { scopes: [...SCOPES] });
        const outside = await callRoute(hub.url, route, things, bearer(foreign.secret));
        expect(outside.status).toBe(route.path === '/grants' ? 403 : 404);
        for (const scope of SCOPES) {
          const key = await addKey(hub, own(), { scopes: [scope] });
          const answer = await callRoute(hub.url, route, things, bearer(key.secret));
          const may = scope === route.scope;
          expect({ scope, status: answer.status }).toEqual({
            scope,
            status: may ? route.status : 403,
          });
          if (!may) expect(answer.code).toBe('key_not_allowed');
          expect(answer.headers.getSetCookie()).toEqual([]);
        }
      },
    );

    it('work the same, live or test', async () => {
      for (const mode of ['live', 'test'] as const) {
        const key = await addKey(hub, own(), { scopes: ['usage'], mode });
        expect((await read(key.secret)).body).toMatchObject({ id: owner.workspaceId });
      }
    });

    it('never go further than the role that their maker has today', async () => {
      const developer = await addMember(hub, owner.workspaceId, 'developer');
      const { secret, id } = await addKey(hub, own(developer.id), { scopes: ['keys'] });
      expect((await makeKey(secret)).status).toBe(200);
      const budget = await fetch(`${hub.url}/api/v1${home}/keys/${id}/budgets/daily`, {
        method: 'PUT',
        headers: { ...bearer(secret), 'content-type': 'application/json' },
        body: JSON.stringify({ limitUsd: '1000' }),
      });
      expect(budget.status).toBe(403);
      const browser = await signInAs(hub, owner.person.email);
      const path = `${home}/members/${developer.id}`;
      expect((await browser.patch(path, { role: 'viewer' })).status).toBe(204);
      expect((await makeKey(secret)).status).toBe(403);
      expect((await read(secret, `${home}/keys`)).status).toBe(200);
    });

    it('of others are neither changed nor read anew by developers, who would act as them', async () => {
      const developer = await addMember(hub, owner.workspaceId, 'developer');
      const browser = await signInAs(hub, developer.email);
      const theirs = await addKey(hub, own(), { scopes: ['keys'] });
      const mine = await addKey(hub, own(developer.id));
      const managing = await addKey(hub, own(developer.id), { scopes: ['keys'] });
      const path = (id: string) => `${home}/keys/${id}`;
      expect((await browser.patch(path(theirs.id), { scopes: ['keys'] })).status).toBe(403);
      expect((await browser.post(`${path(theirs.id)}/rotate`, {})).status).toBe(403);
      const byKey = await openBrowser(hub.url).post(
        `${path(theirs.id)}/rotate`,
        {},
        bearer(managing.secret),
      );
      expect(failureOf(byKey)).toMatchObject({ status: 403, code: 'forbidden' });
      expect((await browser.patch(path(mine.id), { name: 'Mine' })).status).toBe(200);
      expect((await browser.post(`${path(mine.id)}/rotate`, {})).status).toBe(200);
      // A key that leaks is anybody's to stop.
      expect((await browser.delete(path(theirs.id))).status).toBe(204);
    });

    it('make keys in the name of their maker, without being asked who it is once more', async () => {
      const { secret } = await addKey(hub, own(), { scopes: ['keys'] });
      const browser = await signInAs(hub, owner.person.email);
      hub.clock.advance(31 * 60_000);
      const asPerson = await browser.post(`${home}/keys`, { name: 'x', mode: 'test' });
      expect(failureOf(asPerson)).toMatchObject({ code: 'reauthentication_required' });
      const made = await makeKey(secret);
      expect(await made.json()).toMatchObject({ key: { createdBy: owner.person.id } });
    });

    it('that never were, expired, are disabled or used from elsewhere open nothing', async () => {
      const usage = { scopes: ['usage' as const] };
      const now = hub.clock.wallMs();
      const expired = await addKey(hub, own(), { ...usage, expiresAt: new Date(now - 1_000) });
      const disabled = await addKey(hub, own(), usage);
      await hub.sql
        .updateTable('api_keys')
        .set({ disabled_at: new Date(now) })
        .where('id', '=', disabled.id)
        .execute();
      const elsewhere = await addKey(hub, own(), { ...usage, ipRanges: ['198.51.100.0/24'] });
      const refused = { status: 401, code: 'authentication_failed' };
      for (const secret of [expired.secret, disabled.secret, 'ih_live_x', 'sk-something']) {
        expect(failureOf(await read(secret))).toMatchObject(refused);
      }
      const wrong = await read(elsewhere.secret);
      expect(failureOf(wrong)).toMatchObject({ status: 403, code: 'key_not_allowed' });
      const right = await read(elsewhere.secret, home, { 'x-forwarded-for': '198.51.100.7' });
      expect(right.status).toBe(200);
    });

    it('end with their revocation, their expiry, and when their maker has left', async () => {
      const developer = await addMember(hub, owner.workspaceId, 'developer');
      const usage = { scopes: ['usage' as const] };
      const browser = await signInAs(hub, owner.person.email);
      const revoked = await addKey(hub, own(), usage);
      const left = await addKey(hub, own(developer.id), usage);
      const expiring = await addKey(hub, own(), {
        ...usage,
        expiresAt: new Date(hub.clock.wallMs() + DAY_MS),
      });
      for (const { secret } of [revoked, left, expiring]) {
        expect((await read(secret)).status).toBe(200);
      }
      await browser.delete(`${home}/keys/${revoked.id}`);
      await browser.delete(`${home}/members/${developer.id}`);
      await expect.poll(async () => (await read(revoked.secret)).status).toBe(401);
      await expect.poll(async () => (await read(left.secret)).status).toBe(401);
      hub.clock.advance(DAY_MS);
      expect((await read(expiring.secret)).status).toBe(401);
    });

    it('count instead of the cookie, and open nothing that is a person’s', async () => {
      const { cookie } = await signInAs(hub, owner.person.email);
      const { secret } = await addKey(hub, own(), { scopes: ['inference'] });
      const both = await read(secret, home, { cookie });
      expect(failureOf(both)).toMatchObject({ status: 403, code: 'key_not_allowed' });
      const broken = await read('ih_live_x', home, { cookie });
      expect(failureOf(broken)).toMatchObject({ status: 401, code: 'authentication_failed' });
      const all = await addKey(hub, own(), { scopes: [...SCOPES] });
      expect((await read(all.secret, '/session', { cookie })).body['person']).toBeNull();
      const opened = await openBrowser(hub.url).post(
        '/workspaces',
        { name: 'x' },
        { ...bearer(all.secret), cookie },
      );
      expect(failureOf(opened)).toMatchObject({ status: 403, code: 'key_not_allowed' });
      // A proxy's own password is none of ours.
      const behind = { cookie, authorization: 'Basic YTpi' };
      expect((await openBrowser(hub.url).get(home, behind)).status).toBe(200);
    });

    it('of an operator are no operators', async () => {
      const operator = await makeMember(hub.sql, { isOperator: true });
      const { workspaceId } = operator;
      const of = { workspaceId, createdBy: operator.person.id };
      const key = await addKey(hub, of, { scopes: [...SCOPES] });
      const row = { workspace_id: workspaceId, key_id: key.id, provider_cost_nanos: 7n };
      const requestId = await addUsage(hub.sql, row);
      const path = `/workspaces/${workspaceId}/receipts/${requestId}`;
      const browser = await signInAs(hub, operator.person.email);
      expect((await browser.get(path)).body).toMatchObject({ providerCostNanos: '7' });
      const { body } = await read(key.secret, path);
      expect(body).toMatchObject({ id: requestId });
      expect(body).not.toHaveProperty('providerCostNanos');
      expect((await read(key.secret, '/operator/notices')).status).toBe(403);
    });

    it('follow what changes, until they are revoked', async () => {
      const { id, secret } = await addKey(hub, own(), { scopes: ['usage'] });
      const answer = await fetch(`${hub.url}/api/v1${home}/events`, { headers: bearer(secret) });
      expect(answer.status).toBe(200);
      const browser = await signInAs(hub, owner.person.email);
      await browser.delete(`${home}/keys/${id}`);
      expect(await answer.text()).toContain(':\n\n');
    });

    it('in a page of another site change nothing', async () => {
      const { secret } = await addKey(hub, own(), { scopes: ['keys'] });
      const headers = { ...bearer(secret), origin: 'https://evil.example' };
      const sent = await openBrowser(hub.url).post(
        `${home}/keys`,
        { name: 'x', mode: 'live' },
        headers,
      );
      expect(failureOf(sent)).toMatchObject({ status: 403, code: 'cross_origin' });
    });
  });
}
