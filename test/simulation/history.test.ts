// Whole histories in simulated time, on both databases; `npm run prove:money` lives through many more.

import { describe, expect, it, vi } from 'vitest';
import { TEST_DATABASES } from '../support/databases.ts';
import { openSimulatedDatabase } from './database.ts';
import { liveHistory } from './history.ts';

vi.setConfig({ testTimeout: 120_000 });

for (const { name, available, label } of TEST_DATABASES) {
  describe.skipIf(!available)(`histories on ${label}`, () => {
    it('with crashes, cuts, pauses, clock jumps and refunds end with exact books', async () => {
      const seed = Date.now() % 1_000_000;
      console.info(`a history on ${name}: seed ${seed}`);
      const database = await openSimulatedDatabase(name);
      try {
        const { counts } = await liveHistory({ database, seed, operations: 20_000 });
        expect(counts).toMatchObject({ request: expect.any(Number), kill: expect.any(Number) });
      } finally {
        await database.drop();
      }
    });
  });
}
