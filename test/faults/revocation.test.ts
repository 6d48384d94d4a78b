// A key that is revoked while gateways know it: refused everywhere within a second, and within five
// where the database's notification never comes.

import { setTimeout as sleep } from 'node:timers/promises';
import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runNotified, runPolled } from '../../scripts/prove/revocations.ts';
import { expectExact } from '../crash/run.ts';
import type { Database } from '../../src/db/database.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answerJson, startUpstream, type Upstream } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { type ConsoleSession, signIn } from './console-session.ts';
import { type TcpProxy, startProxy } from './tcp-proxy.ts';
import { CHAT, type Customer, ask, call, makeCustomer, providersAt } from './world.ts';

vi.setConfig({ testTimeout: 120_000 });

const TRIALS = 50;
const POLLED_TRIALS = 5;
const POLLED_MS = 5_000;
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`keys that are revoked on one of two nodes on ${label}`, () => {
  it('are refused on both within a second', () => expectExact('notified', TRIALS, runNotified));

  it('are refused on both within five seconds where no notification arrives', () =>
    expectExact('polled', POLLED_TRIALS, runPolled));
});

describe.skipIf(!available)(`a key that is revoked, two nodes on ${label}`, () => {
  let upstream: Upstream;
  let server: Awaited<ReturnType<typeof createDatabaseUrl>>;
  let database: Database;
  let proxy: TcpProxy;
  let hubs: Hub[];
  let customer: Customer;
  let session: ConsoleSession;

  beforeAll(async () => {
    upstream = await startUpstream(answerJson(chatAnswer()));
    server = await createDatabaseUrl();
    proxy = await startProxy(server.url);
    const env = providersAt(upstream.baseUrl);
    const first = await startHub({ env: { ...env, DATABASE_URL: server.url } });
    hubs = [first, await startHub({ env: { ...env, DATABASE_URL: proxy.url } })];
    customer = await makeCustomer(first, 1_000_000_000_000n);
    session = await signIn(first, customer);
    database = openPostgres(server.url);
  });
  afterAll(async () => {
    await database?.close();
    await Promise.all(hubs.map((hub) => hub.stop()));
    await proxy.close();
    await upstream.close();
    await server.drop();
  });

  async function makeKey(): Promise<{ id: string; secret: string }> {
    const path = `/workspaces/${customer.workspaceId}/keys`;
    const made = await session.request('POST', path, { name: 'doomed', mode: 'live' });
    const { key, secret } = (await made.json()) as { key: { id: string }; secret: string };
    return { id: key.id, secret };
  }

  const statusOn = async (hub: Hub, secret: string): Promise<number> => {
    const response = await call(hub, secret, ask(CHAT));
    await response.arrayBuffer();
    return response.status;
  };

  /** Milliseconds until the last of the nodes refuses, asked all the time. */
  async function refusedEverywhereMs(secret: string): Promise<number> {
    const startedMs = performance.now();
    await Promise.all(
      hubs.map(async (hub) => {
        while ((await statusOn(hub, secret)) !== 401) await sleep(10);
      }),
    );
    const elapsedMs = performance.now() - startedMs;
    // Refused once is refused for ever.
    for (const hub of hubs) expect(await statusOn(hub, secret)).toBe(401);
    return elapsedMs;
  }

  it('where no notification comes is refused on both within five seconds', async () => {
    for (let trial = 0; trial < 3; trial++) {
      const { id, secret } = await makeKey();
      for (const hub of hubs) expect(await statusOn(hub, secret)).toBe(200);
      await database.sql
        .updateTable('api_keys')
        .set({ revoked_at: new Date(), change: rawSql<bigint>`nextval('api_key_changes')` })
        .where('id', '=', id)
        .execute();
      expect(await refusedEverywhereMs(secret)).toBeLessThan(POLLED_MS);
    }
  });

  it("where a node's connections have died unnoticed is refused on both within five seconds", async () => {
    const { id, secret } = await makeKey();
    for (const hub of hubs) expect(await statusOn(hub, secret)).toBe(200);
    proxy.stall();
    const path = `/workspaces/${customer.workspaceId}/keys/${id}`;
    expect((await session.request('DELETE', path)).status).toBe(204);
    expect(await refusedEverywhereMs(secret)).toBeLessThan(POLLED_MS);
    proxy.restore();
  });

  it('that was refused while unknown is accepted as soon as it is made', async () => {
    const { secret } = await makeKey();
    for (const hub of hubs) expect(await statusOn(hub, secret)).toBe(200);
  });
});
