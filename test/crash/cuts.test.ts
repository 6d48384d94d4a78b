// The database goes away under load and comes back; what is leased carries the load meanwhile.

import { describe, it, vi } from 'vitest';
import { runCuts } from '../../scripts/prove/cuts.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { expectExact } from './run.ts';

vi.setConfig({ testTimeout: 180_000 });

const ROUNDS = 2;
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`outages of the database under load: ${label}`, () => {
  it('stop nothing that leases pay for, and leave every answer booked once', () =>
    expectExact('outages', ROUNDS, runCuts));
});
