// The stored counts, and how far a new count may be above them. What became less is good news that
// somebody should accept, so that it cannot be lost again unnoticed.

import { readFile, writeFile } from 'node:fs/promises';
import type { Count, Counts } from './counts.ts';

const FILE = new URL('./guard-baseline.json', import.meta.url);

interface Measure {
  readonly what: string;
  /** Of the baseline, and beyond that. */
  readonly share: number;
  readonly slack: number;
}

/** Booking goes in batches by time, so the statements a request are few and vary; not the rest. */
const MEASURES: Readonly<Record<keyof Count, Measure>> = {
  heapBytes: { what: 'bytes allocated on the heap', share: 0.15, slack: 400 },
  reads: { what: 'system calls that read', share: 0.05, slack: 0.3 },
  writes: { what: 'system calls that write', share: 0.05, slack: 0.3 },
  statements: { what: 'statements to the database', share: 0.5, slack: 0.4 },
  rows: { what: 'rows in the database', share: 0.1, slack: 0.3 },
};

interface Unit {
  readonly what: string;
  /**
   * How often another thread (the journal's flush) may wake the loop once more or less. Each time
   * is a read and a write, and how many wakings fall together is chance; either alone is not.
   */
  readonly wakings: number;
}

const UNITS: Readonly<Record<keyof Counts, Unit>> = {
  json: { what: 'a JSON request', wakings: 1.2 },
  streamed: { what: 'a stream of one event', wakings: 2 },
  event: { what: 'a further event of a stream', wakings: 0.1 },
};

export interface Comparison {
  /** What grew, one sentence each. */
  readonly grown: readonly string[];
  /** What became less by more than the tolerance. */
  readonly shrunk: readonly string[];
}

export function compareCounts(counts: Counts, baseline: Counts): Comparison {
  const grown: string[] = [];
  const shrunk: string[] = [];
  for (const unit of Object.keys(UNITS) as (keyof Counts)[]) {
    const before = baseline[unit];
    const wakings = wakingsBetween(counts[unit], before, UNITS[unit].wakings);
    for (const name of Object.keys(MEASURES) as (keyof Count)[]) {
      const { what, share, slack } = MEASURES[name];
      const now = counts[unit][name] - (name === 'reads' || name === 'writes' ? wakings : 0);
      const stored = before[name];
      const sentence = `${UNITS[unit].what} takes ${round(now)} ${what}, it was ${round(stored)}`;
      const tolerance = Math.abs(stored) * share + slack;
      // Not a number is never good.
      if (!(now - stored <= tolerance)) grown.push(sentence);
      else if (stored - now > tolerance) shrunk.push(sentence);
    }
  }
  return { grown, shrunk };
}

/** What reads and writes have in common, as far as it may be chance. */
function wakingsBetween(now: Count, before: Count, most: number): number {
  const reads = now.reads - before.reads;
  const writes = now.writes - before.writes;
  if (reads > 0 && writes > 0) return Math.min(reads, writes, most);
  return reads < 0 && writes < 0 ? Math.max(reads, writes, -most) : 0;
}

/** What a failed comparison is told as. */
export function describeGrowth(grown: readonly string[]): string {
  return (
    `The gateway's own cost grew: ${grown.join('; ')}. If that is wanted, accept it with ` +
    '`npm run bench:guard -- --accept` and say in the change why.'
  );
}

export async function readBaseline(): Promise<Counts> {
  return JSON.parse(await readFile(FILE, 'utf8')) as Counts;
}

export async function writeBaseline(counts: Counts): Promise<void> {
  const rounded = JSON.stringify(
    counts,
    (_, value: unknown) => (typeof value === 'number' ? round(value) : value),
    2,
  );
  await writeFile(FILE, `${rounded}\n`);
}

function round(number: number): number {
  return Math.abs(number) >= 100 ? Math.round(number) : Math.round(number * 100) / 100;
}
