// A small run of a proof, as continuous integration has time for; `npm run prove:money` runs the same
// at full size.

import { expect } from 'vitest';
import type { Findings, Run } from '../../scripts/prove/part.ts';

/** Runs so many rounds from a seed of the moment, and expects them to find nothing. */
export async function expectExact(
  name: string,
  rounds: number,
  prove: (run: Run) => Promise<Findings>,
): Promise<void> {
  const seed = Date.now() % 1_000_000;
  console.info(`${name}: seed ${seed}`);
  const { signal } = new AbortController();
  const { violations, figures } = await prove({ rounds, seed, signal, note: () => undefined });
  for (const figure of figures) console.info(`${name}: ${figure}`);
  expect(violations).toEqual([]);
}
