// A hub that dies or is asked to stop at any instant of a load that never pauses: whatever a client
// saw end is in the books exactly once, nothing is there twice, nothing stays held or leased.

import { describe, it, vi } from 'vitest';
import { CLIENTS, EMBEDDED, PAIR, runKills, runTerms } from '../../scripts/prove/kills.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { expectExact } from './run.ts';

vi.setConfig({ testTimeout: 180_000 });

const ROUNDS = 2;

for (const { name, available, label } of TEST_DATABASES) {
  const worlds = [name === 'pglite' ? EMBEDDED : PAIR];
  describe.skipIf(!available)(`a hub on ${label}`, () => {
    it(`killed during ${CLIENTS} streams loses nothing, doubles nothing, keeps nothing`, () =>
      expectExact(`kills on ${name}`, ROUNDS, (run) => runKills(run, worlds)));

    it('asked to stop lets every running stream end, and leaves with exact books', () =>
      expectExact(`stops on ${name}`, 1, (run) => runTerms(run, worlds)));
  });
}
