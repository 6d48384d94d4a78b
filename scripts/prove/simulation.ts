// The simulated part: histories of customers, nodes and everything that can go wrong, each from a seed
// of its own on a fresh PostgreSQL database, until so many operations have been lived through.

import { openSimulatedDatabase } from '../../test/simulation/database.ts';
import { liveHistory } from '../../test/simulation/history.ts';
import type { Findings, Run } from './part.ts';

/** Long enough for dozens of faults in one history, short enough to live it through again. */
const HISTORY_OPERATIONS = 100_000;

export async function runSimulation({ rounds, seed, signal, note }: Run): Promise<Findings> {
  const violations: string[] = [];
  const totals = new Map<string, number>();
  let operations = 0;
  let histories = 0;
  let lateCharges = 0;
  while (operations < rounds && violations.length === 0) {
    signal.throwIfAborted();
    const size = Math.min(HISTORY_OPERATIONS, rounds - operations);
    const database = await openSimulatedDatabase('postgres');
    try {
      const history = await liveHistory({ database, seed: seed + histories, operations: size });
      operations += history.operations;
      lateCharges += history.lateCharges;
      for (const [what, count] of Object.entries(history.counts)) {
        totals.set(what, (totals.get(what) ?? 0) + count);
      }
    } catch (error) {
      violations.push((error as Error).message);
    } finally {
      await database.drop();
    }
    histories += 1;
    note(`${operations} of ${rounds} operations, ${histories} histories`);
  }
  const counts = [...totals].sort(([, a], [, b]) => b - a).map(([what, n]) => `${what} ${n}`);
  const figures = [
    `${operations} operations in ${histories} histories: ${counts.join(', ')}`,
    `${lateCharges} charges of nodes that were given up, borne by the hub`,
  ];
  return { violations, figures };
}
