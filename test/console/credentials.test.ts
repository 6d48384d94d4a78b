// The console's calls for a workspace's own credentials: who may make them, what they take, and that
// nothing of a secret comes back.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type {
  CredentialCheckReply,
  CredentialsReply,
} from '../../src/console/contract-credentials.ts';
import type { Role } from '../../src/db/schema-people.ts';
import { openVault } from '../../src/vault/seal.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import {
  type Answer,
  type Browser,
  type TestConsole,
  failureOf,
  openBrowser,
  openConsole,
  signInAs,
} from './world.ts';

const SECRET = 'sk-own-0123456789-wxyz';

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let hub: TestConsole;
    let owner: Member;
    let browser: Browser;
    let path: string;
    let answerCheck: (secret: string) => Promise<CredentialCheckReply>;
    beforeAll(async () => {
      hub = await openConsole(db.name, undefined, openVault(randomBytes(32)), [
        { id: 'openai', name: 'OpenAI', check: (secret) => answerCheck(secret) },
        { id: 'bedrock', name: 'Amazon Bedrock' },
      ]);
      owner = await makeMember(hub.sql);
      browser = await signInAs(hub, owner.person.email);
      path = `/workspaces/${owner.workspaceId}/credentials`;
    });
    afterAll(() => hub.close());

    const order = { provider: 'openai', mode: 'first', secret: SECRET };
    const listOf = ({ status, body }: Answer) => {
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain('own-0123');
      return (body as unknown as CredentialsReply).credentials;
    };

    it('add, change, replace and remove one, each answered with the list and no secret', async () => {
      expect((await browser.get(path)).body).toEqual({
        isOn: true,
        feeBps: 500,
        providers: [
          { id: 'openai', name: 'OpenAI', isChecked: true },
          { id: 'bedrock', name: 'Amazon Bedrock', isChecked: false },
        ],
        credentials: [],
      });
      const [added] = listOf(await browser.post(path, { ...order, secret: ` ${SECRET}\n` }));
      expect(added).toMatchObject({
        provider: 'openai',
        mode: 'first',
        lastFour: 'wxyz',
        createdBy: 'Ada',
        disabledAt: null,
        lastUsedAt: null,
      });
      const at = `${path}/${added?.id}`;
      const [changed] = listOf(await browser.put(at, { mode: 'only', isDisabled: true }));
      expect(changed).toMatchObject({ mode: 'only', disabledAt: expect.any(String) });
      const secret = 'sk-own-0123456789-next';
      const replaced = listOf(await browser.post(`${at}/replacement`, { secret }));
      expect(replaced).toMatchObject([{ mode: 'only', lastFour: 'next', disabledAt: null }]);
      const gone = await browser.put(at, { mode: 'first', isDisabled: false });
      expect(failureOf(gone)).toMatchObject({ status: 404, code: 'not_found' });
      expect(listOf(await browser.delete(`${path}/${replaced[0]?.id}`))).toEqual([]);
    });

    it.each<[string, Record<string, unknown>, string]>([
      ['a provider that is not here', { provider: 'nobody' }, 'provider'],
      ['a mode that is none', { mode: 'last' }, 'mode'],
      ['a secret that is short', { secret: 'sk-own-0123' }, 'secret'],
      ['a secret with a line end in it', { secret: 'sk-own-0123456789\r\nx: y' }, 'secret'],
      ['a secret beyond ASCII', { secret: 'sk-own-0123456789-é' }, 'secret'],
    ])('refuse %s by name, and repeat nothing of it', async (_what, wrong, param) => {
      const answer = await browser.post(path, { ...order, ...wrong });
      expect(failureOf(answer)).toEqual({ status: 400, code: 'invalid_request', param });
      expect(JSON.stringify(answer.body)).not.toContain('own-0123');
      expect(listOf(await browser.get(path))).toEqual([]);
    });

    it('are checked with their provider, one at a time, and repeat nothing of themselves', async () => {
      const [kept] = listOf(await browser.post(path, order));
      const [other] = listOf(await browser.post(path, { ...order, provider: 'bedrock' }));
      const at = `${path}/${kept?.id}/check`;
      const asked = Promise.withResolvers<string>();
      const told = Promise.withResolvers<CredentialCheckReply>();
      answerCheck = (secret) => {
        asked.resolve(secret);
        return told.promise;
      };
      const first = browser.post(at, {});
      expect(await asked.promise).toBe(SECRET);
      expect(failureOf(await browser.post(at, {}))).toMatchObject({ status: 429 });
      told.resolve({ result: 'refused', status: 401 });
      expect(await first).toMatchObject({ status: 200, body: { result: 'refused', status: 401 } });
      answerCheck = () => Promise.reject(new Error(SECRET));
      const failed = await browser.post(at, {});
      expect(failed.status).toBe(500);
      expect(JSON.stringify([failed.body, hub.logged])).not.toContain('own-0123');
      const unknown = await browser.post(`${path}/${other?.id}/check`, {});
      expect(failureOf(unknown)).toMatchObject({ status: 409 });
      expect((await browser.post(`${path}/${newId('cred', 0)}/check`, {})).status).toBe(404);
      for (const { id } of listOf(await browser.get(path))) await browser.delete(`${path}/${id}`);
    });

    it('keep no more than ten for one provider', async () => {
      for (let i = 0; i < 10; i++) expect((await browser.post(path, order)).status).toBe(200);
      expect(failureOf(await browser.post(path, order))).toMatchObject({ status: 409 });
      for (const { id } of listOf(await browser.get(path))) await browser.delete(`${path}/${id}`);
    });

    it.each<[Role, number]>([
      ['admin', 200],
      ['developer', 403],
      ['billing', 403],
      ['viewer', 403],
    ])('answer the role %s with %i', async (role, status) => {
      const [kept] = listOf(await browser.post(path, order));
      const member = await makeMember(hub.sql);
      const seat = { workspace_id: owner.workspaceId, person_id: member.person.id, role };
      await hub.sql.insertInto('members').values(seat).execute();
      const theirs = await signInAs(hub, member.person.email);
      const at = `${path}/${kept?.id}`;
      expect((await theirs.get(path)).status).toBe(status);
      expect((await theirs.post(path, order)).status).toBe(status);
      expect((await theirs.put(at, { mode: 'only', isDisabled: false })).status).toBe(status);
      answerCheck = () => Promise.resolve({ result: 'accepted', status: 200 });
      expect((await theirs.post(`${at}/check`, {})).status).toBe(status);
      expect((await theirs.post(`${at}/replacement`, { secret: SECRET })).status).toBe(status);
      const [left] = listOf(await browser.get(path));
      expect((await theirs.delete(`${path}/${left?.id}`)).status).toBe(status);
      for (const { id } of listOf(await browser.get(path))) await browser.delete(`${path}/${id}`);
    });

    it('are there for nobody else, and come from no other site', async () => {
      const at = `${path}/${newId('cred', 0)}`;
      const stranger = await signInAs(hub, (await makeMember(hub.sql)).person.email);
      for (const [who, status] of [
        [openBrowser(hub.url), 401],
        [stranger, 404],
      ] as const) {
        expect((await who.get(path)).status).toBe(status);
        expect((await who.post(path, order)).status).toBe(status);
        expect((await who.put(at, { mode: 'only', isDisabled: false })).status).toBe(status);
        expect((await who.delete(at)).status).toBe(status);
      }
      const elsewhere = await browser.post(path, order, { origin: 'https://evil.example' });
      expect(failureOf(elsewhere)).toMatchObject({ status: 403, code: 'cross_origin' });
    });

    it('say that the hub keeps none where its operator has set no key', async () => {
      const bare = await openConsole(db.name);
      try {
        const member = await makeMember(bare.sql);
        const theirs = await signInAs(bare, member.person.email);
        const at = `/workspaces/${member.workspaceId}/credentials`;
        expect((await theirs.get(at)).body).toMatchObject({ isOn: false, credentials: [] });
        const { status, body } = await theirs.post(at, order);
        expect(status).toBe(409);
        expect(JSON.stringify(body)).toContain('SECRETS_KEY');
      } finally {
        await bare.close();
      }
    });
  });
}
