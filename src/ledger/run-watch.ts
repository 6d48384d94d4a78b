// Notices that another node is dead: its run has given no new sign of life for long enough by this
// node's own monotonic clock, while this node was looking. No wall clock takes part, so neither a jump
// of the database's clock nor an outage that everybody shared makes a living node look dead.

import type { Clock } from '../base/clock.ts';
import type { Bank } from './bank.ts';

export interface RunWatchOptions {
  /** A run without a sign of life for longer than this is ended. */
  readonly unseenMs: number;
  /** Where this node itself looked away for longer, what it saw before counts no more. */
  readonly longestGapMs: number;
  readonly onExpired: (runId: string) => void;
}

interface Seen {
  readonly beats: bigint;
  readonly sinceMs: number;
}

/** Returns the look around, to be taken at every beat. */
export function watchRuns(bank: Bank, clock: Clock, options: RunWatchOptions): () => Promise<void> {
  let seen = new Map<string, Seen>();
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const runs = await bank.listOpenRuns();
    const nowMs = clock.monotonicMs();
    if (nowMs - lookedAtMs > options.longestGapMs) seen.clear();
    lookedAtMs = nowMs;
    const before = seen;
    seen = new Map();
    for (const run of runs) {
      const known = before.get(run.id);
      const current = known?.beats === run.beats ? known : { beats: run.beats, sinceMs: nowMs };
      seen.set(run.id, current);
      if (nowMs - current.sinceMs <= options.unseenMs) continue;
      if (await bank.expireRun(run)) options.onExpired(run.id);
    }
  };
}
