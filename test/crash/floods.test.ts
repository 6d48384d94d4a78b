// Floods over two nodes: 500 requests at once on funds for ten, a fresh customer each round.

import { describe, it, vi } from 'vitest';
import { runFloods } from '../../scripts/prove/floods.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { expectExact } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

const ROUNDS = 6;
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`floods over two nodes on ${label}`, () => {
  it('never spend more than there is, and all of it where every answer costs its worst', () =>
    expectExact('floods', ROUNDS, runFloods));
});
