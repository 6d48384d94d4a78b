// What an account may still be used for, by a clock that is moved by hand.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import type { Account, AccountLimits } from '../../src/providers/provider.ts';
import { watchAccounts } from '../../src/routing/accounts.ts';
import { manualClock } from './time.ts';

const NO_LIMIT = {
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  concurrency: undefined,
};
const MINUTE = 60_000;

function world(limits: Partial<AccountLimits> | undefined) {
  const clock = manualClock();
  const accounts = watchAccounts(clock);
  const account: Account = { label: 'a', limits: limits && { ...NO_LIMIT, ...limits } };
  /** Seconds to wait; 0 where the request began. */
  const begin = (promptTokens = 0): number => {
    try {
      accounts.begin(account, promptTokens);
      return 0;
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'upstream_rate_limited') throw error;
      return error.retryAfterSeconds ?? Number.NaN;
    }
  };
  const end = (promptTokens = 0): void => accounts.end(account, promptTokens);
  return { clock, accounts, account, begin, end };
}

describe('an account', () => {
  it('takes exactly as many requests as its limit, then none until a minute has passed', () => {
    const { accounts, account, begin, clock } = world({ requestsPerMinute: 3 });
    expect([begin(), begin(), begin()]).toEqual([0, 0, 0]);
    expect(accounts.hasRoom(account, 0)).toBe(false);
    const wait = begin();
    expect(wait).toBe(61);
    clock.advance(wait * 1_000 - 1_000);
    expect(begin()).toBe(1);
    clock.advance(1_000);
    expect(accounts.hasRoom(account, 0)).toBe(true);
    expect(begin()).toBe(0);
  });

  it('takes as many at once as it may, whatever became of those before', () => {
    const { begin, end } = world({ concurrency: 2 });
    expect([begin(), begin(), begin()]).toEqual([0, 0, 1]);
    end();
    expect([begin(), begin()]).toEqual([0, 1]);
  });

  it('counts the prompts under way, and then what they became', () => {
    const { accounts, account, begin, end } = world({ tokensPerMinute: 1_000 });
    expect([begin(400), begin(400), begin(400)]).toEqual([0, 0, 1]);
    end(400);
    accounts.spent(account, 400, 550);
    expect([begin(60), begin(40)]).toEqual([61, 0]);
  });

  it('takes a prompt that is beyond its limit alone, for it is an estimate', () => {
    const { begin } = world({ tokensPerMinute: 100 });
    expect([begin(5_000), begin(1)]).toEqual([0, 1]);
  });

  it('without limits takes everything and counts nothing', () => {
    const { begin } = world(undefined);
    expect(Array.from({ length: 10_000 }, () => begin(1_000_000)).every((s) => s === 0)).toBe(true);
  });

  it('never has more than its limit in any minute, whenever requests come', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 10 }), (each, requestsPerMinute) => {
        const { begin, clock } = world({ requestsPerMinute });
        const begun: number[] = [];
        for (const gap of each) {
          clock.advance(gap);
          if (begin() === 0) begun.push(clock.monotonicMs());
        }
        for (const at of begun) {
          const within = begun.filter((other) => other >= at && other < at + MINUTE);
          expect(within.length).toBeLessThanOrEqual(requestsPerMinute);
        }
      }),
    );
  });
});
