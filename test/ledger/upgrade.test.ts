// Books from before batch settlement: each charge keeps the settlement of its own that it had, and what
// was given back of it goes on counting.

import { readFile, readdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql as rawSql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { Database, Sql } from '../../src/db/database.ts';
import { openPglite } from '../../src/db/pglite.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { readCharge, refundCharge, reviewCharge } from '../../src/ledger/reviews.ts';
import { inSnapshot } from '../../src/reconcile/snapshot.ts';
import { readReceiptLedger } from '../../src/usage/receipt-ledger.ts';
import { proveAll } from '../reconcile/world.ts';
import { TEST_DATABASES, createDatabaseUrl } from '../support/databases.ts';

const SQL = new URL('../../sql/', import.meta.url);
const BATCH_SETTLEMENT = '0006_batch_settlement.sql';
const WORKSPACE = newId('ws', 0);
const KEY = newId('key', 0);
const RUN = newId('run', 0);

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`the upgrade to batch settlement on ${kind.label}`, () => {
    it('keeps every charge, who paid it and what was given back', async () => {
      await using open = await openEmpty(kind.name);
      const { sql } = open.database;
      const names = (await readdir(SQL)).sort();
      for (const name of names) if (name < BATCH_SETTLEMENT) await run(sql, name);
      await openCustomer(sql);
      const settled = await chargeOnce(sql, 'settle');
      const doubtful = await chargeOnce(sql, 'quarantine');
      const free = await addRow(sql, newId('req', 0), 0, false);
      await book(sql, `refund:${settled.requestId}:a`, 'refund', settled.transactionId, [
        ['live:revenue', -300],
        [`live:available:${WORKSPACE}`, 300],
      ]);
      for (const name of names) if (name >= BATCH_SETTLEMENT) await run(sql, name);

      expect(await readCharge(sql, settled.requestId)).toMatchObject({
        transactionId: settled.transactionId,
        earnedNanos: 700n,
        givenBackNanos: 300n,
      });
      expect(await readCharge(sql, doubtful.requestId)).toMatchObject({ waitingNanos: 1_000n });
      expect(await readCharge(sql, free)).toBeUndefined();
      const giveBack = (amountNanos: bigint, refundId: string) =>
        refundCharge(sql, { requestId: settled.requestId, amountNanos, refundId }, 0);
      await expect(giveBack(701n, 'b')).rejects.toMatchObject({ code: 'invalid_request' });
      expect(await giveBack(700n, 'b')).toMatchObject({ earnedNanos: 0n });
      expect(await giveBack(300n, 'a')).toMatchObject({ givenBackNanos: 1_000n });
      const decided = { requestId: doubtful.requestId, giveBackNanos: 400n };
      expect(await reviewCharge(sql, decided, 0)).toMatchObject({ earnedNanos: 600n });
      const { ledger, corrections } = await readReceiptLedger(sql, {
        id: settled.requestId,
        charge_nanos: 1_000n,
        settlement_id: settled.transactionId,
      });
      expect(ledger).toMatchObject({ requests: 1, totalNanos: '1000' });
      expect(corrections).toHaveLength(2);
      const proofs = await inSnapshot(sql, proveAll);
      expect(Object.values(proofs).flatMap(({ findings }) => findings)).toEqual([]);
    });
  });
}

async function openEmpty(
  kind: Database['kind'],
): Promise<{ readonly database: Database } & AsyncDisposable> {
  if (kind === 'postgres') {
    const { url, drop } = await createDatabaseUrl();
    const database = openPostgres(url);
    return { database, [Symbol.asyncDispose]: () => database.close().then(drop) };
  }
  const folder = await mkdtemp(join(tmpdir(), 'hub-upgrade-'));
  const database = await openPglite(folder);
  return {
    database,
    async [Symbol.asyncDispose]() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(sql: Sql, name: string): Promise<void> {
  await rawSql.raw(await readFile(new URL(name, SQL), 'utf8')).execute(sql);
}

async function openCustomer(sql: Sql): Promise<void> {
  const account = (id: string, accountKind: string, purse: string, owner: string, life: string) =>
    `('${id}', 'live', '${accountKind}', ${owner}, ${purse}, ${life},
      ${['available', 'lease', 'quarantine'].includes(accountKind)})`;
  const purse = `'${WORKSPACE}'`;
  await rawSql
    .raw(`insert into workspaces (id, name) values ('${WORKSPACE}', 'Test');
      insert into api_keys (id, workspace_id, name, mode, last_four, secret_hash)
        values ('${KEY}', '${WORKSPACE}', 'k', 'live', 'abcd', decode(repeat('00', 32), 'hex'));
      insert into node_runs (id, node_id) values ('${RUN}', '${newId('node', 0)}');
      insert into ledger_accounts (id, book, kind, workspace_id, purse_id, run_id, bounded) values
        ${account('live:funding', 'funding', 'null', 'null', 'null')},
        ${account('live:revenue', 'revenue', 'null', 'null', 'null')},
        ${account('live:quarantine', 'quarantine', 'null', 'null', 'null')},
        ${account(`live:available:${WORKSPACE}`, 'available', purse, purse, 'null')},
        ${account(`live:lease:${WORKSPACE}:${RUN}`, 'lease', purse, purse, `'${RUN}'`)}`)
    .execute(sql);
  await book(sql, 'grant:g', 'grant', undefined, [
    ['live:funding', -9_000],
    [`live:available:${WORKSPACE}`, 9_000],
  ]);
  await book(sql, 'lease:l', 'lease', undefined, [
    [`live:available:${WORKSPACE}`, -5_000],
    [`live:lease:${WORKSPACE}:${RUN}`, 5_000],
  ]);
}

/** A charge as it was booked then: a settlement of its own, found by its key alone. */
async function chargeOnce(sql: Sql, transactionKind: 'settle' | 'quarantine') {
  const requestId = await addRow(sql, newId('req', 0), 1_000, transactionKind === 'quarantine');
  const transactionId = await book(sql, `settle:${requestId}`, transactionKind, undefined, [
    [`live:lease:${WORKSPACE}:${RUN}`, -1_000],
    [transactionKind === 'settle' ? 'live:revenue' : 'live:quarantine', 1_000],
  ]);
  return { requestId, transactionId };
}

async function addRow(sql: Sql, id: string, charge: number, quarantined: boolean) {
  await rawSql
    .raw(`insert into usage_records select * from json_populate_record(null::usage_records, '{
      "id": "${id}", "workspace_id": "${WORKSPACE}", "key_id": "${KEY}", "book": "live",
      "protocol": "openai-chat", "streamed": false, "in_uncached": 1, "in_cache_read": 0,
      "in_cache_write_5m": 0, "in_cache_write_1h": 0, "in_cache_write_other": 0, "out_text": 1,
      "out_reasoning": 0, "usage_source": "provider", "images": 0, "audio_ms": 0, "characters": 0,
      "search_units": 0, "markup_bps": 0, "provider_cost_nanos": 9, "hold_nanos": 5000,
      "cost_nanos": ${charge}, "charge_nanos": ${charge}, "quarantined": ${quarantined},
      "output_cap_lowered": false, "attempts": 1, "status": 200, "outcome": "completed",
      "duration_ms": 9, "started_at": "2026-11-23T12:00:00Z", "ended_at": "2026-11-23T12:00:01Z",
      "run_id": "${RUN}", "allowances": []}')`)
    .execute(sql);
  return id;
}

async function book(
  sql: Sql,
  key: string,
  transactionKind: string,
  about: string | undefined,
  entries: readonly (readonly [string, number])[],
): Promise<string> {
  const id = newId('txn', Date.now());
  const rows = entries.map(([account, amount]) => `('${id}', '${account}', ${amount})`);
  await rawSql
    .raw(`begin;
      insert into ledger_transactions (id, book, kind, about, idempotency_key) values ('${id}',
        'live', '${transactionKind}', ${about === undefined ? 'null' : `'${about}'`}, '${key}');
      insert into ledger_entries values ${rows.join(', ')};
      commit`)
    .execute(sql);
  return id;
}
