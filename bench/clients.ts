// Runs the program that plays the clients, and judges whether what it saw can be counted at all.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from './programs.ts';

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface LoadReport {
  readonly requests: number;
  readonly faults: number;
  readonly unfinished: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly bytes: number;
  /** Events with text, by the stamps in them. */
  readonly texts: number;
  readonly latencyMicros: Percentiles;
  readonly firstByteMicros: Percentiles;
  /** From the upstream's clock to the client's. */
  readonly eventDelayMicros: Percentiles;
}

export interface Load {
  readonly port: number;
  readonly path: string;
  /** A file with a header a line. */
  readonly headers: string;
  /** Files, sent in turn. */
  readonly bodies: readonly string[];
  readonly clients: number;
  readonly seconds: number;
  /** No more than this many. */
  readonly requests?: number;
  /** Open loop: so many a second, whether answers come or not. */
  readonly rate?: number;
}

/** Texts in one answer, by what the upstream was asked for. */
export function textsOf(answer: string): number {
  if (answer === 'json') return 0;
  return answer === 'canned' ? 98 : Number(answer.split(':')[1]);
}

/** Throws when any request went wrong: half of an answer has half the cost. */
export async function runClients(load: Load, answer: string): Promise<LoadReport> {
  const report = await runLoad(load);
  const { requests, faults, unfinished, statuses, texts } = report;
  const good = statuses['200'] ?? 0;
  const wantedTexts = requests * textsOf(answer);
  if (faults > 0 || unfinished > 0 || good !== requests || requests === 0) {
    const seen = JSON.stringify({ requests, faults, unfinished, statuses });
    throw new Error(`Not all requests were answered: ${seen}`);
  }
  if (texts !== wantedTexts) {
    throw new Error(`${texts} events with text came, not ${wantedTexts}.`);
  }
  return report;
}

async function runLoad(load: Load): Promise<LoadReport> {
  const options: readonly (readonly [string, string | number | undefined])[] = [
    ['-p', load.port],
    ['-P', load.path],
    ['-H', load.headers],
    ['-c', load.clients],
    ['-s', load.seconds],
    ['-n', load.requests],
    ['-r', load.rate],
    ...load.bodies.map((file) => ['-b', file] as const),
  ];
  const args = options.flatMap(([name, value]) =>
    value === undefined ? [] : [name, String(value)],
  );
  const { stdout, stderr } = await promisify(execFile)(findProgram('load'), args);
  if (stderr !== '') process.stderr.write(`  ${stderr}`);
  return JSON.parse(stdout) as LoadReport;
}
