// `npm run prove:money [-- --part NAME] [--rounds N] [--seed N]`: that the money is exact, shown by
// real processes, real databases and generated histories. Without arguments all parts run at full
// size, which takes about an hour; the table at the end says what was run and what was found.

import { setImmediate } from 'node:timers/promises';
import { runCuts } from './cuts.ts';
import { runFloods } from './floods.ts';
import { runKills, runTerms } from './kills.ts';
import { runNodes } from './nodes.ts';
import type { Findings, Part, Run } from './part.ts';
import { provePrices } from './prices.ts';
import { runProof } from './program.ts';
import { runSimulation } from './simulation.ts';

const PARTS: readonly Part[] = [
  { name: 'simulation', unit: 'operations', fullRounds: 10_000_000, run: runSimulation },
  { name: 'prices', unit: 'usages', fullRounds: 10_000_000, run: runPrices },
  { name: 'floods', unit: 'floods', fullRounds: 1_000, run: runFloods },
  { name: 'kills', unit: 'kill -9', fullRounds: 200, run: runKills },
  { name: 'terms', unit: 'SIGTERM', fullRounds: 50, run: runTerms },
  { name: 'cuts', unit: 'outages', fullRounds: 20, run: runCuts },
  { name: 'nodes', unit: 'rounds', fullRounds: 10, run: runNodes },
];

/** Usages that are priced before anybody else gets a turn. */
const PRICES_AT_ONCE = 50_000;
const MOST_SHOWN = 20;

async function runPrices({ rounds, seed, signal, note }: Run): Promise<Findings> {
  const violations: string[] = [];
  for (let done = 0; done < rounds && violations.length < MOST_SHOWN; done += PRICES_AT_ONCE) {
    signal.throwIfAborted();
    const count = Math.min(PRICES_AT_ONCE, rounds - done);
    violations.push(...provePrices(count, seed + done).differences);
    note(`${done + count} of ${rounds} usages`);
    await setImmediate();
  }
  return { violations, figures: [] };
}

process.exitCode = await runProof('money', PARTS, process.argv.slice(2));
