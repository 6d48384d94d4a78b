// A pool for each settings object: credentials are never mixed up, and what nobody uses goes.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openai } from '../../src/providers/openai.ts';
import type { ProviderSettings } from '../../src/providers/provider.ts';
import { keepPools } from '../../src/upstream/pools.ts';
import type { Upstreams } from '../../src/upstream/port.ts';
import { CLIENTS, type Wire, jsonAnswer, openWire, readAll, says, send } from './world.ts';

const settings = (credential: string): ProviderSettings => ({
  baseUrl: 'http://127.0.0.1:9/v1',
  credential,
  privateNetwork: true,
});

describe('the pools that are kept', () => {
  const retired: string[] = [];
  const open = (most: number) =>
    keepPools(
      ({ settings: { credential } }) => (typeof credential === 'string' ? credential : ''),
      (pool) => void retired.push(pool),
      most,
    );
  beforeEach(() => {
    retired.length = 0;
    vi.useFakeTimers();
  });
  afterEach(() => void vi.useRealTimers());

  it('are one for each settings object, even where two say the same', () => {
    const opened = vi.fn(() => ({}));
    const pools = keepPools(opened, () => undefined);
    const [a, b] = [settings('same'), settings('same')];
    const first = pools.of({ provider: openai, settings: a });
    expect(pools.of({ provider: openai, settings: b })).not.toBe(first);
    expect(pools.of({ provider: openai, settings: a })).toBe(first);
    expect(opened).toHaveBeenCalledTimes(2);
  });

  it('make room by the least recently used', () => {
    const pools = open(2);
    const [a, b, c] = [settings('a'), settings('b'), settings('c')];
    for (const each of [a, b, a, a, c]) pools.of({ provider: openai, settings: each });
    expect(retired).toEqual(['b']);
    pools.of({ provider: openai, settings: b });
    expect(retired).toEqual(['b', 'a']);
  });

  it('go when nobody used them for a while, and all when they are closed', () => {
    const pools = open(10);
    const [a, b] = [settings('a'), settings('b')];
    for (const each of [a, b]) pools.of({ provider: openai, settings: each });
    vi.advanceTimersByTime(60_000);
    pools.of({ provider: openai, settings: b });
    vi.advanceTimersByTime(60_000);
    expect(retired).toEqual(['a']);
    pools.close();
    expect(retired).toEqual(['a', 'b']);
    expect(vi.getTimerCount()).toBe(0);
    expect(() => pools.of({ provider: openai, settings: a })).toThrow('closed');
  });
});

describe.each(CLIENTS)('the $client client with many credentials', ({ open }) => {
  let upstreams: Upstreams;
  let wire: Wire;
  afterEach(async () => {
    await upstreams.close();
    await wire.close();
  });

  it('sends each request with its own, on no connection of another', async () => {
    wire = await openWire(says(jsonAnswer('{}')));
    upstreams = open(20_000);
    const all = Array.from({ length: 30 }, (_, i) => ({
      ...wire.settings,
      credential: `own-${i}`,
    }));
    const reads = Array.from({ length: 4 }, () => all)
      .flat()
      .map((own) =>
        readAll(
          send(upstreams, own, {
            provider: openai,
            headers: { accept: '*/*', 'x-customer': own.credential },
          }),
        ),
      );
    expect((await Promise.all(reads)).map(({ answer }) => answer.status)).toEqual(
      Array.from({ length: 120 }, () => 200),
    );
    const carried = new Map<number, string>();
    for (const { head, connection } of wire.asked) {
      const customer = /^x-customer: (.*)\r$/m.exec(head)?.[1] ?? '';
      expect(head).toContain(`authorization: Bearer ${customer}\r`);
      expect(carried.get(connection) ?? customer).toBe(customer);
      carried.set(connection, customer);
    }
    expect(new Set(carried.values()).size).toBe(30);
  });
});
