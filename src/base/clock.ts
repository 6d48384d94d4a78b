// Time is passed in, so that tests and simulations can own it. Wall time is for records; spans are
// measured on the monotonic clock, which no administrator or leap second moves.

import { setTimeout as sleep } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  wallMs(): number;
  /** Milliseconds since some fixed instant; never goes back. */
  monotonicMs(): number;
  /** Resolves after so many milliseconds of the monotonic clock. */
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = Object.freeze({
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms: number) => sleep(ms),
});
