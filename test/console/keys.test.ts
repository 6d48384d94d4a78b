// The keys page's API: what a key may be limited to, and what becomes of it later.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Key, createKeyReply, keysReply } from '../../src/console/contract-keys.ts';
import type { Role } from '../../src/db/schema-people.ts';
import { parseKeySecret } from '../../src/keys/secret.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import {
  type Answer,
  type Browser,
  type TestConsole,
  failureOf,
  openConsole,
  signInAs,
} from './world.ts';

const HOUR_MS = 3_600_000;
const LIMITS = {
  scopes: ['inference', 'usage'],
  models: ['openai/gpt-4o', 'groq/*'],
  providers: ['openai', 'groq'],
  requestsPerMinute: 60,
  tokensPerMinute: 1_000_000_000,
  concurrency: 4,
  ipRanges: ['203.0.113.0/24', '2001:db8::1'],
};
const NONE = {
  scopes: ['inference'],
  models: null,
  providers: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrency: null,
  ipRanges: null,
  expiresAt: null,
};

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`keys on ${db.label}`, () => {
    let hub: TestConsole;
    let owner: Member;
    let browser: Browser;
    let home: string;
    let stranger: Browser;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      owner = await makeMember(hub.sql);
      browser = await signInAs(hub, owner.person.email);
      home = `/workspaces/${owner.workspaceId}/keys`;
      stranger = await signInAs(hub, (await makeMember(hub.sql)).person.email);
    });
    afterAll(() => hub.close());

    const make = async (more: object = {}): Promise<{ key: Key; secret: string }> => {
      const { status, body } = await browser.post(home, { name: 'ci', mode: 'live', ...more });
      expect(status).toBe(200);
      return createKeyReply.parse(body);
    };
    const listed = async (id: string): Promise<Key | undefined> =>
      keysReply.parse((await browser.get(home)).body).keys.find((key) => key.id === id);
    const rowOf = (id: string) =>
      hub.sql.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const in1h = (): string => new Date(hub.clock.wallMs() + HOUR_MS).toISOString();
    const joinAs = async (role: Role): Promise<Browser> => {
      const { person } = await makeMember(hub.sql);
      const row = { workspace_id: owner.workspaceId, person_id: person.id, role };
      await hub.sql.insertInto('members').values(row).execute();
      return signInAs(hub, person.email);
    };

    it('ask models without any limit unless more or less is said', async () => {
      const { key } = await make();
      expect(key).toMatchObject({ ...NONE, createdBy: owner.person.id, app: null, budgets: [] });
      expect(await listed(key.id)).toEqual(key);
    });

    it('are made with every limit there is and a budget, and listed with them', async () => {
      const expiresAt = in1h();
      const budget = { limitUsd: '5', span: 'daily' };
      const { key } = await make({ ...LIMITS, expiresAt, budget });
      expect(key).toMatchObject({ ...LIMITS, expiresAt });
      expect(key.budgets).toMatchObject([{ span: 'daily', limitNanos: '5000000000' }]);
      expect(await listed(key.id)).toEqual(key);
    });

    it('keep what a change does not name, and lose what it sets to null', async () => {
      const { key } = await make({ ...LIMITS, expiresAt: in1h() });
      const path = `${home}/${key.id}`;
      const renamed = await browser.patch(path, { name: 'laptop' });
      expect(renamed).toMatchObject({ status: 200, body: { ...key, name: 'laptop' } });
      const { scopes: _, ...nulls } = NONE;
      expect((await browser.patch(path, nulls)).body).toEqual({
        ...key,
        ...nulls,
        name: 'laptop',
      });
      expect((await browser.patch(path, {})).body).toEqual(await listed(key.id));
      const narrowed = await browser.patch(path, { scopes: ['usage', 'usage'], concurrency: 1 });
      expect(narrowed.body).toMatchObject({ scopes: ['usage'], concurrency: 1, models: null });
    });

    it('are disabled and enabled; disabling again keeps the time of the first', async () => {
      const { key } = await make();
      const path = `${home}/${key.id}`;
      const first = await browser.patch(path, { disabled: true });
      expect(first.body['disabledAt']).toEqual(expect.any(String));
      hub.clock.advance(1_000);
      expect((await browser.patch(path, { disabled: true })).body).toEqual(first.body);
      expect((await browser.patch(path, { name: 'still off' })).body['disabledAt']).toBe(
        first.body['disabledAt'],
      );
      expect((await browser.patch(path, { disabled: false })).body['disabledAt']).toBeNull();
    });

    it.each([
      [{ models: ['openai/gpt-4o', 'openai/gpt-4o-turbofan'] }, 'models[1]'],
      [{ models: ['nobody/*'] }, 'models[0]'],
      [{ models: ['*'] }, 'models[0]'],
      [{ models: ['gpt-4o'] }, 'models[0]'],
      [{ models: [] }, 'models'],
      [{ providers: ['openai', 'opanai'] }, 'providers[1]'],
      [{ ipRanges: ['10.0.0.0/8', '10.0.0.0/33'] }, 'ipRanges[1]'],
      [{ ipRanges: ['10/8'] }, 'ipRanges[0]'],
      [{ ipRanges: ['example.com'] }, 'ipRanges[0]'],
      [{ expiresAt: '2020-01-01T00:00:00.000Z' }, 'expiresAt'],
      [{ expiresAt: 'tomorrow' }, 'expiresAt'],
      [{ scopes: [] }, 'scopes'],
      [{ scopes: ['inference', 'operator'] }, 'scopes.1'],
      [{ requestsPerMinute: 0 }, 'requestsPerMinute'],
      [{ tokensPerMinute: 1.5 }, 'tokensPerMinute'],
      [{ concurrency: -1 }, 'concurrency'],
    ])('cannot be limited to %j', async (limits, param) => {
      const { key } = await make();
      const failure = { status: 400, code: 'invalid_request', param };
      const made = await browser.post(home, { name: 'ci', mode: 'live', ...limits });
      expect(failureOf(made)).toEqual(failure);
      expect(failureOf(await browser.patch(`${home}/${key.id}`, limits))).toEqual(failure);
      expect(await listed(key.id)).toEqual(key);
    });

    it('keep id, limits, budgets and usage when they are rotated, and get another text', async () => {
      const { key, secret } = await make({ ...LIMITS, budget: { limitUsd: '5', span: 'total' } });
      const rotated = await browser.post(`${home}/${key.id}/rotate`, { overlapSeconds: 600 });
      const reply = createKeyReply.parse(rotated.body);
      expect(reply.secret).not.toBe(secret);
      const { hint, previousUntil, ...rest } = reply.key;
      expect({ ...key, ...rest }).toEqual({ ...key, hint: key.hint, previousUntil: null });
      expect(hint.slice(-4)).toBe(reply.secret.slice(-4));
      expect(Date.parse(previousUntil ?? '') - hub.clock.wallMs()).toBeGreaterThan(590_000);
      const row = await rowOf(key.id);
      expect(Buffer.from(row.secret_hash)).toEqual(parseKeySecret(reply.secret)?.hash);
      expect(Buffer.from(row.previous_hash ?? '')).toEqual(parseKeySecret(secret)?.hash);
      hub.clock.advance(601_000);
      expect((await listed(key.id))?.previousUntil).toBeNull();
    });

    it('rotate with a day of overlap unless it is said, and with none where it is 0', async () => {
      const { key } = await make();
      const path = `${home}/${key.id}/rotate`;
      const usual = createKeyReply.parse((await browser.post(path, {})).body);
      const overlapMs = Date.parse(usual.key.previousUntil ?? '') - hub.clock.wallMs();
      expect(Math.round(overlapMs / HOUR_MS)).toBe(24);
      const none = createKeyReply.parse((await browser.post(path, { overlapSeconds: 0 })).body);
      expect(none.key.previousUntil).toBeNull();
      expect(await rowOf(key.id)).toMatchObject({ previous_hash: null, previous_until: null });
      const tooLong = await browser.post(path, { overlapSeconds: 31 * 86_400 });
      expect(failureOf(tooLong)).toMatchObject({ status: 400, param: 'overlapSeconds' });
    });

    it('rotated twice at once have the texts of both, and the one of before no more', async () => {
      const { key, secret } = await make();
      const path = `${home}/${key.id}/rotate`;
      const answers = await Promise.all([browser.post(path, {}), browser.post(path, {})]);
      const hashes = answers.map(({ body }) => {
        return parseKeySecret(createKeyReply.parse(body).secret)?.hash.toString('hex');
      });
      const row = await rowOf(key.id);
      const kept = [row.secret_hash, row.previous_hash ?? Buffer.alloc(0)];
      expect(new Set(kept.map((hash) => Buffer.from(hash).toString('hex')))).toEqual(
        new Set(hashes),
      );
      expect(hashes).not.toContain(parseKeySecret(secret)?.hash.toString('hex'));
    });

    it('that are revoked can be changed and rotated no more', async () => {
      const { key } = await make();
      const path = `${home}/${key.id}`;
      expect((await browser.delete(path)).status).toBe(204);
      const failure = { status: 409, code: 'conflict' };
      expect(failureOf(await browser.patch(path, { disabled: false }))).toMatchObject(failure);
      expect(failureOf(await browser.post(`${path}/rotate`, {}))).toMatchObject(failure);
      expect((await browser.delete(path)).status).toBe(204);
    });

    it('are nothing to strangers, whatever they name, and nothing changes', async () => {
      const { key } = await make();
      const own = keysReply.parse((await stranger.get(await homeOf(stranger))).body);
      expect(own.keys).toEqual([]);
      const there = await homeOf(stranger);
      for (const path of [`${home}/${key.id}`, `${there}/${key.id}`, `${there}/key_\u0000`]) {
        const paths = encodeURI(path);
        const answers: Answer[] = [
          await stranger.patch(paths, { name: 'mine' }),
          await stranger.delete(paths),
          await stranger.post(`${paths}/rotate`, {}),
        ];
        for (const answer of answers) {
          expect(failureOf(answer)).toMatchObject({ status: 404, code: 'not_found' });
        }
      }
      expect(failureOf(await browser.patch(`${home}/${newId('key', 0)}`, {})).status).toBe(404);
      expect(await listed(key.id)).toEqual(key);
    });

    it('are made for who asks, whoever the body names', async () => {
      const person = (await makeMember(hub.sql)).person.id;
      const named = { createdBy: person, created_by: person, userId: person, app: 'evil.example' };
      const { key } = await make({ ...named, id: newId('key', 0), workspaceId: 'ws_other' });
      expect(key).toMatchObject({ createdBy: owner.person.id, app: null });
      expect((await rowOf(key.id)).workspace_id).toBe(owner.workspaceId);
    });

    it.each(['billing', 'viewer'] as const)('are not changed by the role %s', async (role) => {
      const { key } = await make();
      const member = await joinAs(role);
      expect((await member.get(home)).status).toBe(200);
      for (const answer of [
        await member.patch(`${home}/${key.id}`, { name: 'mine' }),
        await member.post(`${home}/${key.id}/rotate`, {}),
        await member.delete(`${home}/${key.id}`),
      ]) {
        expect(failureOf(answer)).toMatchObject({ status: 403, code: 'forbidden' });
      }
      expect(await listed(key.id)).toEqual(key);
    });

    it('get a text only from who has proved lately who they are', async () => {
      const { key } = await make();
      const late = await signInAs(hub, owner.person.email);
      hub.clock.advance(HOUR_MS);
      const asked = { status: 401, code: 'reauthentication_required' };
      const made = await late.post(home, { name: 'ci', mode: 'live' });
      expect(failureOf(made)).toMatchObject(asked);
      expect(failureOf(await late.post(`${home}/${key.id}/rotate`, {}))).toMatchObject(asked);
      // What takes rights away is never held up.
      expect((await late.patch(`${home}/${key.id}`, { disabled: true })).status).toBe(200);
      expect((await late.delete(`${home}/${key.id}`)).status).toBe(204);
      browser = await signInAs(hub, owner.person.email);
    });

    it('may be called anything that is text: it stays text', async () => {
      for (const name of ['<img src=x onerror=alert(1)>', '=HYPERLINK("http://evil")', '"; --']) {
        const { key } = await make({ name });
        expect((await listed(key.id))?.name).toBe(name);
      }
      const answer = await browser.get(home);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      const { key } = await make();
      const control = await browser.patch(`${home}/${key.id}`, { name: 'a\r\nset-cookie: b' });
      expect(failureOf(control)).toMatchObject({ status: 400, param: 'name' });
    });

    it('are five hundred a workspace at the most; a revoked one makes room', async () => {
      const member = await makeMember(hub.sql);
      const theirs = await signInAs(hub, member.person.email);
      const path = `/workspaces/${member.workspaceId}/keys`;
      const [first] = Array.from({ length: 500 }, () => newId('key', 0));
      await hub.sql
        .insertInto('api_keys')
        .values(
          Array.from({ length: 500 }, (_, i) => ({
            id: i === 0 ? (first ?? '') : newId('key', 0),
            workspace_id: member.workspaceId,
            name: 'many',
            mode: 'test' as const,
            secret_hash: Buffer.from(newId('key', 0).padEnd(32).slice(0, 32)),
            last_four: 'aaaa',
            created_by: member.person.id,
          })),
        )
        .execute();
      const order = { name: 'one more', mode: 'test' };
      expect(failureOf(await theirs.post(path, order))).toMatchObject({ status: 409 });
      expect((await theirs.delete(`${path}/${first}`)).status).toBe(204);
      expect((await theirs.post(path, order)).status).toBe(200);
    });

    const homeOf = async (of: Browser): Promise<string> => {
      const { body } = await of.get('/session');
      const [workspace] = body['workspaces'] as { id: string }[];
      return `/workspaces/${workspace?.id}/keys`;
    };
  });
}
