// Budgets under fire: a flood over two nodes never gets a nano-dollar beyond a limit, a changed limit
// holds everywhere within a second, and windows are renewed by the database's clock alone.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Budget, Span } from '../../src/console/contract.ts';
import type { MembersReply } from '../../src/console/contract-workspaces.ts';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Upstream, answerJson, startUpstream } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { type ConsoleSession, signIn } from './console-session.ts';
import {
  CHAT,
  type Customer,
  ask,
  call,
  expectExactBooks,
  makeCustomer,
  openWorld,
  providersAt,
  receiptOf,
  withDatabase,
} from './world.ts';

vi.setConfig({ testTimeout: 120_000 });

const FLOOD = 200;
const FITTING = 10n;
const RICH_NANOS = 1_000_000_000_000n;
const WITHIN_MS = 1_000;
const CAPPED = { max_completion_tokens: 500, stream: false };
const SANDBOX = 'sandbox/echo';
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

interface MadeKey {
  readonly id: string;
  readonly secret: string;
}

describe('a budget on one node', () => {
  it('is spent to the last nano-dollar by a flood, and not beyond', async () => {
    const world = await openWorld();
    try {
      const { hub, upstream } = world;
      upstream.answer = spendAll;
      const customer = await world.customer(RICH_NANOS);
      const session = await signIn(hub, customer);
      const response = await call(hub, customer.liveKey, ask(CHAT, CAPPED));
      await response.arrayBuffer();
      const { holdNanos } = await receiptOf(hub, customer.liveKey, response);
      const limitUsd = usdOf(BigInt(holdNanos) * FITTING);
      const made = await session.request('POST', `/workspaces/${customer.workspaceId}/keys`, {
        name: 'x',
        mode: 'live',
        budget: { span: 'daily', limitUsd },
      });
      const { secret } = (await made.json()) as { secret: string };
      const seen = await flood([hub], upstream, [secret]);
      const fitting = Number(FITTING);
      expect(seen).toEqual(
        new Map([
          [402, FLOOD - fitting],
          [200, fitting],
        ]),
      );
      const about = await aboutKey(hub, secret);
      expect(about).toContain(`"used":${limitUsd},"remaining":0,"reset":"daily"`);
    } finally {
      await world.close();
    }
  });
});

describe.skipIf(!available)(`budgets over two nodes: ${label}`, () => {
  let upstream: Upstream;
  let server: Awaited<ReturnType<typeof createDatabaseUrl>>;
  let hubs: Hub[];
  let customer: Customer;
  let session: ConsoleSession;
  let home: string;
  let worstNanos: bigint;

  beforeAll(async () => {
    upstream = await startUpstream(spendAll);
    server = await createDatabaseUrl();
    const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: server.url };
    const first = await startHub({ env });
    hubs = [first, await startHub({ env })];
    customer = await makeCustomer(first, RICH_NANOS);
    session = await signIn(first, customer);
    home = `/workspaces/${customer.workspaceId}`;
    const response = await call(first, customer.liveKey, ask(CHAT, CAPPED));
    await response.arrayBuffer();
    worstNanos = BigInt((await receiptOf(first, customer.liveKey, response)).holdNanos);
  });
  afterAll(async () => {
    try {
      const codes = await Promise.all(hubs.map((hub) => hub.terminate()));
      expect(codes).toEqual([0, 0]);
      await withDatabase('', server.url, expectExactBooks);
    } finally {
      await Promise.all(hubs.map((hub) => hub.stop()));
      await upstream.close();
      await server.drop();
    }
  });

  const change = async (method: 'PUT' | 'DELETE', path: string, limitNanos?: bigint) => {
    const body = limitNanos === undefined ? undefined : { limitUsd: usdOf(limitNanos) };
    const response = await session.request(method, home + path, body);
    expect(response.status).toBe(method === 'PUT' ? 200 : 204);
  };
  const makeKey = async (mode = 'live', span?: Span, limitNanos = 0n): Promise<MadeKey> => {
    const budget = span && { budget: { span, limitUsd: usdOf(limitNanos) } };
    const made = await session.request('POST', `${home}/keys`, { name: 'x', mode, ...budget });
    const { key, secret } = (await made.json()) as { key: { id: string }; secret: string };
    return { id: key.id, secret };
  };
  const makerId = async (): Promise<string> => {
    const { members } = (await (
      await session.request('GET', `${home}/members`)
    ).json()) as MembersReply;
    return members[0]?.personId ?? '';
  };
  const budgetsAt = async (path: string): Promise<Budget[]> => {
    const response = await session.request('GET', `${home}${path}/budgets`);
    return ((await response.json()) as { budgets: Budget[] }).budgets;
  };
  /** Everything that was answered by any node is booked. */
  const flush = async (secret: string): Promise<void> => {
    await Promise.all(hubs.map((hub) => aboutKey(hub, secret)));
  };
  const statuses = (secret: string): Promise<number[]> =>
    Promise.all(hubs.map((hub) => statusOn(hub, secret)));

  /** Spent to the limit, never beyond it, but for what is too little for a request on each node. */
  async function expectSpentToLimit(path: string, limitNanos: bigint): Promise<void> {
    const [budget] = await budgetsAt(path);
    const usedNanos = BigInt(budget?.usedNanos ?? -1n);
    expect(usedNanos).toBeLessThanOrEqual(limitNanos);
    expect(usedNanos + BigInt(budget?.remainingNanos ?? -1n)).toBe(limitNanos);
    expect(usedNanos).toBeGreaterThan(limitNanos - worstNanos * BigInt(hubs.length));
  }

  it('let a flood on a key through as often as its budget holds, and not once more', async () => {
    const limitNanos = worstNanos * FITTING;
    const key = await makeKey('live', 'daily', limitNanos);
    const before = upstream.asked.length;
    const seen = await flood(hubs, upstream, [key.secret]);
    const reached = upstream.asked.length - before;
    expect(seen.get(200)).toBe(reached);
    expect(seen.get(402)).toBe(FLOOD - reached);
    await flush(key.secret);
    await expectSpentToLimit(`/keys/${key.id}`, limitNanos);
    expect(await statuses(customer.liveKey)).toEqual([200, 200]);
  });

  it('say whose budget it is and when it is renewed, in the words of each protocol', async () => {
    const key = await makeKey('live', 'weekly', 0n);
    const response = await call(hubs[0]!, key.secret, ask(CHAT, CAPPED));
    expect(response.status).toBe(402);
    expect(await response.json()).toMatchObject({
      error: {
        code: 'budget_exceeded',
        type: 'insufficient_quota',
        message: expect.stringMatching(/weekly budget of this API key.*Monday/),
      },
    });
    const path = '/v1/messages';
    const other = await call(hubs[1]!, key.secret, ask(CHAT, { max_tokens: 50 }), { path });
    expect(other.status).toBe(402);
    expect(await other.json()).toMatchObject({ error: { type: 'billing_error' } });
  });

  it('count the live keys of a member together, and no test key', async () => {
    const personId = await makerId();
    const path = `/members/${personId}`;
    const keys = await Promise.all([makeKey(), makeKey(), makeKey()]);
    const test = await makeKey('test');
    for (const { secret } of keys) expect(await statuses(secret)).toEqual([200, 200]);
    const limitNanos = worstNanos * FITTING;
    await change('PUT', `${path}/budgets/monthly`, limitNanos);
    try {
      for (const { secret } of keys) {
        await vi.waitFor(async () => expect(await budgetsOfKey(hubs, secret)).toEqual([1, 1]));
      }
      const before = upstream.asked.length;
      const seen = await flood(
        hubs,
        upstream,
        keys.map(({ secret }) => secret),
      );
      const reached = upstream.asked.length - before;
      expect(seen.get(402)).toBe(FLOOD - reached);
      await flush(keys[0].secret);
      await expectSpentToLimit(path, limitNanos);
      expect(await statusOn(hubs[0]!, test.secret, SANDBOX)).toBe(200);
    } finally {
      await change('DELETE', `${path}/budgets/monthly`);
    }
    await vi.waitFor(async () => expect(await statuses(keys[0].secret)).toEqual([200, 200]), {
      timeout: WITHIN_MS,
      interval: 20,
    });
  });

  it('bind a test key too, with its own budget', async () => {
    const key = await makeKey('test', 'total', 0n);
    expect(await statusOn(hubs[0]!, key.secret, SANDBOX)).toBe(402);
    await change('DELETE', `/keys/${key.id}/budgets/total`);
    await vi.waitFor(async () => expect(await statusOn(hubs[1]!, key.secret, SANDBOX)).toBe(200), {
      timeout: WITHIN_MS,
      interval: 20,
    });
  });

  it('hold a lowered limit on both nodes within a second, and a raised one again', async () => {
    const key = await makeKey('live', 'daily', RICH_NANOS);
    const path = `/keys/${key.id}/budgets/daily`;
    for (let trial = 0; trial < 10; trial++) {
      expect(await statuses(key.secret)).toEqual([200, 200]);
      // Requests come all the while, so that nodes lease at the very moment of the change.
      const refused = hubs.map(async (hub) => {
        while ((await statusOn(hub, key.secret)) !== 402);
      });
      await change('PUT', path, 0n);
      const startedMs = performance.now();
      await Promise.all(refused);
      expect(performance.now() - startedMs).toBeLessThan(WITHIN_MS);
      for (let again = 0; again < 5; again++)
        expect(await statuses(key.secret)).toEqual([402, 402]);
      await change('PUT', path, RICH_NANOS);
      await vi.waitFor(async () => expect(await statuses(key.secret)).toEqual([200, 200]), {
        timeout: WITHIN_MS,
        interval: 20,
      });
    }
    await flush(key.secret);
    const [budget] = await budgetsAt(`/keys/${key.id}`);
    const usedNanos = BigInt(budget?.usedNanos ?? 0n);
    // Lowered below what is used: what is used stays, and nothing more is let through.
    await change('PUT', path, usedNanos - 1n);
    await vi.waitFor(async () => expect(await statuses(key.secret)).toEqual([402, 402]));
    expect((await budgetsAt(`/keys/${key.id}`))[0]).toMatchObject({
      usedNanos: usedNanos.toString(),
      remainingNanos: '0',
    });
  });

  it('take home within a second what idle nodes had leased under a higher limit', async () => {
    const key = await makeKey('live', 'daily', RICH_NANOS);
    // Each node leases ahead: without a call it would keep that, and let one more request through.
    expect(await statuses(key.secret)).toEqual([200, 200]);
    await change('PUT', `/keys/${key.id}/budgets/daily`, 0n);
    await sleep(WITHIN_MS);
    expect(await statuses(key.secret)).toEqual([402, 402]);
  });

  it('end with their removal, within a second', async () => {
    const key = await makeKey('live', 'total', 0n);
    expect(await statuses(key.secret)).toEqual([402, 402]);
    await change('DELETE', `/keys/${key.id}/budgets/total`);
    await vi.waitFor(async () => expect(await statuses(key.secret)).toEqual([200, 200]), {
      timeout: WITHIN_MS,
      interval: 20,
    });
  });

  it('are what a key learns of itself, the tightest first of all', async () => {
    // Beyond 32 bits of nano-dollars, and beyond the digits of a double.
    const key = await makeKey('live', 'monthly', 9_999_999_999_999_999n);
    const alone = await aboutKey(hubs[0]!, key.secret);
    expect(alone).toContain('"limit":9999999.999999999,"limit_remaining":9999999.999999999,');
    expect(alone).toContain('"limit_reset":"monthly",');
    await change('PUT', `/keys/${key.id}/budgets/total`, 1_500_000_001n);
    await vi.waitFor(async () => expect(await budgetsOfKey(hubs, key.secret)).toEqual([2, 2]));
    expect(await statusOn(hubs[0]!, key.secret)).toBe(200);
    await flush(key.secret);
    const total = (await budgetsAt(`/keys/${key.id}`)).find(({ span }) => span === 'total');
    const text = await aboutKey(hubs[0]!, key.secret);
    expect(text).toContain('"limit":1.500000001,');
    expect(text).toContain(`"limit_remaining":${usdOf(BigInt(total?.remainingNanos ?? 0n))},`);
    expect(text).toContain('"limit_reset":null,');
    const { data } = JSON.parse(text) as { data: { budgets: Record<string, unknown>[] } };
    expect(data.budgets).toMatchObject([
      { of: 'key', reset: 'monthly', resets_at: expect.stringMatching(/-01T00:00:00\.000Z$/) },
      { of: 'key', reset: null, resets_at: null, limit: 1.500000001 },
    ]);
  });
});

async function statusOn(hub: Hub, secret: string, model = CHAT): Promise<number> {
  const response = await call(hub, secret, ask(model, CAPPED));
  await response.arrayBuffer();
  return response.status;
}

/** Sends 200 requests at once with these keys in turn; how many there were of each status. */
async function flood(
  hubs: readonly Hub[],
  upstream: Upstream,
  secrets: readonly string[],
): Promise<ReadonlyMap<number, number>> {
  const seen = new Map<number, number>();
  const gate = Promise.withResolvers<void>();
  let decided = 0;
  // What was sent is answered, with all that it was held for, once every request is decided on.
  const decide = (): void => void (++decided === FLOOD && gate.resolve());
  upstream.answer = async (response, asked) => {
    decide();
    await gate.promise;
    await spendAll(response, asked);
  };
  const calls = Array.from({ length: FLOOD }, async (_, i) => {
    const secret = secrets[i % secrets.length] ?? '';
    const status = await statusOn(hubs[i % hubs.length]!, secret);
    seen.set(status, (seen.get(status) ?? 0) + 1);
    if (status !== 200) decide();
  });
  await Promise.all(calls);
  upstream.answer = spendAll;
  return seen;
}

/** Says that more was used than any hold covers, so that each request is charged its whole hold. */
const spendAll = answerJson(chatAnswer({ prompt_tokens: 10_000_000, completion_tokens: 10_000 }));

async function aboutKey(hub: Hub, secret: string): Promise<string> {
  const headers = { authorization: `Bearer ${secret}` };
  return (await fetch(`${hub.baseUrl}/v1/key`, { headers })).text();
}

/** How many budgets each node knows of the key. */
function budgetsOfKey(hubs: readonly Hub[], secret: string): Promise<number[]> {
  return Promise.all(
    hubs.map(async (hub) => {
      const text = await aboutKey(hub, secret);
      return (JSON.parse(text) as { data: { budgets: unknown[] } }).data.budgets.length;
    }),
  );
}

function usdOf(nanos: bigint): string {
  const text = nanos.toString().padStart(10, '0');
  const fraction = text.slice(-9).replace(/0+$/, '');
  return fraction === '' ? text.slice(0, -9) : `${text.slice(0, -9)}.${fraction}`;
}
