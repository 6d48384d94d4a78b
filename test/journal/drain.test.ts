import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { NO_TOKENS } from '../../src/chat/usage.ts';
import type { Sql } from '../../src/db/database.ts';
import { type Drain, startDrain } from '../../src/journal/drain.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { leaseAccount } from '../../src/ledger/accounts.ts';
import { takeLease } from '../../src/ledger/leases.ts';
import { type UsageRecord, encodeRecord } from '../../src/usage/record.ts';
import { balanceOf, expectBooksInOrder, makeWorkspace } from '../ledger/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`the drain into ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    let folder: string;
    let workspaceId: string;
    let keyId: string;
    let nodeId: string;
    const troubles: string[] = [];
    const running: { drain: Drain; journal: Journal }[] = [];

    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
    });
    afterAll(() => open.drop());
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'hub-drain-'));
      workspaceId = await makeWorkspace(sql, 1_000_000n);
      nodeId = newId('node', Date.now());
      keyId = newId('key', Date.now());
      const hash = Buffer.alloc(32, keyId);
      await sql
        .insertInto('api_keys')
        .values({
          id: keyId,
          workspace_id: workspaceId,
          name: 'k',
          mode: 'live',
          last_four: 'abcd',
          secret_hash: hash,
          created_by: null,
          revoked_at: null,
        })
        .execute();
      await takeLease(sql, { book: 'live', workspaceId, nodeId }, newId('txn', 0), 1_000_000n, 0);
      troubles.length = 0;
    });
    afterEach(async () => {
      for (const { drain, journal } of running.splice(0)) {
        await drain.close();
        await journal.close();
      }
      await rm(folder, { recursive: true, force: true });
    });

    async function start() {
      const journal = await openJournal(folder);
      const drain = startDrain(open.database, journal, nodeId, systemClock, {
        drained: () => undefined,
        trouble: (what) => void troubles.push(what),
        stalled: () => void troubles.push('stalled'),
      });
      running.push({ drain, journal });
      return { journal, drain };
    }

    const recordWith = (fields: Partial<UsageRecord> = {}): UsageRecord => ({
      id: newId('req', Date.now()),
      workspaceId,
      keyId,
      book: 'live',
      protocol: 'openai-chat',
      streamed: true,
      modelAsked: 'sandbox/echo',
      modelServed: 'sandbox/echo',
      provider: 'sandbox',
      tokens: { ...NO_TOKENS, inUncached: 3, outText: 5 },
      usageSource: 'provider',
      priceId: null,
      holdNanos: 100n,
      costNanos: 56n,
      chargeNanos: 56n,
      quarantined: false,
      outputCap: 10,
      outputCapLowered: false,
      attempts: 1,
      status: 200,
      outcome: 'completed',
      errorCode: null,
      firstByteMs: 4,
      durationMs: 9,
      startedAtMs: 1_700_000_000_000,
      endedAtMs: 1_700_000_000_009,
      ip: '192.0.2.7',
      ...fields,
    });

    const rowsOf = () =>
      sql.selectFrom('usage_records').selectAll().where('workspace_id', '=', workspaceId).execute();
    const leased = () => balanceOf(sql, leaseAccount('live', workspaceId, nodeId).id);

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
      await sql
        .updateTable('journal_positions')
        .set({ segment: 0n, position: 0n })
        .where('node_id', '=', nodeId)
        .execute();
      const second = await start();
      await second.drain.flush();
      expect(await rowsOf()).toHaveLength(1);
      expect(await leased()).toBe(1_000_000n - 56n);
    });

    test('says that it stalls when another moved its position, and then goes on from there', async () => {
      const { journal, drain } = await start();
      await journal.append(encodeRecord(recordWith()));
      await drain.flush();
      await sql
        .updateTable('journal_positions')
        .set({ segment: 0n, position: 0n })
        .where('node_id', '=', nodeId)
        .execute();
      await journal.append(encodeRecord(recordWith()));
      await drain.flush();
      expect(troubles).toEqual(['stalled']);
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

    test('a crash between two starts loses nothing and doubles nothing', async () => {
      const first = await start();
      await first.journal.append(encodeRecord(recordWith()));
      await first.drain.flush();
      await first.drain.close();
      await first.journal.append(encodeRecord(recordWith()));
      await first.journal.close();
      running.length = 0;
      const [name] = await readdir(folder);
      await appendFile(join(folder, name ?? ''), 'deadbeef {"torn":');
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
      expect(await readFile(join(folder, 'refused.records'), 'utf8')).toContain(poisoned.id);
    });
  });
}
