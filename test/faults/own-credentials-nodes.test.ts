// Two nodes on one database: what happens to a customer's own credential holds on both within a second.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answerJson, startUpstream, type Upstream } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { type ConsoleSession, signIn } from './console-session.ts';
import { HUBS, SEALING, addOwn, credentialOf } from './own-credentials.ts';
import { CHAT, type Customer, ask, call, makeCustomer, providersAt } from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

const TRIALS = 10;
const HOLDS_MS = 1_000;
const OWN = 'sk-own-0123456789-nodes';
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`an own credential, two nodes on ${label}`, () => {
  let upstream: Upstream;
  let server: Awaited<ReturnType<typeof createDatabaseUrl>>;
  let hubs: Hub[];
  let customer: Customer;
  let session: ConsoleSession;

  beforeAll(async () => {
    upstream = await startUpstream(answerJson(chatAnswer()));
    server = await createDatabaseUrl();
    const env = { ...providersAt(upstream.baseUrl), ...SEALING, DATABASE_URL: server.url };
    const first = await startHub({ env });
    hubs = [first, await startHub({ env })];
    customer = await makeCustomer(first, 1_000_000_000_000n);
    session = await signIn(first, customer);
  });
  afterAll(async () => {
    await Promise.all(hubs.map((hub) => hub.stop()));
    await upstream.close();
    await server.drop();
  });

  /** With which credential this node asks now. */
  async function usedBy(hub: Hub): Promise<string> {
    const before = upstream.asked.length;
    await (await call(hub, customer.liveKey, ask(CHAT))).arrayBuffer();
    return upstream.asked.slice(before).map(credentialOf).join();
  }

  /** Milliseconds until both nodes ask with this one, one node after the other all the time. */
  async function usedEverywhereMs(credential: string): Promise<number> {
    const startedMs = performance.now();
    for (const hub of hubs) while ((await usedBy(hub)) !== credential) await sleep(10);
    const elapsedMs = performance.now() - startedMs;
    for (const hub of hubs) expect(await usedBy(hub)).toBe(credential);
    return elapsedMs;
  }

  it(`is used by both within a second once added, and by neither once removed or disabled`, async () => {
    const delaysMs: number[] = [];
    for (let trial = 0; trial < TRIALS; trial++) {
      const secret = `${OWN}-${trial}`;
      const path = `/workspaces/${customer.workspaceId}/credentials`;
      const id = await addOwn(session, customer, secret, 'first');
      delaysMs.push(await usedEverywhereMs(secret));
      if (trial % 2 === 0) {
        const off = { mode: 'first', isDisabled: true };
        expect((await session.request('PUT', `${path}/${id}`, off)).status).toBe(200);
        delaysMs.push(await usedEverywhereMs(HUBS[0]!));
      }
      expect((await session.request('DELETE', `${path}/${id}`)).status).toBe(200);
      delaysMs.push(await usedEverywhereMs(HUBS[0]!));
    }
    expect(Math.max(...delaysMs)).toBeLessThan(HOLDS_MS);
  });
});
