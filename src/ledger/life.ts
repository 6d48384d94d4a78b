// The life of this node as the database sees it: the run that it is in, the signs that it gives, and
// when it must stop spending because others may soon take it for dead. It also watches the others.

import type { Clock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import type { Bank } from './bank.ts';
import { watchRuns } from './run-watch.ts';
import type { Wallet } from './wallet.ts';

const MOST_BEAT_MS = 5_000;
const BEATS_A_LIFE = 5;
/** Others wait so much longer than this node spends: clocks may drift, holds may still end. */
const EXPIRY_PERCENT = 120;

export interface Run {
  readonly id: string;
  /** By lease account. Those of an ended run are forgotten; its holds settle against them all the same. */
  readonly wallets: Map<string, Wallet>;
}

export interface Life {
  run(): Run;
  /** Throws `storage_unavailable` when the run is over or has not reached the database for too long. */
  assertSpendable(run: Run): void;
  /** The database says that this run has been ended by others. */
  end(runId: string): void;
  /** Gives a sign of life when one is due, begins a new run where the last is over, ends dead ones. */
  beat(): Promise<void>;
}

export interface LifeOptions {
  readonly bank: Bank;
  readonly clock: Clock;
  /** How long this node may spend without reaching the database. */
  readonly lifeMs: number;
  /** A run of another node was ended, because it was not seen any more. */
  readonly onExpired: (runId: string) => void;
}

/** Begins the first run of this process; throws when the database cannot be asked. */
export async function beginLife(options: LifeOptions): Promise<Life> {
  const { bank, clock, lifeMs, onExpired } = options;
  const beatMs = Math.min(MOST_BEAT_MS, lifeMs / BEATS_A_LIFE);
  let beatAtMs = clock.monotonicMs();
  let goodUntilMs = beatAtMs + lifeMs;
  let ended = false;
  const watch = watchRuns(bank, clock, {
    unseenMs: (lifeMs * EXPIRY_PERCENT) / 100,
    longestGapMs: 3 * beatMs,
    onExpired,
  });
  let run: Run = { id: await bank.openRun(), wallets: new Map() };

  async function giveSign(): Promise<void> {
    const nowMs = clock.monotonicMs();
    if (ended || !(await bank.markSeen(run.id))) {
      // What the old run had leased has gone back to the customers.
      run = { id: await bank.openRun(), wallets: new Map() };
      ended = false;
    }
    beatAtMs = nowMs;
    goodUntilMs = nowMs + lifeMs;
  }

  return {
    run: () => run,
    assertSpendable(of) {
      if (of === run && !ended && clock.monotonicMs() < goodUntilMs) return;
      throw new HubError('storage_unavailable', { retryAfterSeconds: 1 });
    },
    end(runId) {
      if (runId === run.id) ended = true;
    },
    async beat() {
      if (!ended && clock.monotonicMs() < beatAtMs + beatMs) return;
      await giveSign();
      await watch();
    },
  };
}
