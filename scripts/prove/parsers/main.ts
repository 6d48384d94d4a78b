// `npm run prove:parsers [-- --part answers | heads] [--count N] [--seed N]`: that the hub's own
// parsers of HTTP read nothing otherwise than node's, shown with generated and mutated messages.

import { parseArgs } from 'node:util';
import type { Findings } from '../part.ts';

type Prove = (count: number, seed: number) => Findings;

/** Loaded when they are run: a part stands and falls with the parser that it is about. */
const PARTS: Readonly<Record<string, () => Promise<Prove>>> = {
  answers: async () => (await import('./answers.ts')).proveAnswers,
  heads: async () => (await import('./heads.ts')).proveHeads,
};
const FULL_COUNT = 50_000_000;
const AT_ONCE = 250_000;
const NOTE_EVERY_MS = 60_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const order = readOrder(args);
  if (!order) {
    const names = Object.keys(PARTS).join(' | ');
    say(`Usage: npm run prove:parsers -- [--part ${names}] [--count N] [--seed N]`);
    return 2;
  }
  let isExact = true;
  for (const part of order.parts) {
    isExact = (await runPart(part, order.count, order.seed)) && isExact;
  }
  return isExact ? 0 : 1;
}

interface Order {
  readonly parts: readonly string[];
  readonly count: number;
  readonly seed: number;
}

/** Undefined where the arguments are not what this program takes. */
function readOrder(args: readonly string[]): Order | undefined {
  const text = { type: 'string' } as const;
  try {
    const options = { part: text, count: text, seed: text } as const;
    const { part, count, seed } = parseArgs({ args: [...args], options }).values;
    if (part !== undefined && !(part in PARTS)) return undefined;
    const numbers = [count, seed].filter((value) => value !== undefined);
    if (numbers.some((value) => !/^[1-9]\d{0,9}$/.test(value))) return undefined;
    return {
      parts: part === undefined ? Object.keys(PARTS) : [part],
      count: count === undefined ? FULL_COUNT : Number(count),
      seed: seed === undefined ? 1 + (Date.now() % 1_000_000) : Number(seed),
    };
  } catch {
    return undefined;
  }
}

/** The same seed makes the same messages, in batches that each have a seed of their own. */
async function runPart(name: string, count: number, seed: number): Promise<boolean> {
  const prove = await PARTS[name]!();
  const startedMs = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedMs) / 1_000);
  let figures: readonly string[] = [];
  let notedMs = startedMs;
  say(`${name}: ${count} messages, seed ${seed}`);
  for (let done = 0; done < count; done += AT_ONCE) {
    const batchSeed = Math.imul(seed, 0x9e3779b1) ^ Math.imul(done / AT_ONCE + 1, 0x85ebca6b);
    const findings = prove(Math.min(AT_ONCE, count - done), batchSeed);
    figures = findings.figures;
    for (const violation of findings.violations) say(`  VIOLATION ${violation}`);
    if (findings.violations.length > 0) {
      say(`${name}: the parsers differ (${seconds()} s, batch seed ${batchSeed})`);
      return false;
    }
    if (performance.now() - notedMs < NOTE_EVERY_MS) continue;
    notedMs = performance.now();
    say(`${name}: ${done + AT_ONCE} of ${count} (${seconds()} s)`);
  }
  for (const figure of figures) say(`  in the last batch: ${figure}`);
  say(`${name}: ${count} messages, seed ${seed}, ${seconds()} s: exact`);
  return true;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
