// A clock that stands until it is moved.

import type { Clock } from '../../src/base/clock.ts';

export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function manualClock(): ManualClock {
  let nowMs = 1_000;
  return {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: () => Promise.reject(new Error('nothing sleeps here')),
    advance(ms) {
      nowMs += ms;
    },
  };
}
