// `npm run prove:money [-- --part NAME] [--rounds N] [--seed N]`: that the money is exact, shown by
// real processes, real databases and generated histories. Without arguments all parts run at full
// size, which takes about an hour; the table at the end says what was run and what was found.

import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setup } from '../../test/support/global-setup.ts';
import { runCuts } from './cuts.ts';
import { runFloods } from './floods.ts';
import { runKills, runTerms } from './kills.ts';
import { runNodes } from './nodes.ts';
import type { Findings, Part, Run } from './part.ts';
import { provePrices } from './prices.ts';
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
const NOTE_EVERY_MS = 60_000;
const INTERRUPTED = 130;
const SAME_SIGNAL_MS = 1_000;
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

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const order = readOrder(args);
  if (!order) {
    const names = PARTS.map(({ name }) => name).join(' | ');
    process.stderr.write(
      `Usage: npm run prove:money -- [--part ${names}] [--rounds N] [--seed N]\n`,
    );
    return 2;
  }
  const abort = listenForStop();
  const teardown = await setup();
  try {
    const rows: Row[] = [];
    for (const part of order.parts) {
      if (abort.signal.aborted) break;
      rows.push(await runPart(part, order, abort.signal));
    }
    process.stdout.write(`${tableOf(rows)}\n`);
    if (abort.signal.aborted) return INTERRUPTED;
    return rows.every((row) => row.verdict === 'exact') ? 0 : 1;
  } finally {
    await teardown();
  }
}

/** The first signal ends the run after what it is at; a later one ends it where it stands. */
function listenForStop(): AbortController {
  const abort = new AbortController();
  let firstMs: number | undefined;
  const stop = (): void => {
    // From a keyboard it comes twice: to the process group and through the launcher.
    if (firstMs !== undefined && performance.now() - firstMs > SAME_SIGNAL_MS) {
      process.exit(INTERRUPTED);
    }
    firstMs ??= performance.now();
    if (!abort.signal.aborted) say('stopping; once more to stop at once');
    abort.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  return abort;
}

interface Order {
  readonly parts: readonly Part[];
  readonly rounds: number | undefined;
  readonly seed: number;
}

/** Undefined where the arguments are not what this program takes. */
function readOrder(args: readonly string[]): Order | undefined {
  const text = { type: 'string' } as const;
  const options = { part: { ...text, multiple: true }, rounds: text, seed: text } as const;
  try {
    const { part, rounds, seed } = parseArgs({ args: [...args], options }).values;
    const parts = PARTS.filter(({ name }) => part?.includes(name) ?? true);
    const known = new Set(PARTS.map(({ name }) => name));
    if (part?.some((name) => !known.has(name))) return undefined;
    const numbers = [rounds, seed].filter((value) => value !== undefined);
    if (numbers.some((value) => !/^[1-9]\d{0,8}$/.test(value))) return undefined;
    return {
      parts,
      rounds: rounds === undefined ? undefined : Number(rounds),
      seed: seed === undefined ? 1 + (Date.now() % 1_000_000) : Number(seed),
    };
  } catch {
    return undefined;
  }
}

interface Row {
  readonly part: string;
  readonly size: string;
  readonly seed: number;
  readonly seconds: number;
  readonly verdict: string;
}

async function runPart(part: Part, order: Order, signal: AbortSignal): Promise<Row> {
  const rounds = order.rounds ?? part.fullRounds;
  const size = `${rounds} ${part.unit}`;
  const startedMs = performance.now();
  const elapsed = (): number => Math.round((performance.now() - startedMs) / 1_000);
  say(`${part.name}: ${size}, seed ${order.seed}`);
  let latest = 'under way';
  const ticker = setInterval(() => say(`${part.name}: ${latest} (${elapsed()} s)`), NOTE_EVERY_MS);
  const note = (line: string): void => void (latest = line);
  const findings = await part.run({ rounds, seed: order.seed, signal, note }).catch(
    (error: unknown): Findings => ({
      violations: signal.aborted ? [] : [`broke off: ${(error as Error).stack}`],
      figures: [],
    }),
  );
  clearInterval(ticker);
  for (const figure of findings.figures) say(`  ${figure}`);
  for (const violation of findings.violations.slice(0, MOST_SHOWN)) say(`  VIOLATION ${violation}`);
  const { length } = findings.violations;
  const clean = signal.aborted ? 'interrupted' : 'exact';
  const verdict = length === 0 ? clean : `${length} violations`;
  return { part: part.name, size, seed: order.seed, seconds: elapsed(), verdict };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function tableOf(rows: readonly Row[]): string {
  const heads = ['part', 'size', 'seed', 'seconds', 'verdict'] as const;
  const lines = [heads, ...rows.map((row) => heads.map((head) => String(row[head])))];
  const widths = heads.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
