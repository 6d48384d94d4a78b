// What an offer's failures and answers make of it.

import { describe, expect, it } from 'vitest';
import { type ErrorCode, HubError } from '../../src/base/errors.ts';
import { BREAKING_FAILURES, watchHealth } from '../../src/routing/health.ts';
import { manualClock } from './time.ts';

function world() {
  const clock = manualClock();
  const health = watchHealth(clock);
  const fail = (times: number, code: ErrorCode = 'upstream_overloaded'): void => {
    for (let i = 0; i < times; i++) health.failed('a', new HubError(code));
  };
  const mayEnter = (): boolean => {
    try {
      health.enter('a');
      return true;
    } catch {
      return false;
    }
  };
  return { clock, health, fail, mayEnter };
}

describe('a circuit', () => {
  it('breaks after so many failures in a row, and one answer closes it', () => {
    const { health, fail, mayEnter } = world();
    fail(BREAKING_FAILURES - 1);
    health.answered('a', 1, 1, 1);
    fail(BREAKING_FAILURES - 1);
    expect([health.isWell('a'), mayEnter()]).toEqual([true, true]);
    fail(1);
    expect([health.isWell('a'), mayEnter()]).toEqual([false, false]);
    health.answered('a', 1, 1, 1);
    expect([health.isWell('a'), mayEnter()]).toEqual([true, true]);
  });

  it('lets one try through when its time is over, and waits longer after each that fails', () => {
    const { clock, fail, mayEnter } = world();
    fail(BREAKING_FAILURES);
    for (const breakMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      clock.advance(breakMs - 1);
      expect(mayEnter()).toBe(false);
      clock.advance(1);
      expect([mayEnter(), mayEnter()]).toEqual([true, false]);
      fail(1);
    }
  });

  it('is well again for whoever belongs there when its time is over, and not while it is tried', () => {
    const { clock, health, fail } = world();
    fail(BREAKING_FAILURES);
    clock.advance(4_999);
    expect(health.isWell('a')).toBe(false);
    clock.advance(1);
    expect(health.isWell('a')).toBe(true);
    health.enter('a');
    expect(health.isWell('a')).toBe(false);
    fail(1);
    clock.advance(9_999);
    expect(health.isWell('a')).toBe(false);
    clock.advance(1);
    expect(health.isWell('a')).toBe(true);
  });

  it('takes a try that never ended for lost after a while', () => {
    const { clock, fail, mayEnter } = world();
    fail(BREAKING_FAILURES);
    clock.advance(5_000);
    expect(mayEnter()).toBe(true);
    clock.advance(29_999);
    expect(mayEnter()).toBe(false);
    clock.advance(1);
    expect(mayEnter()).toBe(true);
  });

  it('tells the failure that broke it, and when to come back', () => {
    const { health, fail } = world();
    fail(BREAKING_FAILURES, 'upstream_timeout');
    let refusal: HubError | undefined;
    try {
      health.enter('a');
    } catch (error) {
      refusal = error as HubError;
    }
    expect(refusal).toMatchObject({ code: 'upstream_timeout', retryAfterSeconds: 5 });
  });

  it("is broken by refusals of the customer's own credential, for they go on", () => {
    const { fail, mayEnter } = world();
    fail(BREAKING_FAILURES, 'own_credential_refused');
    expect(mayEnter()).toBe(false);
  });

  it.each<ErrorCode>(['upstream_rejected', 'upstream_rate_limited', 'client_closed', 'internal'])(
    'is not broken by %s',
    (code) => {
      const { clock, health, fail, mayEnter } = world();
      fail(BREAKING_FAILURES * 2, code);
      clock.advance(1_000);
      expect([health.isWell('a'), mayEnter()]).toEqual([true, true]);
    },
  );
});

describe('what was measured', () => {
  it('is a running mean, and short answers tell no speed', () => {
    const { health } = world();
    expect([health.latencyMs('a'), health.throughput('a')]).toEqual([undefined, undefined]);
    health.answered('a', 100, 3, 1);
    expect([health.latencyMs('a'), health.throughput('a')]).toEqual([100, undefined]);
    health.answered('a', 200, 100, 2_000);
    expect(health.latencyMs('a')).toBeCloseTo(120);
    expect(health.throughput('a')).toBeCloseTo(50);
  });
});

describe('what was limited or refused', () => {
  it('is not put aside for one refusal where it is the customer’s own credential', () => {
    const { health, fail } = world();
    fail(1, 'own_credential_refused');
    expect(health.isWell('a')).toBe(true);
  });

  it.each<readonly [ErrorCode, number]>([
    ['upstream_rate_limited', 1_000],
    ['upstream_refused_hub', 30_000],
  ])('with %s rests for a while, though it named no time', (code, restMs) => {
    const { clock, health, fail } = world();
    fail(1, code);
    clock.advance(restMs - 1);
    expect(health.isWell('a')).toBe(false);
    clock.advance(1);
    expect(health.isWell('a')).toBe(true);
  });
});
