// Whole histories in simulated time, on both databases; `npm run prove:money` lives through many more.

import { describe, expect, it, vi } from 'vitest';
import { TEST_DATABASES } from '../support/databases.ts';
import { openSimulatedDatabase } from './database.ts';
import { type History, liveHistory } from './history.ts';

vi.setConfig({ testTimeout: 240_000 });

const OPERATIONS = 20_000;

async function live(
  kind: 'pglite' | 'postgres',
  seed: number,
  operations: number,
): Promise<History> {
  const database = await openSimulatedDatabase(kind);
  try {
    return await liveHistory({ database, seed, operations });
  } finally {
    await database.drop();
  }
}

for (const { name, available, label } of TEST_DATABASES) {
  describe.skipIf(!available)(`histories on ${label}`, () => {
    it('with crashes, cuts, pauses, clock jumps and refunds end with exact books', async () => {
      const seed = Date.now() % 1_000_000;
      console.info(`a history on ${name}: seed ${seed}`);
      const { counts, operations } = await live(name, seed, OPERATIONS);
      expect(operations).toBeGreaterThanOrEqual(OPERATIONS);
      expect(counts['settlement']).toBeGreaterThan(0);
    });
  });
}

const postgres = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

it.skipIf(!postgres.available)(
  `a history is the same for the same seed: ${postgres.label}`,
  async () => {
    expect(await live('postgres', 7, 5_000)).toEqual(await live('postgres', 7, 5_000));
  },
);
