// What the kernel knows about processes: on which core they run, how much processor time they took
// and how much memory they hold. Linux only.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { findProgram } from './programs.ts';

/** The subjects have one core to themselves, everything else about a measurement the other. */
export const SUBJECT_CORE = 0;
export const LOAD_CORE = 1;

/** The arguments that run a command on a core, with all that it starts; undefined is any core. */
export function onCore(
  core: number | undefined,
  command: string,
  ...args: string[]
): [string, string[]] {
  if (core === undefined) return [command, args];
  return ['taskset', ['-c', String(core), command, ...args]];
}

/** Binds this process, and with it whatever it starts. Throws on a machine with a single core. */
export function bindToLoadCore(): void {
  if (cpus().length < 2) throw new Error('The bench needs two cores, one of them for the load.');
  execFileSync('taskset', ['-acp', String(LOAD_CORE), String(process.pid)], { stdio: 'ignore' });
}

export interface ProcessTime {
  readonly pid: number;
  /** The root of its tree. */
  readonly root: number;
  readonly name: string;
  readonly nanos: number;
}

/** The processor time since their start of all processes in the trees below these. */
export function readProcessTimes(pids: readonly number[]): ProcessTime[] {
  const output = execFileSync(findProgram('cpu-time'), pids.map(String), { encoding: 'utf8' });
  return JSON.parse(output) as ProcessTime[];
}

/** The sum of two readings' difference, and the same by the name of the tree's root. */
export function spentBetween(
  before: readonly ProcessTime[],
  after: readonly ProcessTime[],
): { readonly nanos: number; readonly byRoot: Readonly<Record<string, number>> } {
  const byRoot: Record<string, number> = {};
  const names = new Map(after.map(({ pid, name }) => [pid, name]));
  const add = ({ root, nanos }: ProcessTime, sign: number): void => {
    const name = names.get(root) ?? 'ended';
    byRoot[name] = (byRoot[name] ?? 0) + sign * nanos;
  };
  for (const time of after) add(time, 1);
  for (const time of before) add(time, -1);
  return { nanos: Object.values(byRoot).reduce((sum, nanos) => sum + nanos, 0), byRoot };
}

export interface Memory {
  /** Proportional: pages that processes share count once. */
  readonly pssBytes: number;
  readonly rssBytes: number;
}

export function readMemory(pids: readonly number[]): Memory {
  let pssBytes = 0;
  let rssBytes = 0;
  for (const { pid } of readProcessTimes(pids)) {
    const text = readProcFile(pid, 'smaps_rollup');
    pssBytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
    rssBytes += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
  }
  return { pssBytes, rssBytes };
}

/** System calls that read and that write, by one process alone. */
export function readSystemCalls(pid: number): { readonly reads: number; readonly writes: number } {
  const text = readProcFile(pid, 'io');
  const read = (name: string): number =>
    Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { reads: read('syscr'), writes: read('syscw') };
}

/** Empty for a process that has just ended. */
function readProcFile(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
