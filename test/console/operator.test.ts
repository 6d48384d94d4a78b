// The operator's routes: who may use them, what they show, and that money moves as they say.

import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { ReconciliationReply } from '../../src/console/contract-operator.ts';
import { endRunsOf } from '../../src/ledger/runs.ts';
import { makeMember } from '../identity/world.ts';
import { balanceOf, expectBooksInOrder } from '../ledger/world.ts';
import { type Shop, openShop } from '../reconcile/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import {
  type Browser,
  type TestConsole,
  failureOf,
  openBrowser,
  openConsole,
  signInAs,
} from './world.ts';

const QUARANTINED = { quarantined: true, usageSource: 'unreadable' } as const;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`operators on ${db.label}`, () => {
    let hub: TestConsole;
    let root: Browser;
    let member: Browser;
    let shop: Shop;
    beforeAll(async () => {
      hub = await openConsole(db.name);
      const operator = await makeMember(hub.sql, { isOperator: true });
      root = await signInAs(hub, operator.person.email);
      member = await signInAs(hub, (await makeMember(hub.sql)).person.email);
      shop = await openShop(hub.sql);
    });
    afterAll(async () => {
      await expectBooksInOrder(hub.sql);
      await hub.close();
    });

    const read = async (): Promise<ReconciliationReply> => {
      const answer = await root.get('/operator/reconciliation');
      expect(answer.status).toBe(200);
      return answer.body as ReconciliationReply;
    };
    const available = () => balanceOf(hub.sql, `live:available:${shop.workspaceId}`);
    const waiting = async () => (await root.get('/operator/reviews')).body['reviews'] as unknown[];

    it('alone see that these addresses exist', async () => {
      const requestId = await shop.sell(QUARANTINED);
      const refund = { amountUsd: '0.000000001', idempotencyKey: 'press-0001' };
      const invoice = { provider: 'openai', month: '2026-10', amountUsd: '1' };
      const nobody = openBrowser(hub.url);
      const before = await available();
      for (const [browser, status] of [
        [nobody, 401],
        [member, 404],
      ] as const) {
        for (const path of [
          'reconciliation',
          'notices',
          'reviews',
          'price-proposals',
          `charges/${requestId}`,
        ]) {
          expect((await browser.get(`/operator/${path}`)).status, path).toBe(status);
        }
        for (const [path, body] of [
          ['reconciliation/runs', {}],
          ['journal/retries', {}],
          ['invoices', invoice],
          ['price-proposals/1', { decision: 'approved' }],
          [`reviews/${requestId}`, { decision: 'give_back' }],
          [`charges/${requestId}/refunds`, refund],
        ] as const) {
          // Without a cookie a change is refused for its origin before anything else is looked at.
          const answer = await browser.post(`/operator/${path}`, body);
          expect(answer.status, path).toBe(status);
        }
      }
      expect(await available()).toBe(before);
      expect((await read()).runs).toEqual([]);
      await root.post(`/operator/reviews/${requestId}`, { decision: 'keep' });
    });

    it('run the proofs on demand and read what they found', async () => {
      await shop.sell();
      expect((await root.post('/operator/reconciliation/runs', {})).body).toEqual({
        finished: true,
      });
      const { runs, books, nodes, invoices } = await read();
      expect(runs).toHaveLength(1);
      expect(runs[0]).toMatchObject({ cause: 'operator', status: 'proven' });
      expect(runs[0]?.proofs.map(({ id, status }) => [id, status])).toEqual([
        ['entries_sum_to_zero', 'proven'],
        ['balances_equal_entries', 'proven'],
        ['usage_equals_charges', 'proven'],
        ['top_ups_equal_processors', 'not_applicable'],
        ['costs_equal_invoices', 'not_applicable'],
      ]);
      expect(books.map(({ book }) => book)).toEqual(['live', 'test']);
      const leased = await balanceOf(hub.sql, `live:lease:${shop.workspaceId}:${shop.runId}`);
      expect(books[0]).toMatchObject({ leasedNanos: leased.toString(), suspenseNanos: '0' });
      expect(nodes.map(({ runId }) => runId)).toContain(shop.runId);
      expect(invoices).toMatchObject([{ provider: 'openai', invoiceNanos: null }]);
      expect((await root.get('/operator/notices')).body).toEqual({ hasDrift: false });
    });

    it('are told of a drift on every page until the proofs hold again', async () => {
      const requestId = await shop.sell();
      const set = (cost: number) =>
        rawSql
          .raw(`alter table usage_records disable trigger usage_records_append_only;
            update usage_records set cost_nanos = ${cost} where id = '${requestId}';
            alter table usage_records enable trigger usage_records_append_only`)
          .execute(hub.sql);
      await set(999);
      await root.post('/operator/reconciliation/runs', {});
      expect((await root.get('/operator/notices')).body).toEqual({ hasDrift: true });
      const [run] = (await read()).runs;
      expect(run?.proofs.find(({ status }) => status === 'drift')?.findings).toEqual([
        { fault: 'charge_is_not_cost_in_hold', subject: requestId, amountNanos: '1' },
      ]);
      await set(1_000);
      await root.post('/operator/reconciliation/runs', {});
      expect((await root.get('/operator/notices')).body).toEqual({ hasDrift: false });
    });

    it('enter and correct what a provider invoiced', async () => {
      const enter = (fields: object) =>
        root.post('/operator/invoices', {
          provider: 'openai',
          month: '2026-01',
          amountUsd: '12.5',
          ...fields,
        });
      expect((await enter({})).status).toBe(204);
      expect((await enter({ amountUsd: '13.000000001' })).status).toBe(204);
      const entered = (await read()).invoices.find(({ month }) => month === '2026-01');
      expect(entered).toMatchObject({ provider: 'openai', invoiceNanos: '13000000001' });
      for (const [fields, param] of [
        [{ provider: 'Open AI' }, 'provider'],
        [{ month: '2026-13' }, 'month'],
        [{ month: '2099-01' }, 'month'],
        [{ amountUsd: '-1' }, 'amountUsd'],
      ] as const) {
        const answer = failureOf(await enter(fields));
        expect(answer).toEqual({ status: 400, code: 'invalid_request', param });
      }
    });

    it('decide what waits in quarantine: all, nothing or a part goes back', async () => {
      const sold: string[] = [];
      for (let i = 0; i < 3; i++) sold.push(await shop.sell(QUARANTINED));
      expect(await waiting()).toHaveLength(3);
      expect((await waiting())[0]).toMatchObject({
        requestId: sold[2],
        workspaceId: shop.workspaceId,
        usageSource: 'unreadable',
        chargeNanos: '1000',
        waitingNanos: '1000',
      });
      const told: string[] = [];
      const forget = hub.changes.onChange(shop.workspaceId, (what) => told.push(what));
      const before = await available();
      const decide = (i: number, body: object) => root.post(`/operator/reviews/${sold[i]}`, body);
      expect((await decide(0, { decision: 'keep' })).body).toMatchObject({ earnedNanos: '1000' });
      expect((await decide(1, { decision: 'give_back' })).body).toMatchObject({
        givenBackNanos: '1000',
      });
      const part = { decision: 'part', giveBackUsd: '0.0000003' };
      expect((await decide(2, part)).body).toMatchObject({
        givenBackNanos: '300',
        earnedNanos: '700',
      });
      expect((await decide(2, part)).status).toBe(200);
      expect(failureOf(await decide(2, { decision: 'keep' }))).toMatchObject({ status: 409 });
      forget();
      expect(told).toContain('balance');
      expect(await available()).toBe(before + 1_300n);
      expect(await waiting()).toEqual([]);
      expect((await decide(2, { decision: 'perhaps' })).status).toBe(400);
      expect((await decide(2, { decision: 'part' })).status).toBe(400);
    });

    it('refund a charge, once a press and never beyond it', async () => {
      const requestId = await shop.sell();
      const path = `/operator/charges/${requestId}`;
      const before = await available();
      expect((await root.get(path)).body).toMatchObject({
        requestId,
        chargeNanos: '1000',
        earnedNanos: '1000',
        borneByHub: false,
      });
      const order = { amountUsd: '0.0000006', idempotencyKey: 'press-0001' };
      const sent = await Promise.all(
        Array.from({ length: 4 }, () => root.post(`${path}/refunds`, order)),
      );
      expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const again = await root.post(`${path}/refunds`, { ...order, idempotencyKey: 'press-0002' });
      expect(failureOf(again)).toEqual({
        status: 400,
        code: 'invalid_request',
        param: 'amountUsd',
      });
      expect(await available()).toBe(before + 600n);
      const nothing = { ...order, amountUsd: '0' };
      expect((await root.post(`${path}/refunds`, nothing)).status).toBe(400);
    });

    it('find no charge of a request that is not, or was not charged', async () => {
      const free = await shop.sell({ chargeNanos: 0n, costNanos: 0n });
      for (const id of [free, newId('req', 0), 'req_x', '%00']) {
        expect(failureOf(await root.get(`/operator/charges/${id}`)).status, id).toBe(404);
      }
    });

    it('cannot give a customer what the hub bore', async () => {
      const gone = await openShop(hub.sql);
      await endRunsOf(hub.sql, gone.nodeId, Date.now());
      const path = `/operator/charges/${await gone.sell()}`;
      expect((await root.get(path)).body).toMatchObject({ borneByHub: true });
      const order = { amountUsd: '0.0000001', idempotencyKey: 'press-0003' };
      expect(failureOf(await root.post(`${path}/refunds`, order))).toMatchObject({ status: 409 });
      expect((await read()).books[0]).toMatchObject({ suspenseNanos: '-1000' });
    });
  });
}
