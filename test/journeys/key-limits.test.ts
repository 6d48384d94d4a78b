// What the pages send of a key's limits, and how they say them in a few words.

import { describe, expect, it } from 'vitest';
import type { Key } from '../../src/console/contract-keys.ts';
import {
  areLimits,
  changedLimits,
  fieldsOf,
  limitWords,
  NO_LIMITS,
} from '../../web/pages/console/key-limits.ts';

const KEY: Key = {
  id: 'key_1',
  name: 'ci',
  mode: 'live',
  hint: 'ih_live_…a1b2',
  createdAt: '2026-11-01T00:00:00.000Z',
  createdBy: 'per_1',
  app: null,
  revokedAt: null,
  disabledAt: null,
  previousUntil: null,
  lastUsedAt: null,
  scopes: ['inference'],
  models: ['openai/gpt-4o'],
  providers: ['openai', 'azure'],
  requestsPerMinute: 1_200,
  tokensPerMinute: null,
  concurrency: 4,
  ipRanges: ['203.0.113.0/24'],
  expiresAt: '2027-01-31T17:00:42.000Z',
  budgets: [],
};

describe('the limits that are sent', () => {
  it('are none for a new key whose fields are empty', () => {
    expect(changedLimits(NO_LIMITS)).toEqual({});
  });

  it('are what was typed, in the hub’s own form', () => {
    const limits = changedLimits({
      ...NO_LIMITS,
      models: ['sandbox/*'],
      requestsPerMinute: '60',
      ipRanges: ' 10.0.0.0/8,::1\n192.0.2.7 ',
      expiresAt: '2027-01-31T18:00',
    });
    expect(limits).toEqual({
      models: ['sandbox/*'],
      requestsPerMinute: 60,
      ipRanges: ['10.0.0.0/8', '::1', '192.0.2.7'],
      expiresAt: new Date('2027-01-31T18:00').toISOString(),
    });
  });

  it('leave out what was not changed, seconds that the field cannot show among it', () => {
    const before = fieldsOf(KEY);
    expect(changedLimits(before, before)).toEqual({});
    expect(changedLimits({ ...before, concurrency: '5' }, before)).toEqual({ concurrency: 5 });
  });

  it('are lifted by emptied fields', () => {
    const before = fieldsOf(KEY);
    const emptied = { ...NO_LIMITS, scopes: before.scopes };
    expect(changedLimits(emptied, before)).toEqual({
      models: null,
      providers: null,
      requestsPerMinute: null,
      concurrency: null,
      ipRanges: null,
      expiresAt: null,
    });
  });

  it.each([
    [{ scopes: [] }, false],
    [{ concurrency: '0' }, false],
    [{ concurrency: '1.5' }, false],
    [{ concurrency: '100001' }, false],
    [{ requestsPerMinute: '1000000' }, true],
    [{ tokensPerMinute: '1e6' }, false],
    [{}, true],
  ])('could be taken with %j: %s', (fields, isGood) => {
    expect(areLimits({ ...NO_LIMITS, ...fields })).toBe(isGood);
  });
});

describe('the limits in words', () => {
  it('name a single thing and count several', () => {
    expect(limitWords(KEY)).toEqual([
      'openai/gpt-4o',
      '2 providers',
      '1,200 requests a minute',
      '4 at once',
      '203.0.113.0/24',
    ]);
  });

  it('name the scopes of a key that may more than ask models', () => {
    expect(limitWords({ ...KEY, ...NOTHING, scopes: ['usage', 'keys'] })).toEqual([
      'for usage, keys',
    ]);
    expect(limitWords({ ...KEY, ...NOTHING })).toEqual([]);
  });
});

const NOTHING = {
  models: null,
  providers: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrency: null,
  ipRanges: null,
};
