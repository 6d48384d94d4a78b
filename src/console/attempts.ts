// Slows down guessing, and what makes the hub send mail: so many in a quarter of an hour, by network
// and by account. An attempt counts when it begins and is taken back when it succeeds, so that many at
// the same time cannot slip through together. In memory, and bounded; the processes of a hub tell each
// other, which is faster than any password is checked.

import type { Clock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import { NO_SIBLINGS, type Siblings } from '../base/siblings.ts';

/** Failures of guessing, by what the name begins with (`ip:`, `email:` …). */
const USUAL_LIMIT = 10;
/** Of what counts however it ends. An office or a school may share one address. */
const LIMITS: Readonly<Record<string, number>> = Object.freeze({
  // Sessions of people on their way, each a row: a page to sign in begins one.
  'visit-from': 300,
  'sign-up-from': 20,
  'sign-up-for': 5,
  'reset-from': 20,
  'reset-for': 5,
  'email-change': 5,
  invite: 30,
});
const WINDOW_MS = 15 * 60_000;
const CAPACITY = 10_000;
const COUNTED = 'attempts.counted';
const TAKEN_BACK = 'attempts.taken_back';

export interface Attempts {
  /**
   * Counts an attempt under each name, such as `ip:203.0.113.7`; the part before the first colon says
   * what is counted. A name never depends on whether there is such an account. Throws `rate_limited`
   * when one of them has had its share. Call the returned function when the attempt succeeds.
   */
  begin(names: readonly string[]): () => void;
}

interface Window {
  failures: number;
  readonly endsMs: number;
}

export function createAttempts(clock: Clock, siblings: Siblings = NO_SIBLINGS): Attempts {
  const windows = new Map<string, Window>();

  function windowOf(name: string): Window {
    const nowMs = clock.monotonicMs();
    const known = windows.get(name);
    if (known && known.endsMs > nowMs) return known;
    const fresh = { failures: 0, endsMs: nowMs + WINDOW_MS };
    windows.delete(name);
    windows.set(name, fresh);
    if (windows.size > CAPACITY) windows.delete(windows.keys().next().value ?? name);
    return fresh;
  }

  function count(names: readonly string[], by: 1 | -1): void {
    for (const window of names.map(windowOf)) window.failures = Math.max(0, window.failures + by);
  }

  siblings.on(COUNTED, (names) => count(names as string[], 1));
  siblings.on(TAKEN_BACK, (names) => count(names as string[], -1));
  return {
    begin(names) {
      const counted = names.map(windowOf);
      const full = counted.find(({ failures }, i) => failures >= limitOf(names[i] ?? ''));
      if (full) {
        const retryAfterSeconds = Math.ceil((full.endsMs - clock.monotonicMs()) / 1000);
        const message = 'Too many attempts. Try again later.';
        throw new HubError('rate_limited', { message, retryAfterSeconds });
      }
      for (const window of counted) window.failures += 1;
      void siblings.tell(COUNTED, names);
      return () => {
        for (const window of counted) window.failures -= 1;
        void siblings.tell(TAKEN_BACK, names);
      };
    },
  };
}

function limitOf(name: string): number {
  return LIMITS[name.slice(0, name.indexOf(':'))] ?? USUAL_LIMIT;
}
