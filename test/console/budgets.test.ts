import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { Budget } from '../../src/console/contract.ts';
import type { Key } from '../../src/console/contract-keys.ts';
import type { MembersReply } from '../../src/console/contract-workspaces.ts';
import type { Role } from '../../src/db/schema-people.ts';
import { listBudgets } from '../../src/budgets/state.ts';
import { spend, startRun } from '../budgets/world.ts';
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

const REFUSED_LIMITS = [
  '-1',
  '-0.01',
  'NaN',
  'Infinity',
  '1e3',
  '',
  ' 5',
  '0x10',
  '1,000',
  '1.0000000001',
  '10000000',
  '9223372036.854775808',
  '9'.repeat(400),
  5,
  null,
];

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
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

    const join = async (role: Role): Promise<Member> => {
      const { person } = await makeMember(hub.sql);
      const row = { workspace_id: owner.workspaceId, person_id: person.id, role };
      await hub.sql.insertInto('members').values(row).execute();
      return { person, workspaceId: owner.workspaceId };
    };
    const makeKey = async (more: object = {}): Promise<Key> => {
      const { body } = await browser.post(`${home}/keys`, { name: 'ci', mode: 'live', ...more });
      return body['key'] as Key;
    };
    const budgetsIn = (answer: Answer): Budget[] => answer.body['budgets'] as Budget[];
    const listedKey = async (id: string): Promise<Key | undefined> =>
      ((await browser.get(`${home}/keys`)).body['keys'] as Key[]).find((key) => key.id === id);
    const listedMember = async (personId: string) => {
      const { body } = await browser.get(`${home}/members`);
      return (body as MembersReply).members.find((member) => member.personId === personId);
    };
    const changeOf = async (keyId: string): Promise<bigint> => {
      const query = hub.sql.selectFrom('api_keys').select('change').where('id', '=', keyId);
      return (await query.executeTakeFirstOrThrow()).change;
    };

    it('sets, changes and removes a budget of a key, and shows it with the key', async () => {
      const { id } = await makeKey();
      const path = `${home}/keys/${id}/budgets`;
      expect((await listedKey(id))?.budgets).toEqual([]);
      const set = await browser.put(`${path}/daily`, { limitUsd: '10.000000001' });
      expect(set.status).toBe(200);
      expect(budgetsIn(set)).toEqual([
        {
          span: 'daily',
          limitNanos: '10000000001',
          usedNanos: '0',
          remainingNanos: '10000000001',
          resetsAt: expect.stringMatching(/T00:00:00\.000Z$/),
        },
      ]);
      await browser.put(`${path}/total`, { limitUsd: '9999999.999999999' });
      const changed = await browser.put(`${path}/daily`, { limitUsd: '0' });
      expect(budgetsIn(changed)).toMatchObject([
        { span: 'daily', limitNanos: '0', remainingNanos: '0' },
        { span: 'total', limitNanos: '9999999999999999', resetsAt: null },
      ]);
      expect(budgetsIn(await browser.get(path))).toEqual(budgetsIn(changed));
      expect((await listedKey(id))?.budgets).toEqual(budgetsIn(changed));
      expect((await browser.delete(`${path}/daily`)).status).toBe(204);
      expect((await browser.delete(`${path}/daily`)).status).toBe(204);
      expect((await listedKey(id))?.budgets).toMatchObject([{ span: 'total' }]);
    });

    it('shows what is used and what is left', async () => {
      const { id } = await makeKey({ budget: { span: 'weekly', limitUsd: '0.000001' } });
      const [state] = (await listBudgets(hub.sql, owner.workspaceId, Date.now())).filter(
        ({ keyId }) => keyId === id,
      );
      const ref = { id: state?.id ?? '', workspaceId: owner.workspaceId } as const;
      const runId = await startRun(hub.sql);
      await spend(hub.sql, runId, { ...ref, span: 'weekly', of: 'key' }, 400n);
      expect((await listedKey(id))?.budgets).toMatchObject([
        { limitNanos: '1000', usedNanos: '400', remainingNanos: '600' },
      ]);
    });

    it('drains usage before it answers for one owner', async () => {
      const { id } = await makeKey();
      let drained = false;
      hub.pendingUsage = async () => {
        drained = true;
      };
      await browser.get(`${home}/keys/${id}/budgets`);
      expect(drained).toBe(true);
    });

    it('makes a key with a budget from the start, or not at all', async () => {
      const made = await makeKey({ budget: { span: 'monthly', limitUsd: '25' } });
      expect(made.budgets).toMatchObject([{ span: 'monthly', limitNanos: '25000000000' }]);
      expect((await listedKey(made.id))?.budgets).toEqual(made.budgets);
      const order = { name: 'x', mode: 'live' };
      const before = (await browser.get(`${home}/keys`)).body;
      for (const [budget, param] of [
        [{ span: 'monthly', limitUsd: '-1' }, 'budget.limitUsd'],
        [{ span: 'hourly', limitUsd: '1' }, 'budget.span'],
        [{ span: 'daily' }, 'budget.limitUsd'],
      ] as const) {
        const answer = await browser.post(`${home}/keys`, { ...order, budget });
        expect(failureOf(answer)).toEqual({ status: 400, code: 'invalid_request', param });
      }
      expect((await browser.get(`${home}/keys`)).body).toEqual(before);
    });

    it.each(REFUSED_LIMITS)(
      'refuses the limit %j by name and changes nothing',
      async (limitUsd) => {
        const { id } = await makeKey({ budget: { span: 'daily', limitUsd: '3' } });
        const answer = await browser.put(`${home}/keys/${id}/budgets/daily`, { limitUsd });
        const refusal = { status: 400, code: 'invalid_request', param: 'limitUsd' };
        expect(failureOf(answer)).toEqual(refusal);
        expect((await listedKey(id))?.budgets).toMatchObject([{ limitNanos: '3000000000' }]);
      },
    );

    it('says in words what a limit may be', async () => {
      const { id } = await makeKey();
      const answer = await browser.put(`${home}/keys/${id}/budgets/daily`, { limitUsd: '-1' });
      expect(answer.body['error']).toMatchObject({ message: expect.stringContaining('dollars') });
      const span = await browser.put(`${home}/keys/${id}/budgets/hourly`, { limitUsd: '1' });
      expect(failureOf(span)).toMatchObject({ status: 400, param: 'span' });
    });

    it('lists the members with their budgets, in the order in which they joined', async () => {
      const admin = await join('admin');
      const path = `${home}/members/${admin.person.id}/budgets`;
      const set = await browser.put(`${path}/monthly`, { limitUsd: '50' });
      expect(budgetsIn(set)).toMatchObject([{ span: 'monthly', limitNanos: '50000000000' }]);
      expect(await listedMember(admin.person.id)).toEqual({
        personId: admin.person.id,
        name: 'Ada',
        email: admin.person.email,
        role: 'admin',
        budgets: budgetsIn(set),
        activeKeys: 0,
        joinedAt: expect.any(String),
      });
      const { body } = await browser.get(`${home}/members`);
      expect((body as MembersReply).members[0]?.personId).toBe(owner.person.id);
      expect((await browser.delete(`${path}/monthly`)).status).toBe(204);
      expect(budgetsIn(await browser.get(path))).toEqual([]);
    });

    it('tells the gateways of exactly the keys that a change concerns', async () => {
      const maker = await join('developer');
      const own = await signInAs(hub, maker.person.email);
      const make = async (mode: string): Promise<string> => {
        const { body } = await own.post(`${home}/keys`, { name: 'x', mode });
        return (body['key'] as Key).id;
      };
      const [live, second, test] = [await make('live'), await make('live'), await make('test')];
      const changes = () => Promise.all([live, second, test].map(changeOf));
      const made = await changes();
      await browser.put(`${home}/keys/${live}/budgets/daily`, { limitUsd: '1' });
      const afterKey = await changes();
      expect(afterKey.map((change, i) => change > made[i]!)).toEqual([true, false, false]);
      await browser.put(`${home}/members/${maker.person.id}/budgets/daily`, { limitUsd: '1' });
      const afterMember = await changes();
      expect(afterMember.map((change, i) => change > afterKey[i]!)).toEqual([true, true, false]);
      await browser.delete(`${home}/members/${maker.person.id}/budgets/daily`);
      const afterRemoval = await changes();
      expect(afterRemoval.map((change, i) => change > afterMember[i]!)).toEqual([
        true,
        true,
        false,
      ]);
    });

    it.each([
      ['owner', 200],
      ['admin', 200],
      ['developer', 403],
      ['billing', 403],
      ['viewer', 403],
    ] as const)('answers setting and removing by the role %s with %i', async (role, status) => {
      const { person } = await join(role);
      const own = await signInAs(hub, person.email);
      const { id } = await makeKey({ budget: { span: 'total', limitUsd: '3' } });
      for (const path of [`${home}/keys/${id}/budgets`, `${home}/members/${person.id}/budgets`]) {
        expect((await own.get(path)).status).toBe(200);
        expect((await own.put(`${path}/total`, { limitUsd: '9' })).status).toBe(status);
        const removed = await own.delete(`${path}/total`);
        expect(removed.status).toBe(status === 200 ? 204 : 403);
      }
      const left = (await listedKey(id))?.budgets ?? [];
      expect(left.map(({ limitNanos }) => limitNanos)).toEqual(
        status === 200 ? [] : ['3000000000'],
      );
    });

    it('finds neither keys nor members of other workspaces', async () => {
      const stranger = await makeMember(hub.sql);
      const theirs = await signInAs(hub, stranger.person.email);
      const { id } = await makeKey();
      const limit = { limitUsd: '1' };
      const room = `/workspaces/${stranger.workspaceId}`;
      const own = `${home}/keys/${id}/budgets`;
      expect((await theirs.get(`${home}/members`)).status).toBe(404);
      expect((await theirs.get(own)).status).toBe(404);
      expect((await theirs.put(`${own}/daily`, limit)).status).toBe(404);
      for (const foreign of [
        `keys/${id}`,
        `keys/${newId('key', Date.now())}`,
        `keys/%00`,
        `members/${owner.person.id}`,
        `members/%00`,
      ]) {
        expect((await theirs.get(`${room}/${foreign}/budgets`)).status).toBe(404);
        expect((await theirs.put(`${room}/${foreign}/budgets/daily`, limit)).status).toBe(404);
        expect((await theirs.delete(`${room}/${foreign}/budgets/daily`)).status).toBe(404);
      }
      expect((await listedKey(id))?.budgets).toEqual([]);
    });
  });
}
