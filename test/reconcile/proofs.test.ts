// Reconciliation of books that are in order: what is proven, what is kept of it, and what operators
// enter for it.

import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { Sql } from '../../src/db/database.ts';
import { enterInvoice, listInvoiceMonths } from '../../src/reconcile/invoices.ts';
import { createReconciler } from '../../src/reconcile/reconciler.ts';
import { inSnapshot } from '../../src/reconcile/snapshot.ts';
import { listReconciliations } from '../../src/reconcile/store.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { makeMember } from '../identity/world.ts';
import { grantTo } from '../ledger/world.ts';
import { FREE_PROVIDERS, type Shop, collectLog, doBusiness, proveAll } from './world.ts';

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`reconciliation on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    let shop: Shop;
    let charged: string;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
      ({ shop, charged } = await doBusiness(sql));
    });
    afterAll(() => open.drop());

    const proveNow = () => inSnapshot(sql, proveAll);
    const reconciler = (log = collectLog()) =>
      createReconciler({
        database: open.database,
        clock: systemClock,
        log,
        freeProviders: FREE_PROVIDERS,
        processors: [],
      });

    it('proves what ordinary business leaves', async () => {
      const log = collectLog();
      const results = await reconciler(log).run('operator');
      expect(results.map(({ id, status, reason }) => [id, status, reason])).toEqual([
        ['entries_sum_to_zero', 'proven', null],
        ['balances_equal_entries', 'proven', null],
        ['usage_equals_charges', 'proven', null],
        ['top_ups_equal_processors', 'not_applicable', 'no_processor'],
        ['costs_equal_invoices', 'not_applicable', 'no_invoice'],
      ]);
      for (const { checked } of results.slice(0, 4)) expect(checked).toBeGreaterThan(0n);
      expect(log.lines).toEqual([]);
      const [kept] = await listReconciliations(sql, 1);
      expect(kept).toMatchObject({ cause: 'operator', status: 'proven' });
      expect(kept?.proofs.map(({ findings }) => findings)).toEqual([[], [], [], [], []]);
    });

    it('finds nothing off in books that move meanwhile', async () => {
      const over = new AbortController();
      const selling = (async () => {
        let sold = 0;
        for (; !over.signal.aborted; sold += 1) {
          await shop.sell({ costNanos: 1n, chargeNanos: 1n, allowances: [shop.windowId] });
          await grantTo(sql, shop.workspaceId, 1n);
        }
        return sold;
      })();
      try {
        for (let i = 0; i < 10; i++) {
          const results = await reconciler().run('operator');
          expect(results.flatMap(({ findings }) => findings)).toEqual([]);
        }
      } finally {
        over.abort();
      }
      expect(await selling).toBeGreaterThan(10);
    });

    it('keeps what drifts with its ids and amounts, and logs the names of the proofs', async () => {
      const set = (change: string) => async (tx: Sql) => {
        await rawSql.raw('alter table usage_records disable trigger all').execute(tx);
        await rawSql
          .raw(`update usage_records set charge_nanos = charge_nanos ${change}
            where id = '${charged}'`)
          .execute(tx);
      };
      await set('+ 3')(sql);
      const log = collectLog();
      try {
        await reconciler(log).run('operator');
      } finally {
        await set('- 3')(sql);
      }
      const fields = { proof: 'usage_equals_charges' };
      expect(log.lines).toEqual([{ event: 'reconciliation_drift', fields }]);
      const [kept] = await listReconciliations(sql, 1);
      expect(kept?.status).toBe('drift');
      expect(kept?.proofs.find(({ id }) => id === 'usage_equals_charges')).toMatchObject({
        status: 'drift',
        faults: 1n,
        driftNanos: 3n,
        findings: [{ fault: 'charge_is_not_cost_in_hold', subject: charged, amountNanos: 3n }],
      });
    });

    it('runs once at a time', async () => {
      const runs = await Promise.allSettled([
        reconciler().run('operator'),
        reconciler().run('schedule'),
        reconciler().run('operator'),
      ]);
      const reasons = runs.flatMap((run) => (run.status === 'rejected' ? [run.reason] : []));
      // The embedded database has one connection, so there they run one after the other.
      for (const reason of reasons) expect(reason).toMatchObject({ code: 'conflict' });
      expect(reasons.length).toBeLessThan(3);
    });

    it('stops early without keeping anything', async () => {
      const [before] = await listReconciliations(sql, 1);
      await expect(reconciler().run('schedule', AbortSignal.abort())).rejects.toThrow();
      expect((await listReconciliations(sql, 1))[0]?.id).toBe(before?.id);
    });

    describe('provider invoices', () => {
      const month = new Date().toISOString().slice(0, 7);
      const enter = async (provider: string, amountNanos: bigint) => {
        enteredBy ??= (await makeMember(sql)).person.id;
        await enterInvoice(sql, { provider, month, amountNanos, enteredBy });
      };
      let enteredBy: string | undefined;

      it('agree within a thousandth, the newest amount of a month counting', async () => {
        const before = (await listInvoiceMonths(sql, 10)).filter(
          (row) => row.provider === 'openai',
        );
        const cost = before[0]?.costNanos ?? 0n;
        expect(cost).toBeGreaterThan(1_000n);
        await enter('openai', cost * 2n);
        await enter('anthropic', 70n);
        const off = (await proveNow()).costs_equal_invoices;
        expect(off).toMatchObject({ status: 'drift', checked: 2n, driftNanos: cost });
        expect(off.findings).toEqual([
          { fault: 'cost_is_not_invoice', subject: `openai:${month}`, amountNanos: -cost },
        ]);
        await enter('openai', cost + cost / 1_001n);
        expect((await proveNow()).costs_equal_invoices.status).toBe('proven');
        await enter('openai', cost + cost / 500n);
        expect((await proveNow()).costs_equal_invoices.status).toBe('drift');
        const [shown] = (await listInvoiceMonths(sql, 10)).filter(
          (row) => row.provider === 'openai',
        );
        expect(shown).toMatchObject({ month, costNanos: cost, invoiceNanos: cost + cost / 500n });
      });

      it('are not expected of free providers', async () => {
        const months = await listInvoiceMonths(sql, 10);
        expect(months.map(({ provider }) => provider).sort()).toEqual(['anthropic', 'openai']);
      });
    });
  });
}
