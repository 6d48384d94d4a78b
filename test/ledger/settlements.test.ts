// Charges that are settled together: what a batch books, what stays each request's own, and what the
// database itself refuses of a settlement whose records do not add up to it.

import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction, violatedConstraint } from '../../src/db/database.ts';
import { openBatchWriter } from '../../src/journal/writer.ts';
import { hubAccount, leaseAccount } from '../../src/ledger/accounts.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { takeLease } from '../../src/ledger/leases.ts';
import { balancePurse, windowPurse } from '../../src/ledger/purse.ts';
import { readCharge, refundCharge } from '../../src/ledger/reviews.ts';
import { endRunsOf, openRun } from '../../src/ledger/runs.ts';
import {
  type Transaction,
  countAgainst,
  quarantine,
  refund,
  settle,
} from '../../src/ledger/transactions.ts';
import { inSnapshot } from '../../src/reconcile/snapshot.ts';
import { readLine } from '../../src/usage/line.ts';
import { type UsageRecord, encodeRecord } from '../../src/usage/record.ts';
import { insertRecords } from '../../src/usage/store.ts';
import { formerLine } from '../journal/former-line.ts';
import { type Shop, openShop, proveAll, recordOf } from '../reconcile/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { balanceOf, expectBooksInOrder } from './world.ts';

const CHARGE = 1_000n;
const DOUBTFUL = { quarantined: true, usageSource: 'unreadable' } as const;

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`settlements of batches on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    let shop: Shop;
    let other: Shop;
    const refusedLines: string[] = [];
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
      [shop, other] = [await openShop(sql), await openShop(sql)];
    });
    afterAll(async () => {
      await expectBooksInOrder(sql);
      const proofs = await inSnapshot(sql, proveAll);
      expect(Object.values(proofs).flatMap(({ findings }) => findings)).toEqual([]);
      await open.drop();
    });

    /** Drains these lines as one batch. */
    async function drain(lines: readonly string[]): Promise<void> {
      const writer = openBatchWriter(sql, shop.nodeId, Date.now, async (line) => {
        refusedLines.push(line);
      });
      const from = await writer.readPosition();
      await writer.write(lines, from, { ...from, position: from.position + 1 });
    }
    const sell = async (records: readonly UsageRecord[]) => {
      await drain(records.map(encodeRecord));
      return records.map(({ id }) => id);
    };
    const settlementsOf = async (ids: readonly string[]) => {
      const rows = await sql
        .selectFrom('usage_records as u')
        .leftJoin('ledger_entries as e', (join) =>
          join.onRef('e.transaction_id', '=', 'u.settlement_id').on('e.amount_nanos', '>', 0n),
        )
        .select(['u.id', 'u.settlement_id', 'e.account_id', 'e.amount_nanos'])
        .where('u.id', 'in', [...ids])
        .execute();
      const found = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => found.get(id));
    };

    it('one for each payer, one for each charge in doubt, none where nothing is charged', async () => {
      const free = { chargeNanos: 0n, costNanos: 0n };
      const ids = await sell([
        recordOf(shop),
        recordOf(shop, free),
        recordOf(other),
        recordOf(shop, { costNanos: 300n, chargeNanos: 300n }),
        recordOf(shop, { book: 'test' }),
        recordOf(shop, DOUBTFUL),
        recordOf(shop, DOUBTFUL),
      ]);
      const [first, none, theirs, second, play, doubt, doubt2] = await settlementsOf(ids);
      expect(first).toMatchObject({ account_id: 'live:revenue', amount_nanos: 1_300n });
      expect(second?.settlement_id).toBe(first?.settlement_id);
      expect(none?.settlement_id).toBeNull();
      expect(theirs).toMatchObject({ account_id: 'live:revenue', amount_nanos: CHARGE });
      expect(play).toMatchObject({ account_id: 'test:revenue', amount_nanos: CHARGE });
      expect(doubt).toMatchObject({ account_id: 'live:quarantine', amount_nanos: CHARGE });
      expect(
        new Set([first, theirs, play, doubt, doubt2].map((row) => row?.settlement_id)).size,
      ).toBe(5);
    });

    it('never one for two customers, though the hub bears them both', async () => {
      const gone = [await openShop(sql), await openShop(sql)];
      for (const { nodeId } of gone) await endRunsOf(sql, nodeId, Date.now());
      const ids = await sell([...gone, ...gone].map((of) => recordOf(of)));
      const found = await settlementsOf(ids);
      for (const row of found) expect(row).toMatchObject({ amount_nanos: 2n * CHARGE });
      expect(new Set(found.map((row) => row?.settlement_id)).size).toBe(2);
    });

    it('counts each charge in every window that it names, and what the hub bears in none', async () => {
      const used = () => balanceOf(sql, `allowance:revenue:${shop.windowId}`);
      const before = await used();
      const allowances = [shop.windowId];
      await sell([recordOf(shop, { allowances }), recordOf(shop), recordOf(shop, { allowances })]);
      expect(await used()).toBe(before + 2n * CHARGE);
      const gone = await openShop(sql);
      await endRunsOf(sql, gone.nodeId, Date.now());
      const borne = await balanceOf(sql, 'live:suspense');
      await sell([recordOf(gone, { allowances: [gone.windowId] }), recordOf(gone)]);
      expect(await balanceOf(sql, `allowance:revenue:${gone.windowId}`)).toBe(0n);
      expect(await balanceOf(sql, 'live:suspense')).toBe(borne - 2n * CHARGE);
    });

    it('bounds what is given back by each request’s own charge', async () => {
      const [id = '', sibling = ''] = await sell([recordOf(shop), recordOf(shop), recordOf(shop)]);
      const giveBack = (requestId: string, amountNanos: bigint) =>
        refundCharge(sql, { requestId, amountNanos, refundId: newId('txn', 0) }, Date.now());
      await giveBack(id, 400n);
      await expect(giveBack(id, 601n)).rejects.toMatchObject({ code: 'invalid_request' });
      expect(await readCharge(sql, sibling)).toMatchObject({ earnedNanos: CHARGE });
      const charge = await readCharge(sql, id);
      if (!charge) throw new Error('there is no charge');
      const book = (transaction: Transaction) =>
        inTransaction(sql, (tx) => bookTransactions(tx, [transaction], Date.now()));
      for (const astray of [
        refund(charge, 601n, 'beyond'),
        { ...refund(charge, 1n, 'nobody'), aboutRequest: newId('req', 0) },
      ]) {
        await expect(book(astray)).rejects.toSatisfy(
          (error) => violatedConstraint(error) === 'ledger_given_back_within_charge',
        );
      }
      expect(await giveBack(id, 600n)).toMatchObject({ earnedNanos: 0n });
      expect(await giveBack(sibling, CHARGE)).toMatchObject({ givenBackNanos: CHARGE });
    });

    it('takes lines of the former form, with all that they say', async () => {
      const failed = {
        provider: 'anthropic',
        status: 529,
        errorCode: 'upstream_overloaded',
      } as const;
      const record = recordOf(shop, {
        allowances: [shop.windowId],
        attempts: 2,
        failedAttempts: [{ ...failed, costNanos: 70n }],
        ip: '2001:db8::1',
        outputCap: 12,
        tokens: { ...recordOf(shop).tokens, inCacheWrite1h: 7 },
      });
      await drain([formerLine(record)]);
      const row = await sql
        .selectFrom('usage_records')
        .selectAll()
        .where('id', '=', record.id)
        .executeTakeFirstOrThrow();
      const same = recordOf(shop, { ...record, id: newId('req', Date.now()) });
      await drain([encodeRecord(same)]);
      const today = await sql
        .selectFrom('usage_records')
        .selectAll()
        .where('id', '=', same.id)
        .executeTakeFirstOrThrow();
      expect({ ...row, id: '', settlement_id: '' }).toEqual({
        ...today,
        id: '',
        settlement_id: '',
      });
      const attempts = await sql
        .selectFrom('failed_attempts')
        .select(['attempt', 'status', 'cost_nanos'])
        .where('request_id', 'in', [record.id, same.id])
        .execute();
      const one = { attempt: 1, status: 529, cost_nanos: 70n };
      expect(attempts).toEqual([one, one]);
    });

    it('keeps signs that mean something to the database out of each other’s columns', async () => {
      await drain([encodeRecord(recordOf(shop, { modelAsked: 'a\tb\\N\nc' }))]);
      expect(refusedLines).toHaveLength(1);
      refusedLines.length = 0;
    });

    describe('the database itself refuses', () => {
      const payer = (of = shop) => leaseAccount(balancePurse('live', of.workspaceId), of.runId);
      /** Books these and then the records, with the first transaction as their settlement. */
      const put = (records: readonly UsageRecord[], ...transactions: Transaction[]) =>
        inTransaction(sql, async (tx) => {
          const booked = await bookTransactions(tx, transactions, Date.now());
          const settlementId = booked.get(transactions[0]?.idempotencyKey ?? '');
          const lines = records.map((record) => readLine(encodeRecord(record)));
          await insertRecords(
            tx,
            lines.map((line) => ({ line, settlementId })),
          );
        });
      const refuses = (constraint: string) => (error: unknown) =>
        violatedConstraint(error) === constraint;
      const pair = (fields: Partial<UsageRecord> = {}) => {
        const records = [recordOf(shop, fields), recordOf(shop, fields)];
        const [requestId = ''] = records.map(({ id }) => id).sort();
        return { records, requestId };
      };
      const addUp = refuses('usage_records_add_up');

      it('a settlement of more or less than its records were charged', async () => {
        for (const amountNanos of [2n * CHARGE - 1n, 2n * CHARGE + 1n]) {
          const { records, requestId } = pair();
          await expect(
            put(records, settle({ requestId, amountNanos, payer: payer() })),
          ).rejects.toSatisfy(addUp);
        }
        const { records, requestId } = pair();
        await put(records, settle({ requestId, amountNanos: 2n * CHARGE, payer: payer() }));
      });

      it('a settlement by another customer, or by the hub while the run is open', async () => {
        for (const from of [payer(other), hubAccount('live', 'suspense')]) {
          const { records, requestId } = pair();
          const settled = settle({ requestId, amountNanos: 2n * CHARGE, payer: from });
          await expect(put(records, settled)).rejects.toSatisfy(addUp);
        }
      });

      it('a settlement out of what another run has leased', async () => {
        const runId = await openRun(sql, newId('node', 0), Date.now());
        const purse = balancePurse('live', shop.workspaceId);
        const wanted = { leaseId: newId('txn', 0), wantNanos: 2n * CHARGE, aheadNanos: 0n };
        await takeLease(sql, { purse, runId }, wanted, Date.now());
        const { records, requestId } = pair();
        const of = { requestId, amountNanos: 2n * CHARGE, payer: leaseAccount(purse, runId) };
        await expect(put(records, settle(of))).rejects.toSatisfy(addUp);
      });

      it('records of two customers in one settlement', async () => {
        const records = [recordOf(shop), recordOf(other)];
        const [requestId = ''] = records.map(({ id }) => id).sort();
        const settled = settle({ requestId, amountNanos: 2n * CHARGE, payer: payer() });
        await expect(put(records, settled)).rejects.toSatisfy(addUp);
      });

      it('charges in doubt among earned ones, or several in one', async () => {
        const { records, requestId } = pair(DOUBTFUL);
        const of = { requestId, amountNanos: 2n * CHARGE, payer: payer() };
        await expect(put(records, settle(of))).rejects.toSatisfy(addUp);
        await expect(put(records, quarantine(of))).rejects.toSatisfy(addUp);
      });

      it('a settlement that is named after none of its records, or not the least', async () => {
        const { records, requestId } = pair();
        const greatest = records.map(({ id }) => id).find((id) => id !== requestId) ?? '';
        for (const named of [greatest, newId('req', 0)]) {
          const of = { requestId: named, amountNanos: 2n * CHARGE, payer: payer() };
          await expect(put(records, settle(of))).rejects.toSatisfy(addUp);
        }
      });

      it('records that join a settlement later, or a second time', async () => {
        const [id = ''] = await sell([recordOf(shop)]);
        const [first] = await settlementsOf([id]);
        const join = (tx: Sql, settlementId: string | undefined) => {
          const line = readLine(encodeRecord(recordOf(shop)));
          return insertRecords(tx, [{ line, settlementId }]);
        };
        await expect(
          inTransaction(sql, (tx) => join(tx, first?.settlement_id ?? '')),
        ).rejects.toSatisfy(addUp);
        await expect(
          inTransaction(sql, async (tx) => {
            const record = recordOf(shop);
            const settled = settle({ requestId: record.id, amountNanos: CHARGE, payer: payer() });
            const booked = await bookTransactions(tx, [settled], Date.now());
            const settlementId = booked.get(settled.idempotencyKey);
            await insertRecords(tx, [{ line: readLine(encodeRecord(record)), settlementId }]);
            await join(tx, settlementId);
          }),
        ).rejects.toSatisfy(addUp);
      });

      it('a charge without a settlement, and a settlement without a charge', async () => {
        const settled = refuses('usage_records_settled');
        await expect(put([recordOf(shop)])).rejects.toSatisfy(settled);
        const free = recordOf(shop, { chargeNanos: 0n, costNanos: 0n });
        const charged = recordOf(shop);
        const of = { requestId: charged.id, amountNanos: CHARGE, payer: payer() };
        await expect(put([charged, free], settle(of))).rejects.toSatisfy(settled);
      });

      it('a window that counted something else than its records', async () => {
        const window = windowPurse(shop.windowId, shop.workspaceId);
        const counted = refuses('usage_records_counted');
        for (const amountNanos of [undefined, CHARGE - 1n, CHARGE]) {
          const record = recordOf(shop, { allowances: [shop.windowId] });
          const of = { requestId: record.id, amountNanos: CHARGE, payer: payer() };
          const counts =
            amountNanos === undefined
              ? []
              : [countAgainst({ ...of, purse: window, runId: shop.runId, amountNanos })];
          const done = put([record], settle(of), ...counts);
          if (amountNanos === CHARGE) await done;
          else await expect(done).rejects.toSatisfy(counted);
        }
      });

      it.each([
        ['workspace', { workspaceId: newId('ws', 0) }],
        ['key', { keyId: newId('key', 0) }],
        ['run', { runId: newId('run', 0) }],
        ['price', { priceId: 'none' }],
      ])('a record of a %s that is not there', async (_what, fields) => {
        const free = { chargeNanos: 0n, costNanos: 0n };
        await expect(put([recordOf(shop, { ...free, ...fields })])).rejects.toSatisfy(
          refuses('usage_records_named'),
        );
      });

      it('a record of a key of another workspace', async () => {
        const free = { chargeNanos: 0n, costNanos: 0n };
        const records = [recordOf(shop, free), recordOf(other, free)];
        await put(records);
        const crossed = [
          recordOf(shop, { ...free, keyId: other.keyId }),
          recordOf(other, { ...free, keyId: shop.keyId }),
        ];
        await expect(put(crossed)).rejects.toSatisfy(refuses('usage_records_named'));
      });

      it.each([
        ['protocol', { protocol: 'Say hello' }],
        ['model asked for', { modelAsked: 'Say hello' }],
        ['model served', { modelServed: 'Say hello' }],
        ['provider', { provider: 'Say hello' }],
        ['service tier', { serviceTier: 'Say hello' }],
        ['error code', { errorCode: 'Say hello' as 'client_closed' }],
        ['window', { allowances: ['Say_hello'] }],
      ])('content in place of a %s', async (_what, fields) => {
        const free = { chargeNanos: 0n, costNanos: 0n };
        await expect(put([recordOf(shop, { ...free, ...fields })])).rejects.toSatisfy(
          refuses('usage_records_labels'),
        );
      });

      it('content in place of an id', async () => {
        const free = encodeRecord(recordOf(shop, { chargeNanos: 0n, costNanos: 0n }));
        const line = readLine(free);
        const columns = line.columns.replace(/^req_\w+/, 'Say hello');
        const insert = inTransaction(sql, (tx) =>
          insertRecords(tx, [{ line: { ...line, columns }, settlementId: undefined }]),
        );
        await expect(insert).rejects.toSatisfy(refuses('usage_records_labels'));
      });

      it('to change or remove a record, or what it names', async () => {
        const [id = ''] = await sell([recordOf(shop)]);
        for (const statement of [
          `update usage_records set charge_nanos = 1, cost_nanos = 1 where id = '${id}'`,
          `update usage_records set provider = 'other' where id = '${id}'`,
          `delete from usage_records where id = '${id}'`,
          'truncate usage_records cascade',
          `delete from api_keys where id = '${shop.keyId}'`,
          `update api_keys set workspace_id = '${other.workspaceId}' where id = '${shop.keyId}'`,
          `delete from workspaces where id = '${shop.workspaceId}'`,
          `delete from node_runs where id = '${shop.runId}'`,
        ]) {
          await expect(rawSql.raw(statement).execute(sql), statement).rejects.toThrow(
            /append-only|name/,
          );
        }
      });
    });
  });
}
