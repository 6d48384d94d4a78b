// From the start of a program to its first answer. Whatever it keeps (data folder, database) is
// there from an earlier life, as at any restart.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Measured } from './measured.ts';
import type { ColdStartReport } from './report.ts';
import { reasonOf, say } from './stage.ts';

const POLL_MS = 2;
const PATIENCE_MS = 60_000;

export async function measureColdStarts(
  subjects: readonly Measured[],
  rounds: number,
): Promise<ColdStartReport[]> {
  const able = subjects.filter(({ running }) => running.restart !== undefined);
  const found = able.map(({ subject }) => ({
    subject: subject.name,
    millis: [] as number[],
    failed: undefined as string | undefined,
  }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, measured] of able.entries()) {
      const row = found[i];
      if (!row || row.failed !== undefined) continue;
      try {
        row.millis.push(await startOnce(measured));
        say(`  cold start ${row.subject}: ${row.millis.at(-1)?.toFixed(0)} ms`);
      } catch (error) {
        row.failed = reasonOf(error);
      }
    }
  }
  return found.map(({ failed, ...row }) => ({ ...row, ...(failed !== undefined && { failed }) }));
}

async function startOnce(measured: Measured): Promise<number> {
  await measured.running.restart?.();
  const spawnedMs = performance.now();
  while (!(await measured.askOnce())) {
    if (performance.now() - spawnedMs > PATIENCE_MS) throw new Error('It did not answer again.');
    await sleep(POLL_MS);
  }
  return performance.now() - spawnedMs;
}
