// A hub that dies at any instant: whatever a client saw end is in the books exactly once, nothing is
// there twice, nothing stays held or leased. Rounds die at seeded moments; the seed is printed.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Database, Sql } from '../../src/db/database.ts';
import {
  expectExactBooks,
  makeCustomer,
  readLeases,
  receiptOf,
  withDatabase,
} from '../faults/world.ts';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Sighting, createRandom, startStreams } from './fleet.ts';

vi.setConfig({ testTimeout: 120_000 });

const STREAMS = 50;
const ROUNDS = 3;
const GRANT_NANOS = 100_000_000_000n;
const SETTLED_MS = 5_000;
const STOPPED_MS = 10_000;

interface Ground {
  readonly env: Readonly<Record<string, string>>;
  readonly url: string | undefined;
  drop(): Promise<void>;
}

async function openGround(kind: Database['kind']): Promise<Ground> {
  const env = { LOG_LEVEL: 'error' };
  if (kind === 'pglite') return { env, url: undefined, drop: async () => undefined };
  const { url, drop } = await createDatabaseUrl();
  return { env: { ...env, DATABASE_URL: url }, url, drop };
}

/** Everything that a client saw end is charged, once. */
async function expectRecorded(hub: Hub, key: string, sightings: readonly Sighting[]) {
  const ended = sightings.filter((sighting) => sighting.ended);
  for (const { requestId } of ended) {
    const receipt = await receiptOf(hub, key, requestId ?? '');
    expect(receipt).toMatchObject({ outcome: 'completed', ledger: { kind: 'settle' } });
    expect(BigInt(receipt.chargeNanos)).toBeGreaterThan(0n);
  }
  return ended.length;
}

/** On PostgreSQL the leases can be seen while the hub runs; the embedded database shows them later. */
async function expectNothingLeased(url: string | undefined): Promise<void> {
  if (url === undefined) return;
  const none = async (sql: Sql): Promise<void> => expect(await readLeases(sql)).toEqual([]);
  await withDatabase('', url, (sql) => vi.waitFor(() => none(sql), { timeout: SETTLED_MS }));
}

for (const { name, available, label } of TEST_DATABASES) {
  describe.skipIf(!available)(`a hub on ${label}`, () => {
    it(`killed during ${STREAMS} streams loses nothing, doubles nothing, keeps nothing`, async () => {
      const seed = Date.now() % 1_000_000;
      console.info(`crash rounds on ${name}: seed ${seed}`);
      const random = createRandom(seed);
      const ground = await openGround(name);
      const first = await startHub({ env: ground.env });
      const { dataDir } = first;
      let hub = first;
      try {
        const { testKey } = await makeCustomer(hub, GRANT_NANOS);
        let ended = 0;
        for (let round = 0; round < ROUNDS; round++) {
          const fleet = startStreams(hub, testKey, STREAMS, random);
          await fleet.ended(1 + Math.floor(random() * (STREAMS - 10)));
          await sleep(random() * 20);
          await hub.kill();
          hub = await startHub({ env: ground.env, dataDir });
          await expectNothingLeased(ground.url);
          ended += await expectRecorded(hub, testKey, await fleet.sightings);
        }
        expect(ended).toBeLessThan(ROUNDS * STREAMS);
        expect(await hub.terminate()).toBe(0);
        await withDatabase(dataDir, ground.url, expectExactBooks);
      } finally {
        await hub.stop();
        await first.stop();
        await ground.drop();
      }
    });

    it('asked to stop lets every running stream end, and leaves with exact books', async () => {
      const ground = await openGround(name);
      const hub = await startHub({ env: ground.env });
      try {
        const { testKey } = await makeCustomer(hub, GRANT_NANOS);
        const fleet = startStreams(hub, testKey, STREAMS, createRandom(1));
        await fleet.begun;
        const code = hub.terminate();
        const sightings = await fleet.sightings;
        const endedMs = performance.now();
        expect(await code).toBe(0);
        // Clients keep their connections for the next request; none comes, and none is waited for.
        expect(performance.now() - endedMs).toBeLessThan(STOPPED_MS);
        expect(sightings.filter((sighting) => sighting.ended)).toHaveLength(STREAMS);
        await withDatabase(hub.dataDir, ground.url, async (sql) => {
          await expectExactBooks(sql);
          const { count } = await sql
            .selectFrom('usage_records')
            .select((eb) => eb.fn.countAll<string>().as('count'))
            .where('outcome', '=', 'completed')
            .executeTakeFirstOrThrow();
          expect(Number(count)).toBe(STREAMS);
        });
      } finally {
        await hub.stop();
        await ground.drop();
      }
    });
  });
}
