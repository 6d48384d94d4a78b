// PostgreSQL behind a cable that is pulled: what is in memory goes on being served, what is not is
// refused as "try again", never as "wrong key", and on return everything is booked exactly once.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKeySecret } from '../../src/keys/secret.ts';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answerJson, startUpstream, type Upstream } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { type TcpProxy, startProxy } from './tcp-proxy.ts';
import { CHEAPEST, type Customer, ask, call, expectExactBooks, makeCustomer } from './world.ts';
import { providersAt, withDatabase } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

const AWAY_MS = 5_000;
/** Beyond the second at which changes of keys are asked for at the latest. */
const NEWS_MS = 1_500;
const QUICK_MS = 6_000;
const LONGEST_STOP_MS = 40_000;
const STAMPEDE = 200;
/** A few look-ups at once, and the tries of whatever else wants the database. */
const MOST_ATTEMPTS = 20;
/** Small enough that one lease, a dollar ahead, pays for hundreds of them. */
const SMALL = { max_completion_tokens: 16 };
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`while the database is away: ${label}`, () => {
  let upstream: Upstream;
  let server: Awaited<ReturnType<typeof createDatabaseUrl>>;
  let proxy: TcpProxy;
  let hub: Hub;
  let customer: Customer;
  let served = 0;

  beforeAll(async () => {
    upstream = await startUpstream(answerJson(chatAnswer()));
    server = await createDatabaseUrl();
    proxy = await startProxy(server.url);
    hub = await startHub({ env: { ...providersAt(upstream.baseUrl), DATABASE_URL: proxy.url } });
    customer = await makeCustomer(hub, 100_000_000_000n);
  });
  afterEach(() => proxy.restore());
  afterAll(async () => {
    await hub.stop();
    await proxy.close();
    await upstream.close();
    await server.drop();
  });

  async function send(key: string): Promise<{ status: number; retryAfter: string | null }> {
    const response = await call(hub, key, ask(CHEAPEST, SMALL));
    await response.arrayBuffer();
    if (response.status === 200) served += 1;
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  }

  const countRecords = (): Promise<number> =>
    withDatabase('', server.url, async (sql) => {
      const row = await sql
        .selectFrom('usage_records')
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .where('outcome', '=', 'completed')
        .executeTakeFirstOrThrow();
      return Number(row.count);
    });

  /** The database works for the hub again: an unknown key is known to be unknown. */
  const waitForReturn = (): Promise<void> =>
    vi.waitFor(async () => expect((await send(createKeySecret('live').text)).status).toBe(401), {
      timeout: 20_000,
      interval: 200,
    });

  it('cached keys with leased money go on, and everything is booked once on return', async () => {
    // A key that was just made is forgotten once more when the news of it arrives.
    for (const until = performance.now() + NEWS_MS; performance.now() < until; ) {
      expect((await send(customer.liveKey)).status).toBe(200);
      await sleep(50);
    }
    proxy.cut();
    const until = performance.now() + AWAY_MS;
    const statuses: number[] = [];
    while (performance.now() < until) {
      statuses.push((await send(customer.liveKey)).status);
      await sleep(50);
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await countRecords()).toBeLessThan(served);
    proxy.restore();
    await vi.waitFor(async () => expect(await countRecords()).toBe(served), {
      timeout: 20_000,
      interval: 200,
    });
  });

  for (const how of ['cut', 'silence'] as const) {
    it(`an unknown key is told to try again, quickly and never as a wrong one: ${how}`, async () => {
      await waitForReturn();
      proxy[how]();
      const { text } = createKeySecret('live');
      const startedMs = performance.now();
      const { status, retryAfter } = await send(text);
      expect(performance.now() - startedMs).toBeLessThan(QUICK_MS);
      expect(status).toBe(503);
      expect(Number(retryAfter)).toBeGreaterThan(0);
      proxy.restore();
      await waitForReturn();
      await vi.waitFor(async () => expect((await send(text)).status).toBe(401), {
        timeout: 5_000,
        interval: 100,
      });
    });
  }

  it(`${STAMPEDE} requests with keys that nobody knows do not storm the database`, async () => {
    await waitForReturn();
    proxy.cut();
    const before = proxy.attempts();
    const secrets = Array.from({ length: STAMPEDE }, () => createKeySecret('live').text);
    const answers = await Promise.all(secrets.map(send));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(proxy.attempts() - before).toBeLessThanOrEqual(MOST_ATTEMPTS);
  });

  it('leaves exact books at the end', async () => {
    await waitForReturn();
    expect(await hub.terminate()).toBe(0);
    expect(await countRecords()).toBe(served);
    await withDatabase('', server.url, expectExactBooks);
  });
});

describe.skipIf(!available)(`a hub whose database says nothing: ${label}`, () => {
  it('stops when it is asked to, and the next start books what was left', async () => {
    const upstream = await startUpstream(answerJson(chatAnswer()));
    const server = await createDatabaseUrl();
    const proxy = await startProxy(server.url);
    const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: proxy.url };
    const first = await startHub({ env });
    let hub = first;
    try {
      const { liveKey } = await makeCustomer(hub, 100_000_000_000n);
      // The first answer leases money; the second is served in silence, from memory.
      for (const silent of [false, true]) {
        await sleep(NEWS_MS);
        expect((await call(hub, liveKey, ask(CHEAPEST, SMALL))).status).toBe(200);
        if (!silent) proxy.silence();
      }
      const startedMs = performance.now();
      expect(await hub.terminate()).toBe(0);
      expect(performance.now() - startedMs).toBeLessThan(LONGEST_STOP_MS);
      proxy.restore();
      hub = await startHub({ env, dataDir: first.dataDir });
      expect(await hub.terminate()).toBe(0);
      await withDatabase('', server.url, async (sql) => {
        await expectExactBooks(sql);
        const rows = await sql.selectFrom('usage_records').select('outcome').execute();
        expect(rows).toEqual([{ outcome: 'completed' }, { outcome: 'completed' }]);
      });
    } finally {
      await hub.stop();
      await first.stop();
      await proxy.close();
      await upstream.close();
      await server.drop();
    }
  });
});
