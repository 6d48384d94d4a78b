// Each proof on books that somebody with the database's own rights has changed: triggers and
// constraints switched off, as only its owner can.

import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from '../../src/db/database.ts';
import type { ProofId } from '../../src/reconcile/proof.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { type Shop, doBusiness, proveAll, whileHarmed } from './world.ts';

const LEDGER = ['ledger_accounts', 'ledger_transactions', 'ledger_entries', 'usage_records'];

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

    /** Runs statements with every trigger off; what the proofs then say is all that stays of it. */
    const harm = (...statements: string[]) =>
      whileHarmed(
        sql,
        async (tx) => {
          for (const table of LEDGER) {
            await rawSql.raw(`alter table ${table} disable trigger all`).execute(tx);
          }
          for (const statement of statements) await rawSql.raw(statement).execute(tx);
        },
        proveAll,
      );

    describe('sees harm: ', () => {
      const entryOf = (id: string, sign: string) => `(transaction_id, account_id) in (
        select e.transaction_id, e.account_id from ledger_entries e
        join ledger_transactions t on t.id = e.transaction_id
        where t.idempotency_key = 'settle:${id}' and e.amount_nanos ${sign} 0)`;
      const forge = (txn: string, kindOf: string, key: string, from: string, to: string) => [
        `insert into ledger_transactions (id, book, kind, idempotency_key)
         values ('txn_${txn.padEnd(26, '0')}', 'live', '${kindOf}', '${key}')`,
        ...[
          `('txn_${txn.padEnd(26, '0')}', '${from}', -7)`,
          `('txn_${txn.padEnd(26, '0')}', '${to}', 7)`,
        ].map((row) => `insert into ledger_entries values ${row}`),
        `update ledger_accounts set balance_nanos = balance_nanos - 7 where id = '${from}'`,
        `update ledger_accounts set balance_nanos = balance_nanos + 7 where id = '${to}'`,
      ];
      const lease = () => `live:lease:${shop.workspaceId}:${shop.runId}`;
      const available = () => `live:available:${shop.workspaceId}`;

      const CASES: [string, ProofId, string, () => string[]][] = [
        [
          'an entry of a charge deleted',
          'entries_sum_to_zero',
          'transaction_not_balanced',
          () => [`delete from ledger_entries where ${entryOf(charged, '>')}`],
        ],
        [
          'all entries of a charge deleted',
          'entries_sum_to_zero',
          'transaction_without_entries',
          () => [`delete from ledger_entries where ${entryOf(charged, '<>')}`],
        ],
        [
          'a transaction deleted below its entries',
          'entries_sum_to_zero',
          'entries_without_transaction',
          () => [`delete from ledger_transactions where idempotency_key = 'settle:${charged}'`],
        ],
        [
          'a charge moved to another book',
          'entries_sum_to_zero',
          'transaction_leaves_its_book',
          () => [
            `update ledger_entries set account_id = 'test:revenue' where ${entryOf(charged, '>')}`,
          ],
        ],
        [
          'the sum of a book that is off',
          'entries_sum_to_zero',
          'book_not_balanced',
          () => [
            `update ledger_entries set account_id = 'test:revenue' where ${entryOf(charged, '>')}`,
          ],
        ],
        [
          'a balance raised by hand',
          'balances_equal_entries',
          'balance_is_not_the_sum',
          () => [
            `update ledger_accounts set balance_nanos = balance_nanos + 5 where id = '${available()}'`,
          ],
        ],
        [
          'an amount changed with its balance left',
          'balances_equal_entries',
          'balance_is_not_the_sum',
          () => [
            `update ledger_entries set amount_nanos = amount_nanos + 5 where ${entryOf(charged, '>')}`,
          ],
        ],
        [
          'an account deleted below its entries',
          'balances_equal_entries',
          'entries_without_account',
          () => [`delete from ledger_accounts where id = '${available()}'`],
        ],
        [
          'an overdrawn customer',
          'balances_equal_entries',
          'overdrawn',
          () => [
            'alter table ledger_accounts drop constraint ledger_accounts_not_overdrawn',
            `update ledger_accounts set balance_nanos = -1 where id = '${available()}'`,
          ],
        ],
        [
          'a lease of a run that has ended',
          'balances_equal_entries',
          'lease_of_an_ended_run',
          () => [`update node_runs set ended_at = now() where id = '${shop.runId}'`],
        ],
        [
          'a charge raised in the usage record',
          'usage_equals_charges',
          'charge_is_not_cost_in_hold',
          () => [
            `update usage_records set charge_nanos = charge_nanos + 1 where id = '${charged}'`,
          ],
        ],
        [
          'a charge, its cost and hold raised in the usage record',
          'usage_equals_charges',
          'booked_amount_differs',
          () => [
            `update usage_records set charge_nanos = 6000, cost_nanos = 6000, hold_nanos = 6000
           where id = '${charged}'`,
          ],
        ],
        [
          'a charge forgiven in the usage record',
          'usage_equals_charges',
          'booked_without_charge',
          () => [
            'alter table usage_records drop constraint usage_records_settled',
            `update usage_records set charge_nanos = 0, cost_nanos = 0 where id = '${charged}'`,
          ],
        ],
        [
          'a charge passed to another customer',
          'usage_equals_charges',
          'charge_booked_otherwise',
          () => [
            `update usage_records set workspace_id =
             (select id from workspaces where id <> '${shop.workspaceId}' limit 1)
           where id = '${charged}'`,
          ],
        ],
        [
          'a quarantined charge called settled',
          'usage_equals_charges',
          'charge_booked_otherwise',
          () => ['update usage_records set quarantined = false'],
        ],
        [
          'a usage record deleted',
          'usage_equals_charges',
          'booked_without_usage',
          () => [`delete from usage_records where id = '${charged}'`],
        ],
        [
          'a settlement taken away with its entries and balances',
          'usage_equals_charges',
          'charge_not_booked',
          () => [
            `update ledger_accounts a set balance_nanos = a.balance_nanos - e.amount_nanos
           from ledger_entries e where e.account_id = a.id and e.transaction_id =
             (select id from ledger_transactions where idempotency_key = 'settle:${charged}')`,
            `delete from ledger_entries where ${entryOf(charged, '<>')}`,
            `delete from ledger_transactions where idempotency_key = 'settle:${charged}'`,
          ],
        ],
        [
          'a settlement without a usage record',
          'usage_equals_charges',
          'booked_without_usage',
          () => forge('0', 'settle', 'settle:req_forged', lease(), 'live:revenue'),
        ],
        [
          'a second settlement of a request',
          'usage_equals_charges',
          'booked_without_usage',
          () => forge('0', 'settle', `settle:${charged}:again`, lease(), 'live:revenue'),
        ],
        [
          'revenue taken under another name',
          'usage_equals_charges',
          'moved_by_another_kind',
          () => forge('0', 'release', 'release:forged', lease(), 'live:revenue'),
        ],
        [
          'a budget that was not told of a charge',
          'usage_equals_charges',
          'allowance_not_counted',
          () => [
            `update usage_records set allowances = array['${shop.windowId}'] where id = '${charged}'`,
          ],
        ],
        [
          'a budget that counted a charge of no record',
          'usage_equals_charges',
          'counted_without_usage',
          () => [`update usage_records set allowances = '{}'`],
        ],
        [
          'a refund of more than the charge',
          'usage_equals_charges',
          'given_back_beyond_charge',
          () => {
            const [insert, ...rest] = forge(
              '0',
              'refund',
              'refund:forged',
              'live:revenue',
              available(),
            );
            const of = `(select id from ledger_transactions where idempotency_key = 'settle:${charged}')`;
            return [insert ?? '', ...rest].map((text) =>
              text
                .replace('kind, idem', 'kind, about, about_request, idem')
                .replace("'refund', ", `'refund', ${of}, '${charged}', `)
                .replaceAll(/\b7\b/g, '1001'),
            );
          },
        ],
        [
          'a grant of more than funding gave',
          'top_ups_equal_processors',
          'funding_is_not_grants',
          () => [
            `update ledger_accounts set balance_nanos = balance_nanos + 5 where id = 'live:funding'`,
          ],
        ],
        [
          'a grant paid from revenue',
          'top_ups_equal_processors',
          'grant_is_not_from_funding',
          () => forge('0', 'grant', 'grant:forged', 'live:revenue', available()),
        ],
      ];
      it.each(CASES)('%s', async (_what, proof, fault, statements) => {
        const results = await harm(...statements());
        expect(results[proof].status).toBe('drift');
        expect(results[proof].findings.map((finding) => finding.fault)).toContain(fault);
        expect(results[proof].faults).toBeGreaterThan(0n);
      });

      it('names each thing that is off up to a bound, and counts them all', async () => {
        const spoil = `insert into ledger_transactions (id, book, kind, idempotency_key)
          select 'txn_' || lpad(i::text, 26, '0'), 'live', 'grant', 'spoilt:' || i
          from generate_series(1, 60) as i`;
        const { entries_sum_to_zero: result } = await harm(spoil);
        expect(result.faults).toBe(60n);
        expect(result.findings).toHaveLength(50);
      });
    });
  });
}
