// What runs the parts of a proof from the command line: which of them, how large, from which seed; what
// was run and what was found stands in a table at the end.

import { parseArgs } from 'node:util';
import { setup } from '../../test/support/global-setup.ts';
import type { Findings, Part } from './part.ts';

const NOTE_EVERY_MS = 60_000;
const INTERRUPTED = 130;
const SAME_SIGNAL_MS = 1_000;
const MOST_SHOWN = 20;

/** `name`: behind `npm run prove:`. Resolves with the exit code. */
export async function runProof(
  name: string,
  parts: readonly Part[],
  args: readonly string[],
): Promise<number> {
  const order = readOrder(args, parts);
  if (!order) {
    const names = parts.map((part) => part.name).join(' | ');
    say(`Usage: npm run prove:${name} -- [--part ${names}] [--rounds N] [--seed N]`);
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
function readOrder(args: readonly string[], all: readonly Part[]): Order | undefined {
  const text = { type: 'string' } as const;
  const options = { part: { ...text, multiple: true }, rounds: text, seed: text } as const;
  try {
    const { part, rounds, seed } = parseArgs({ args: [...args], options }).values;
    const parts = all.filter(({ name }) => part?.includes(name) ?? true);
    const known = new Set(all.map(({ name }) => name));
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
