// How a key's use is counted against its limits, by a clock that is moved by hand, in one process and
// in two that tell each other.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import type { Siblings } from '../../src/base/siblings.ts';
import type { ApiKey } from '../../src/keys/api-key.ts';
import { type KeyLimits, NO_LIMITS } from '../../src/keys/limits.ts';
import { type KeyMeters, createKeyMeters } from '../../src/keys/meters.ts';
import { manualClock } from '../routing/time.ts';

const MINUTE_MS = 60_000;

function keyWith(limits: Partial<KeyLimits>, keyId = 'k'): ApiKey {
  return {
    keyId,
    workspaceId: 'w',
    book: 'live',
    name: 'ci',
    hint: '',
    createdBy: 'p',
    budgets: [],
    limits: { ...NO_LIMITS, ...limits },
    isMetered: true,
    entersFreely: false,
    ranges: undefined,
    ended: undefined,
    trueUntilMs: Number.POSITIVE_INFINITY,
  };
}

function world(limits: Partial<KeyLimits>, siblings?: Siblings) {
  const clock = manualClock();
  const meters = createKeyMeters(clock, siblings);
  return { clock, meters, begin: () => begin(meters, keyWith(limits)) };
}

interface Begun {
  /** Seconds to wait; 0 where the request began. */
  readonly wait: number;
  end(tokens?: number): void;
}

function begin(meters: KeyMeters, key: ApiKey): Begun {
  const meter = meters.open(key);
  const end = (tokens = 0): void => {
    if (tokens > 0) meter?.spent(tokens);
    meter?.end();
  };
  try {
    meter?.begin();
    return { wait: 0, end };
  } catch (error) {
    if (!(error instanceof HubError) || error.code !== 'rate_limited') throw error;
    return { wait: error.retryAfterSeconds ?? Number.NaN, end };
  }
}

/** Processes of one hub: what one tells, the others hear at once. */
function processes(count: number): Siblings[] {
  const heard = Array.from(
    { length: count },
    () => new Map<string, (message: unknown) => unknown>(),
  );
  return heard.map((own) => ({
    async tell(topic, message) {
      for (const listeners of heard) if (listeners !== own) listeners.get(topic)?.(message);
    },
    on: (topic, listener) => void own.set(topic, listener),
  }));
}

describe('a limit of requests a minute', () => {
  it('lets exactly as many begin, then none until the wait that it names is over', () => {
    const { begin: one, clock } = world({ requestsPerMinute: 3 });
    expect([one().wait, one().wait, one().wait]).toEqual([0, 0, 0]);
    const { wait } = one();
    expect(wait).toBeGreaterThan(0);
    clock.advance((wait - 1) * 1_000);
    expect(one().wait).toBe(1);
    clock.advance(1_000);
    expect(one().wait).toBe(0);
  });

  it('is never passed in any sixty seconds, whenever requests come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 80 }),
        (requestsPerMinute, pauses) => {
          const { begin: one, clock, meters } = world({ requestsPerMinute });
          const begunMs: number[] = [];
          for (const pause of pauses) {
            clock.advance(pause);
            if (one().wait === 0) begunMs.push(clock.monotonicMs());
          }
          meters.close();
          for (const fromMs of begunMs) {
            const within = begunMs.filter((ms) => ms >= fromMs && ms < fromMs + MINUTE_MS);
            expect(within.length).toBeLessThanOrEqual(requestsPerMinute);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not count what was refused', () => {
    const { begin: one, clock } = world({ requestsPerMinute: 1 });
    one();
    for (let i = 0; i < 100; i++) expect(one().wait).toBeGreaterThan(0);
    clock.advance(MINUTE_MS + 1_000);
    expect(one().wait).toBe(0);
  });
});

describe('a limit of tokens a minute', () => {
  it('refuses once they are used, and says where it stands', () => {
    const { meters, clock, begin: one } = world({ tokensPerMinute: 100 });
    one().end(60);
    one().end(60);
    const standings = meters.open(keyWith({ tokensPerMinute: 100 }))?.standings();
    expect(standings).toMatchObject([{ of: 'tokens', limit: 100, remaining: 0 }]);
    const { wait } = one();
    expect(wait).toBeGreaterThan(0);
    clock.advance(wait * 1_000);
    expect(one().wait).toBe(0);
  });
});

describe('a limit of requests at once', () => {
  it('frees a place when a request is over, once, and none for one that was refused', () => {
    const { begin: one } = world({ concurrency: 2 });
    const [first, second] = [one(), one()];
    const refused = one();
    expect(refused.wait).toBe(1);
    refused.end();
    expect(one().wait).toBe(1);
    first?.end();
    first?.end();
    expect(one().wait).toBe(0);
    expect(one().wait).toBe(1);
    second?.end();
    expect(one().wait).toBe(0);
  });

  it('is another for another key', () => {
    const { meters } = world({});
    expect(begin(meters, keyWith({ concurrency: 1 }, 'a')).wait).toBe(0);
    expect(begin(meters, keyWith({ concurrency: 1 }, 'b')).wait).toBe(0);
    expect(begin(meters, keyWith({ concurrency: 1 }, 'a')).wait).toBe(1);
  });
});

describe('the processes of a hub', () => {
  const pair = (limits: Partial<KeyLimits>) => {
    const [one, other] = processes(2).map((siblings) => world(limits, siblings));
    return [one!, other!] as const;
  };

  it('count requests and tokens together', () => {
    const [one, other] = pair({ requestsPerMinute: 3, tokensPerMinute: 100 });
    expect([one.begin().wait, other.begin().wait, one.begin().wait]).toEqual([0, 0, 0]);
    expect(other.begin().wait).toBeGreaterThan(0);
    const [left, right] = pair({ tokensPerMinute: 100 });
    left.begin().end(100);
    expect(right.begin().wait).toBeGreaterThan(0);
  });

  it('count what runs at once together, and forget what ran in a process that is no more', () => {
    const [one, other] = pair({ concurrency: 1 });
    const running = one.begin();
    expect(other.begin().wait).toBe(1);
    running.end();
    const next = one.begin();
    expect([next.wait, other.begin().wait]).toEqual([0, 1]);
    // The process with the running request says nothing any more.
    one.meters.close();
    other.clock.advance(3_001);
    expect(other.begin().wait).toBe(0);
  });
});

it('counts nothing of a key that has no such limit', () => {
  const { meters } = world({});
  expect(meters.open({ ...keyWith({}), isMetered: false })).toBeUndefined();
});
