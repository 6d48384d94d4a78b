import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_DATABASES } from '../support/databases.ts';
import { makeMember } from '../identity/world.ts';
import { expectBooksInOrder } from '../ledger/world.ts';
import { addMember } from './routes.ts';
import { type TestConsole, failureOf, openBrowser, openConsole, signInAs } from './world.ts';

const MOST_OWNED = 20;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`workspaces on ${db.label}`, () => {
    let hub: TestConsole;
    beforeAll(async () => {
      hub = await openConsole(db.name);
    });
    afterAll(() => hub.close());

    const signInNew = async () => {
      const owner = await makeMember(hub.sql);
      const browser = await signInAs(hub, owner.person.email);
      return { owner, browser, home: `/workspaces/${owner.workspaceId}` };
    };

    it('belong to whoever opens one, with play money for test keys', async () => {
      const { browser } = await signInNew();
      const opened = await browser.post('/workspaces', { name: ' Second ' });
      expect(opened.body).toEqual({
        id: expect.any(String),
        name: 'Second',
        role: 'owner',
        lowBalanceNanos: null,
        createdAt: expect.any(String),
      });
      const path = `/workspaces/${String(opened.body['id'])}`;
      expect((await browser.get(path)).body).toEqual(opened.body);
      expect((await browser.get(`${path}/balance`)).body).toMatchObject({
        live: { balanceNanos: '0' },
        test: { balanceNanos: '1000000000000' },
      });
      const { body } = await browser.get('/session');
      expect(body['workspaces']).toContainEqual(expect.objectContaining({ name: 'Second' }));
      await expectBooksInOrder(hub.sql);
    });

    it('are opened by people who have signed in, under a proper name', async () => {
      const { browser } = await signInNew();
      const nobody = await openBrowser(hub.url).post('/workspaces', { name: 'x' });
      expect(failureOf(nobody)).toMatchObject({ status: 401, code: 'not_signed_in' });
      for (const name of ['', '  ', 'a\u0007b', 'x'.repeat(121)]) {
        const answer = await browser.post('/workspaces', { name });
        expect(failureOf(answer)).toEqual({ status: 400, code: 'invalid_request', param: 'name' });
      }
    });

    it('are twenty for one owner at most, however they come by them', async () => {
      const { browser, owner } = await signInNew();
      const sent = await Promise.all(
        Array.from({ length: MOST_OWNED + 3 }, (_, i) =>
          browser.post('/workspaces', { name: `W${i}` }),
        ),
      );
      expect(sent.filter(({ status }) => status === 200)).toHaveLength(MOST_OWNED - 1);
      const refused = sent.find(({ status }) => status !== 200);
      expect(refused && failureOf(refused)).toMatchObject({ status: 409, code: 'conflict' });
      const giver = await signInNew();
      const row = { workspace_id: giver.owner.workspaceId, person_id: owner.person.id } as const;
      await hub.sql
        .insertInto('members')
        .values({ ...row, role: 'admin' })
        .execute();
      const given = await giver.browser.post(`${giver.home}/transfer`, {
        personId: owner.person.id,
      });
      expect(failureOf(given)).toMatchObject({ status: 409, code: 'conflict' });
      expect((await giver.browser.get(giver.home)).body).toMatchObject({ role: 'owner' });
    });

    it('change their name and their warning, each without the other', async () => {
      const { browser, home } = await signInNew();
      const change = (body: object) => browser.patch(home, body);
      expect((await change({ lowBalanceUsd: '2.50' })).body).toMatchObject({
        name: 'Test',
        lowBalanceNanos: '2500000000',
      });
      expect((await change({ name: 'New' })).body).toMatchObject({
        name: 'New',
        lowBalanceNanos: '2500000000',
      });
      expect((await change({})).body).toMatchObject({ name: 'New' });
      expect((await change({ lowBalanceUsd: null })).body).toMatchObject({ lowBalanceNanos: null });
      for (const lowBalanceUsd of ['0', '0.00', '-1', 'NaN', '1e9', '']) {
        const answer = await change({ lowBalanceUsd });
        const expected = { status: 400, code: 'invalid_request', param: 'lowBalanceUsd' };
        expect(failureOf(answer)).toEqual(expected);
      }
    });

    it('let billing members set the warning, and not the name with it', async () => {
      const { owner, browser, home } = await signInNew();
      const billing = await addMember(hub, owner.workspaceId, 'billing');
      const own = await signInAs(hub, billing.email);
      const both = await own.patch(home, { lowBalanceUsd: '3', name: 'Mine' });
      expect(failureOf(both)).toMatchObject({ status: 403, code: 'forbidden' });
      const before = { name: 'Test', lowBalanceNanos: null };
      expect((await browser.get(home)).body).toMatchObject(before);
      const one = await own.patch(home, { lowBalanceUsd: '3' });
      expect(one.body).toMatchObject({ role: 'billing', lowBalanceNanos: '3000000000' });
    });

    it('take no owner and no id from a body', async () => {
      const { browser, owner } = await signInNew();
      const other = await makeMember(hub.sql);
      const body = { name: 'x', personId: other.person.id, ownerId: other.person.id, id: 'ws_x' };
      const opened = await browser.post('/workspaces', body);
      const members = await browser.get(`/workspaces/${String(opened.body['id'])}/members`);
      expect(members.body['members']).toMatchObject([{ personId: owner.person.id }]);
    });
  });
}
