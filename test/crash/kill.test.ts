// A hub that dies at any instant: whatever a client saw end is in the books exactly once, nothing is
// there twice, nothing stays held or leased. Rounds die at seeded moments; the seed is printed.

import { describe, expect, it, vi } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import {
  type Customer,
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
const LONGEST_MS = 1_500;
const GRANT_NANOS = 100_000_000_000n;
const SETTLED_WITHIN_MS = 5_000;

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

/** Everything that a client saw end is charged, once it is asked for. */
async function expectAllRecorded(hub: Hub, key: string, sightings: readonly Sighting[]) {
  const ended = sightings.filter(({ ended }) => ended);
  for (const { requestId } of ended) {
    const receipt = await receiptOf(hub, key, requestId ?? '');
    expect(receipt.outcome).toBe('completed');
    expect(BigInt(receipt.chargeNanos)).toBeGreaterThan(0n);
    expect(receipt.ledger?.kind).toBe('settle');
  }
  return ended.length;
}

async function expectNothingLeased(url: string): Promise<void> {
  await withDatabase('', url, (sql) =>
    vi.waitFor(async () => expect(await readLeases(sql)).toEqual([]), {
      timeout: SETTLED_WITHIN_MS,
      interval: 100,
    }),
  );
}

for (const { name, available, label } of TEST_DATABASES) {
  describe.skipIf(!available)(`a hub on ${label}`, () => {
    it(`killed during ${STREAMS} streams loses nothing, doubles nothing, keeps nothing`, async () => {
      const seed = Date.now() % 1_000_000;
      console.info(`crash rounds on ${name}: seed ${seed}`);
      const random = createRandom(seed);
      const ground = await openGround(name);
      let hub = await startHub({ env: ground.env });
      const { dataDir } = hub;
      try {
        const customer: Customer = await makeCustomer(hub, GRANT_NANOS);
        const seen: Sighting[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          const running = startStreams(hub, customer.testKey, STREAMS, random);
          const aimMs = 100 + random() * (LONGEST_MS - 100);
          await new Promise((resolve) => setTimeout(resolve, aimMs));
          await hub.kill();
          seen.push(...(await running));
          hub = await startHub({ env: ground.env, dataDir });
          if (ground.url !== undefined) await expectNothingLeased(ground.url);
          await expectAllRecorded(hub, customer.testKey, seen);
        }
        expect(seen).toHaveLength(ROUNDS * STREAMS);
        expect(await hub.terminate()).toBe(0);
        await withDatabase(dataDir, ground.url, expectExactBooks);
      } finally {
        await hub.stop();
        await removeFolder(dataDir);
        await ground.drop();
      }
    });
  });
}
