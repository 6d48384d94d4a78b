import { appendFile, cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { Sql } from '../../src/db/database.ts';
import { type Drain, GATHER_MS } from '../../src/journal/drain.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { readRefused } from '../../src/journal/quarantine.ts';
import { type UsageRecord, encodeRecord } from '../../src/usage/record.ts';
import { balanceOf, expectBooksInOrder } from '../ledger/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import {
  CHARGE_NANOS,
  type Payer,
  appendAll,
  drainInto,
  idsOf,
  makeFolder,
  openPayer,
} from './world.ts';

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`the drain into ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    let made: Awaited<ReturnType<typeof makeFolder>>;
    let folder: string;
    let payer: Payer;
    const troubles: string[] = [];
    const running: { drain: Drain; journal: Journal }[] = [];

    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
    });
    afterAll(() => open.drop());
    beforeEach(async () => {
      made = await makeFolder();
      folder = made.folder;
      payer = await openPayer(sql, 1_000_000n);
      troubles.length = 0;
    });
    afterEach(async () => {
      for (const { drain, journal } of running.splice(0)) {
        await drain.close();
        await journal.close();
      }
      await made[Symbol.asyncDispose]();
    });

    async function start(of: string = folder) {
      const journal = await openJournal(of);
      const drain = drainInto(open.database, journal, payer.nodeId, troubles);
      running.push({ drain, journal });
      return { journal, drain };
    }

    async function stop({ drain, journal }: { drain: Drain; journal: Journal }) {
      running.length = 0;
      await drain.close();
      await journal.close();
    }

    const recordWith = (fields: Partial<UsageRecord> = {}): UsageRecord => payer.record(fields);
    const rowsOf = () =>
      sql
        .selectFrom('usage_records')
        .selectAll()
        .where('workspace_id', '=', payer.workspaceId)
        .execute();
    const leased = () => payer.leasedNanos();
    const left = (count: number): bigint => 1_000_000n - BigInt(count) * CHARGE_NANOS;
    const setPosition = (segment: bigint, position: bigint) =>
      sql
        .updateTable('journal_positions')
        .set({ segment, position })
        .where('node_id', '=', payer.nodeId)
        .execute();

    test('what comes while a batch is booked waits for the next one', async () => {
      const { journal, drain } = await start();
      const beganMs = performance.now();
      let sent = 0;
      for (; performance.now() - beganMs < 1_000; sent++) {
        await journal.append(encodeRecord(recordWith({ chargeNanos: 1n, costNanos: 1n })));
      }
      await drain.flush();
      const rows = await rowsOf();
      expect(rows).toHaveLength(sent);
      const batches = new Set(rows.map((row) => row.settlement_id)).size;
      const gathered = Math.ceil((performance.now() - beganMs) / GATHER_MS);
      // A batch takes 1 000 at the most; the first comes at once, and `flush` does not wait for its own.
      expect(batches).toBeLessThanOrEqual(gathered + Math.ceil(sent / 1_000) + 2);
    });

    test('books records and their charges once, and removes what it has drained', async () => {
      const { journal, drain } = await start();
      const records = Array.from({ length: 1_200 }, () => recordWith());
      await Promise.all(records.map((record) => journal.append(encodeRecord(record))));
      await drain.flush();
      expect((await rowsOf()).map((row) => row.id).sort()).toEqual(
        records.map((record) => record.id).sort(),
      );
      expect(await leased()).toBe(1_000_000n - 1_200n * 56n);
      await expectBooksInOrder(sql);
    });

    test('a row holds exactly what the record said', async () => {
      const { journal, drain } = await start();
      const record = recordWith({ firstByteMs: null, errorCode: 'upstream_broke_off' });
      await journal.append(encodeRecord(record));
      await drain.flush();
      const [row] = await rowsOf();
      expect(row).toMatchObject({
        id: record.id,
        in_uncached: 3n,
        out_text: 5n,
        charge_nanos: 56n,
        first_byte_ms: null,
        error_code: 'upstream_broke_off',
        started_at: new Date(record.startedAtMs),
        ip: '192.0.2.7',
      });
    });

    test('reading the same journal again books nothing again', async () => {
      const first = await start();
      await first.journal.append(encodeRecord(recordWith()));
      await first.drain.flush();
      await first.drain.close();
      await setPosition(0n, 0n);
      const second = await start();
      await second.drain.flush();
      expect(await rowsOf()).toHaveLength(1);
      expect(await leased()).toBe(1_000_000n - 56n);
    });

    test('says so when another moved its position, and books nothing twice', async () => {
      const { journal, drain } = await start();
      await journal.append(encodeRecord(recordWith()));
      await drain.flush();
      await setPosition(0n, 0n);
      await journal.append(encodeRecord(recordWith()));
      await drain.flush();
      expect(troubles).toEqual(['stalled', 'journal_position_moved']);
      expect(await rowsOf()).toHaveLength(2);
      expect(await leased()).toBe(1_000_000n - 2n * 56n);
    });

    test('a record that was journalled twice is charged once', async () => {
      const { journal, drain } = await start();
      const line = encodeRecord(recordWith());
      await Promise.all([journal.append(line), journal.append(line)]);
      await drain.flush();
      await journal.append(line);
      await drain.flush();
      expect(await rowsOf()).toHaveLength(1);
      expect(await leased()).toBe(1_000_000n - 56n);
    });

    test('a position that another moved ahead does not carry it past its own records', async () => {
      const { journal, drain } = await start();
      await journal.append(encodeRecord(recordWith()));
      expect(await drain.flush()).toBe(true);
      await setPosition(900n, 12_345n);
      await journal.append(encodeRecord(recordWith()));
      await drain.flush();
      expect(troubles).toEqual(['stalled', 'journal_position_moved']);
      expect(await rowsOf()).toHaveLength(2);
    });

    test('a folder that is not the one that was drained is drained from its beginning', async () => {
      const first = await start();
      await appendAll(first.journal, [recordWith(), recordWith()]);
      await first.drain.flush();
      await stop(first);
      await using empty = await makeFolder();
      const second = await start(empty.folder);
      await second.drain.flush();
      await second.journal.append(encodeRecord(recordWith()));
      await second.drain.flush();
      expect(troubles).toEqual(['journal_replaced']);
      expect(await rowsOf()).toHaveLength(3);
      expect(await leased()).toBe(left(3));
      await stop(second);
    });

    test('a backup copy of the folder put in its place books nothing twice', async () => {
      const first = await start();
      const records = Array.from({ length: 40 }, () => recordWith());
      await appendAll(first.journal, records.slice(0, 20));
      await first.journal.close();
      await using backup = await makeFolder();
      await cp(folder, backup.folder, { recursive: true });
      await first.drain.flush();
      await stop(first);
      const second = await start();
      await appendAll(second.journal, records.slice(20));
      await second.drain.flush();
      await stop(second);
      const third = await start(backup.folder);
      await third.drain.flush();
      await appendAll(third.journal, [records[0]!, records[39]!]);
      await third.drain.flush();
      expect(await payer.booked()).toEqual(idsOf(records));
      expect(await leased()).toBe(left(40));
      await stop(third);
    });

    test('refused records are tried again when asked, and are gone once they are booked', async () => {
      const { journal, drain } = await start();
      const keyId = newId('key', 1);
      const poisoned = [recordWith({ keyId }), recordWith({ keyId })];
      await appendAll(journal, poisoned);
      await journal.append('this is no record');
      await drain.flush();
      expect(await drain.troubles()).toMatchObject({ refusedRecords: 3 });
      await sql
        .insertInto('api_keys')
        .columns(['id', 'workspace_id', 'name', 'mode', 'last_four', 'secret_hash'])
        .expression((from) =>
          from
            .selectFrom('api_keys')
            .select(({ val }) => [
              val(keyId).as('id'),
              'workspace_id',
              'name',
              'mode',
              'last_four',
              val(Buffer.alloc(32, payer.workspaceId)).as('secret_hash'),
            ])
            .where('id', '=', recordWith().keyId),
        )
        .execute();
      expect(await drain.retryRefused()).toBe(3);
      await drain.flush();
      expect(await payer.booked()).toEqual(idsOf(poisoned));
      expect(await leased()).toBe(left(2));
      expect(await readRefused(folder)).toEqual(['this is no record']);
    });

    test('a flush says whether it was drained when the drain stops before that', async () => {
      const { journal, drain } = await start();
      await drain.close();
      await journal.append(encodeRecord(recordWith()));
      expect(await drain.flush()).toBe(false);
      expect(await rowsOf()).toHaveLength(0);
    });

    test('a crash between two starts loses nothing and doubles nothing', async () => {
      const first = await start();
      await first.journal.append(encodeRecord(recordWith()));
      await first.drain.flush();
      await first.drain.close();
      await first.journal.append(encodeRecord(recordWith()));
      await first.journal.close();
      running.length = 0;
      const [name] = await readdir(folder);
      await appendFile(join(folder, name ?? ''), 'deadbeef 00001f {"torn":');
      const second = await start();
      await second.drain.flush();
      expect(await rowsOf()).toHaveLength(2);
      expect(await leased()).toBe(1_000_000n - 2n * 56n);
      expect(troubles).toEqual(['torn_record_ignored']);
    });

    test('a charge that waits for review leaves the lease but is not revenue', async () => {
      const before = await balanceOf(sql, 'live:revenue');
      const { journal, drain } = await start();
      await journal.append(
        encodeRecord(recordWith({ quarantined: true, usageSource: 'unreadable' })),
      );
      await drain.flush();
      expect(await balanceOf(sql, 'live:quarantine')).toBe(56n);
      expect(await balanceOf(sql, 'live:revenue')).toBe(before);
      expect(await leased()).toBe(1_000_000n - 56n);
    });

    test('a record that the database refuses is kept aside and holds up no other', async () => {
      const { journal, drain } = await start();
      const poisoned = recordWith({ keyId: newId('key', 1) });
      const good = [recordWith(), recordWith()];
      await Promise.all(
        [good[0]!, poisoned, good[1]!].map((record) => journal.append(encodeRecord(record))),
      );
      await drain.flush();
      expect((await rowsOf()).map((row) => row.id).sort()).toEqual(
        good.map((record) => record.id).sort(),
      );
      expect(troubles).toEqual(['record_refused']);
      expect(await readRefused(folder)).toEqual([encodeRecord(poisoned)]);
      expect(await drain.troubles()).toMatchObject({ refusedRecords: 1 });
    });
  });
}
