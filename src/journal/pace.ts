// When a flush may begin. It costs as much as some requests and little more for many records than for
// one; so where records are many one begins every 2 ms. At all other times it begins at once.

import { setTimeout as sleep } from 'node:timers/promises';

/** Records a millisecond of late from which they are many. */
const MANY = 2;
const GAP_MS = 2;
/** How much the newest flush says of the rate of late. */
const NEWEST_SHARE = 0.1;

export interface Pace {
  /** Resolves when the next flush may begin: what came in this turn of the loop goes with it. */
  gather(): Promise<void>;
  /** A flush of so many records begins. */
  began(records: number): void;
  /** How long ago the newest flush began. */
  sinceMs(): number;
}

export function createPace(): Pace {
  let beganMs = 0;
  let rate = 0;
  const sinceMs = (): number => performance.now() - beganMs;
  return {
    sinceMs,
    gather() {
      const waitMs = rate >= MANY ? Math.ceil(GAP_MS - sinceMs()) : 0;
      return waitMs > 0 ? sleep(waitMs) : nextTurn();
    },
    began(records) {
      rate += NEWEST_SHARE * (records / Math.max(sinceMs(), 1) - rate);
      beganMs = performance.now();
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
