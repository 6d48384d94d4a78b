// A customer's money over three nodes: it follows him from one to the next within a second, and a
// node that is dead or cut off keeps none of it.

import { describe, it, vi } from 'vitest';
import { runDeadNodes } from '../../scripts/prove/dead-nodes.ts';
import { runLastDollar } from '../../scripts/prove/last-dollar.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { expectExact } from './run.ts';

vi.setConfig({ testTimeout: 180_000 });

const TRIES = 20;
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`three nodes on ${label}`, () => {
  it('pass the last dollar on within a second, and idle money back within five', () =>
    expectExact('last dollar', TRIES, (run) => runLastDollar(run, TRIES)));

  it('give back what a dead or lonely node had leased, and book what it had answered once', () =>
    expectExact('dead nodes', 1, runDeadNodes));
});
