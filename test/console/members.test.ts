import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Member as ListedMember } from '../../src/console/contract-workspaces.ts';
import type { Key } from '../../src/console/contract-keys.ts';
import { type KeyCache, openKeyCache } from '../../src/keys/cache.ts';
import { parseKeySecret } from '../../src/keys/secret.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { addKey, addMember } from './routes.ts';
import { type Browser, type TestConsole, failureOf, openConsole, signInAs } from './world.ts';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`members on ${db.label}`, () => {
    let hub: TestConsole;
    /** As each gateway has one. */
    let gatewayKeys: KeyCache;
    let owner: Member;
    let browser: Browser;
    let home: string;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      gatewayKeys = await openKeyCache(hub.database, hub.clock);
    });
    afterAll(async () => {
      await gatewayKeys.close();
      await hub.close();
    });
    beforeEach(async () => {
      owner = await makeMember(hub.sql);
      browser = await signInAs(hub, owner.person.email);
      home = `/workspaces/${owner.workspaceId}`;
    });

    const list = async (): Promise<ListedMember[]> =>
      (await browser.get(`${home}/members`)).body['members'] as ListedMember[];
    const roleOf = async (personId: string) =>
      (await list()).find((member) => member.personId === personId)?.role;
    const keyOf = async (id: string) =>
      ((await browser.get(`${home}/keys`)).body['keys'] as Key[]).find((key) => key.id === id);
    const addKeyOf = (createdBy: string, row = {}) =>
      addKey(hub, { workspaceId: owner.workspaceId, createdBy }, row);
    const find = (secret: string) =>
      gatewayKeys.find(parseKeySecret(secret)?.hash ?? Buffer.alloc(32));

    it('change roles, but nobody makes an owner or changes the one there is', async () => {
      const admin = await addMember(hub, owner.workspaceId, 'admin');
      const other = await addMember(hub, owner.workspaceId, 'viewer');
      const asAdmin = await signInAs(hub, admin.email);
      const path = (personId: string) => `${home}/members/${personId}`;
      expect((await asAdmin.patch(path(other.id), { role: 'admin' })).status).toBe(204);
      expect(await roleOf(other.id)).toBe('admin');
      const owning = await asAdmin.patch(path(other.id), { role: 'owner' });
      expect(failureOf(owning)).toEqual({ status: 400, code: 'invalid_request', param: 'role' });
      for (const one of [asAdmin, browser]) {
        const lowered = await one.patch(path(owner.person.id), { role: 'viewer' });
        expect(failureOf(lowered)).toMatchObject({ status: 409, code: 'conflict' });
      }
      expect(await roleOf(owner.person.id)).toBe('owner');
      const stranger = await makeMember(hub.sql);
      const nobody = await browser.patch(path(stranger.person.id), { role: 'viewer' });
      expect(nobody.status).toBe(404);
      // Also themselves, and from then on they may no more.
      expect((await asAdmin.patch(path(admin.id), { role: 'viewer' })).status).toBe(204);
      expect((await asAdmin.patch(path(admin.id), { role: 'admin' })).status).toBe(403);
    });

    it('leave with their keys, which every gateway forgets within a second', async () => {
      const developer = await addMember(hub, owner.workspaceId, 'developer');
      const gone = await addKeyOf(developer.id);
      const stays = await addKeyOf(owner.person.id);
      expect(await find(gone.secret)).toMatchObject({ keyId: gone.id });
      const own = await signInAs(hub, developer.email);
      expect((await own.delete(`${home}/members/${developer.id}`)).status).toBe(204);
      await expect.poll(() => find(gone.secret)).toBeUndefined();
      expect((await keyOf(gone.id))?.revokedAt).toEqual(expect.any(String));
      expect(await find(stays.secret)).toMatchObject({ keyId: stays.id });
      expect((await own.get(home)).status).toBe(404);
      expect((await list()).map(({ personId }) => personId)).toEqual([owner.person.id]);
      expect((await browser.delete(`${home}/members/${developer.id}`)).status).toBe(404);
    });

    it('are removed with their budgets, and their keys of elsewhere go on', async () => {
      const developer = await addMember(hub, owner.workspaceId, 'developer');
      const elsewhere = await makeMember(hub.sql);
      const row = { workspace_id: elsewhere.workspaceId, person_id: developer.id } as const;
      await hub.sql
        .insertInto('members')
        .values({ ...row, role: 'developer' })
        .execute();
      const of = { workspaceId: elsewhere.workspaceId, createdBy: developer.id };
      const { secret } = await addKey(hub, of);
      const path = `${home}/members/${developer.id}`;
      for (const span of ['daily', 'total']) {
        await browser.put(`${path}/budgets/${span}`, { limitUsd: '5' });
      }
      await browser.put(`${home}/members/${owner.person.id}/budgets/daily`, { limitUsd: '5' });
      expect((await browser.delete(path)).status).toBe(204);
      const budgets = await hub.sql
        .selectFrom('budgets')
        .select(['person_id', 'removed_at'])
        .where('workspace_id', '=', owner.workspaceId)
        .orderBy('id')
        .execute();
      // They stay as rows, because a node may still hold of them.
      const removed = { person_id: developer.id, removed_at: expect.any(Date) };
      const stays = { person_id: owner.person.id, removed_at: null };
      expect(budgets).toEqual([removed, removed, stays]);
      expect(await find(secret)).toMatchObject({ workspaceId: elsewhere.workspaceId });
    });

    it('can be removed without their keys, which become the remover’s', async () => {
      const developer = await addMember(hub, owner.workspaceId, 'developer');
      const admin = await addMember(hub, owner.workspaceId, 'admin');
      const kept = await addKeyOf(developer.id);
      const managing = await addKeyOf(developer.id, { scopes: ['inference', 'keys'] });
      const earlier = await addKeyOf(developer.id);
      await browser.delete(`${home}/keys/${earlier.id}`);
      await browser.put(`${home}/members/${admin.id}/budgets/daily`, { limitUsd: '5' });
      expect(await find(kept.secret)).toMatchObject({ createdBy: developer.id, budgets: [] });
      const asAdmin = await signInAs(hub, admin.email);
      const removed = await asAdmin.delete(`${home}/members/${developer.id}?keys=keep`);
      expect(removed.status).toBe(204);
      expect(await keyOf(kept.id)).toMatchObject({ createdBy: admin.id, revokedAt: null });
      // The remover's budget binds it from now on.
      await expect
        .poll(() => find(kept.secret))
        .toMatchObject({ createdBy: admin.id, budgets: [{ span: 'daily', of: 'member' }] });
      // Whoever left knows its text, and would manage keys in the remover's name.
      expect((await keyOf(managing.id))?.revokedAt).toEqual(expect.any(String));
      expect(await keyOf(earlier.id)).toMatchObject({ createdBy: developer.id });
    });

    it('leave their kept keys to the owner', async () => {
      const developer = await addMember(hub, owner.workspaceId, 'developer');
      const kept = await addKeyOf(developer.id);
      const own = await signInAs(hub, developer.email);
      await own.delete(`${home}/members/${developer.id}?keys=keep`);
      expect(await keyOf(kept.id)).toMatchObject({ createdBy: owner.person.id, revokedAt: null });
      const wrong = await own.delete(`${home}/members/${developer.id}?keys=maybe`);
      expect(failureOf(wrong)).toMatchObject({ status: 400, param: 'keys' });
    });

    it('may remove others only where they manage members, and the owner never', async () => {
      const admin = await addMember(hub, owner.workspaceId, 'admin');
      const viewer = await addMember(hub, owner.workspaceId, 'viewer');
      const asViewer = await signInAs(hub, viewer.email);
      expect((await asViewer.delete(`${home}/members/${admin.id}`)).status).toBe(403);
      const asAdmin = await signInAs(hub, admin.email);
      for (const one of [asAdmin, browser]) {
        const removed = await one.delete(`${home}/members/${owner.person.id}`);
        expect(failureOf(removed)).toMatchObject({ status: 409, code: 'conflict' });
      }
      expect(await list()).toHaveLength(3);
    });

    it('get the workspace from its owner, who must prove who it is, and stays as an admin', async () => {
      const viewer = await addMember(hub, owner.workspaceId, 'viewer');
      const transfer = (personId: string) => browser.post(`${home}/transfer`, { personId });
      const stranger = await makeMember(hub.sql);
      expect((await transfer(stranger.person.id)).status).toBe(404);
      expect((await transfer(owner.person.id)).status).toBe(409);
      hub.clock.advance(31 * 60_000);
      const late = await transfer(viewer.id);
      expect(failureOf(late)).toMatchObject({ status: 401, code: 'reauthentication_required' });
      browser = await signInAs(hub, owner.person.email);
      expect((await transfer(viewer.id)).status).toBe(204);
      expect(await roleOf(viewer.id)).toBe('owner');
      expect(await roleOf(owner.person.id)).toBe('admin');
      expect((await transfer(owner.person.id)).status).toBe(403);
    });

    it('never become two owners, however often the workspace is handed over at once', async () => {
      const heirs = await Promise.all(
        Array.from({ length: 5 }, () => addMember(hub, owner.workspaceId, 'developer')),
      );
      const sent = await Promise.all(
        heirs.map(({ id }) => browser.post(`${home}/transfer`, { personId: id })),
      );
      expect(sent.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        204, 403, 403, 403, 403,
      ]);
      const owners = (await list()).filter(({ role }) => role === 'owner');
      expect(owners).toHaveLength(1);
    });

    it('who have gone redeem no promise to an app any more', async () => {
      const developer = await addMember(hub, owner.workspaceId, 'developer');
      const own = await signInAs(hub, developer.email);
      const promised = await own.post(`${home}/app-grants`, {
        callbackUrl: 'https://app.example/',
        codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        keyName: 'App',
        limitUsd: '5',
        span: 'total',
      });
      const code = new URL(String(promised.body['redirectUrl'])).searchParams.get('code');
      await browser.delete(`${home}/members/${developer.id}`);
      const fetched = await own.post('/auth/keys', {
        code,
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      });
      expect(failureOf(fetched)).toMatchObject({ status: 401, code: 'link_invalid' });
    });
  });
}
