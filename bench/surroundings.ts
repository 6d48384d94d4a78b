// Where and how a run was made; figures mean nothing without it.

import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release } from 'node:os';
import type { Plan } from './plan.ts';
import type { Surroundings } from './report.ts';

export function describeSurroundings(plan: Plan, loadBefore: number): Surroundings {
  const [loadAfter = 0] = loadavg();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    kernel: `Linux ${release()}`,
    node: process.version,
    loadBefore,
    loadAfter,
    rounds: plan.rounds,
    seconds: plan.seconds,
    warmupSeconds: plan.warmupSeconds,
  };
}

/** A source tree without its history can be measured too. */
function describeCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    const commit = git('rev-parse', '--short', 'HEAD').trim();
    const changed = git('status', '--porcelain', '--', ':/src', ':/sql', ':/package.json').trim();
    return changed === '' ? commit : `${commit} with uncommitted changes`;
  } catch {
    return 'unknown';
  }
}
