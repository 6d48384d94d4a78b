// The drain in a thread of its own: it books what the gateway's thread appends, tells what it meets,
// and begins again when it dies.

import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import type { Drain } from '../../src/journal/drain.ts';
import { startDrainThread } from '../../src/journal/drain-thread.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { expectBooksInOrder } from '../ledger/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { CHARGE_NANOS, type Payer, appendAll, idsOf, makeFolder, openPayer } from './world.ts';

const LEASED_NANOS = 1_000_000n;
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`the drain in a thread: ${label}`, () => {
  let open: OpenTestDatabase;
  let made: Awaited<ReturnType<typeof makeFolder>>;
  let payer: Payer;
  let journal: Journal;
  let drain: Drain;
  let worker: Worker;
  const troubles: string[] = [];
  const news = new Set<string>();
  beforeEach(async () => {
    open = await openTestDatabase('postgres');
    made = await makeFolder();
    payer = await openPayer(open.database.sql, LEASED_NANOS);
    journal = await openJournal(made.folder);
    troubles.length = 0;
    news.clear();
    const begun = once(process, 'worker') as Promise<[Worker]>;
    drain = startDrainThread(open.url!, journal, payer.nodeId, {
      drained: (ids) => ids.forEach((id) => news.add(id)),
      trouble: (what) => void troubles.push(what),
      stalled: () => void troubles.push('stalled'),
    });
    [worker] = await begun;
  });
  afterEach(async () => {
    await drain.close();
    await journal.close();
    await expectBooksInOrder(open.database.sql);
    await open.drop();
    await made[Symbol.asyncDispose]();
  });

  test('books what is appended, whether somebody waits for it or not', async () => {
    const records = Array.from({ length: 1_500 }, () => payer.record());
    await appendAll(journal, records.slice(0, 1_000));
    expect(await drain.flush()).toBe(true);
    expect(await payer.booked()).toEqual(idsOf(records.slice(0, 1_000)));
    expect([...news]).toEqual([payer.workspaceId]);
    for (const record of records.slice(1_000, 1_010)) await appendAll(journal, [record]);
    await appendAll(journal, records.slice(1_010));
    await expect.poll(() => payer.booked(), { timeout: 10_000 }).toEqual(idsOf(records));
    expect(await payer.leasedNanos()).toBe(LEASED_NANOS - 1_500n * CHARGE_NANOS);
    expect(troubles).toEqual([]);
  });

  test('keeps what is refused, counts it, and tries it again when asked', async () => {
    const good = payer.record();
    await appendAll(journal, [payer.record({ keyId: newId('key', 1) }), good]);
    expect(await drain.flush()).toBe(true);
    expect(troubles).toEqual(['record_refused']);
    expect(await drain.troubles()).toMatchObject({ refusedRecords: 1 });
    expect(await drain.retryRefused()).toBe(1);
    expect(await drain.flush()).toBe(true);
    expect(await drain.troubles()).toMatchObject({ refusedRecords: 1 });
    expect(await payer.booked()).toEqual([good.id]);
  });

  test('goes on in another thread when it dies, and answers who waited', async () => {
    const records = Array.from({ length: 300 }, () => payer.record());
    await appendAll(journal, records);
    const flushed = drain.flush();
    await worker.terminate();
    expect(await flushed).toBe(true);
    expect(await payer.booked()).toEqual(idsOf(records));
    expect(await payer.leasedNanos()).toBe(LEASED_NANOS - 300n * CHARGE_NANOS);
  });

  test('says no to who waits when it has stopped', async () => {
    await drain.close();
    await appendAll(journal, [payer.record()]);
    expect(await drain.flush()).toBe(false);
    expect(await payer.booked()).toEqual([]);
  });
});
