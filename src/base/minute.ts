// What happened in the last minute, counted by the second. The second that has begun counts whole, so
// that no sixty seconds hold more than a limit that is held against the sum.

const SECONDS = 61;

export interface Minute {
  readonly counts: Float64Array;
  /** Their sum. */
  sum: number;
  newest: number;
}

/** Where a limit of so many a minute stands. */
export interface LimitStanding {
  readonly of: 'requests' | 'tokens';
  readonly limit: number;
  readonly remaining: number;
  /** When all of it is free again: seconds from now, and wall time. */
  readonly resetSeconds: number;
  readonly resetAtMs: number;
}

export function emptyMinute(): Minute {
  return { counts: new Float64Array(SECONDS), sum: 0, newest: 0 };
}

/** Forgets what is longer ago; before anything is read or counted. */
export function moveOn(minute: Minute, monotonicMs: number): void {
  const { counts } = minute;
  const second = Math.floor(monotonicMs / 1_000);
  const oldest = Math.max(minute.newest + 1, second - SECONDS + 1);
  for (let each = oldest; each <= second; each++) {
    minute.sum -= counts[each % SECONDS] ?? 0;
    counts[each % SECONDS] = 0;
  }
  minute.newest = second;
}

export function count(minute: Minute, amount: number): void {
  const at = minute.newest % SECONDS;
  minute.counts[at] = (minute.counts[at] ?? 0) + amount;
  minute.sum += amount;
}

/** Seconds until no more than `most` are in it; 0 where that is so already. */
export function secondsUntil({ counts, sum, newest }: Minute, most: number): number {
  let left = sum;
  let seconds = 0;
  while (left > most && seconds < SECONDS) {
    seconds += 1;
    left -= counts[(newest + seconds) % SECONDS] ?? 0;
  }
  return seconds;
}
