// An Idempotency-Key holds over all nodes and through the death of each of them, and it fails closed:
// while nobody can tell whether it was used, nothing is sent.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Upstream, answerJson, startUpstream } from '../support/upstream.ts';
import { chatAnswer } from './answers.ts';
import { ONE_OF_TWENTY, freshKey, holdBack, read, send, sendTwenty } from './repeats.ts';
import { startProxy } from './tcp-proxy.ts';
import { CHEAPEST, type Customer, ask, balanceOf, call, expectExactBooks } from './world.ts';
import { makeCustomer, providersAt, receiptOf, withDatabase } from './world.ts';

vi.setConfig({ testTimeout: 120_000 });

const HOUR_MS = 3_600_000;
const CHAT_NANOS = 20n * 2_500n + 7n * 10_000n;
const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`an Idempotency-Key over nodes and crashes: ${label}`, () => {
  let upstream: Upstream;
  let server: Awaited<ReturnType<typeof createDatabaseUrl>>;
  let env: Record<string, string>;
  let customer: Customer;
  let other: Hub;
  beforeAll(async () => {
    upstream = await startUpstream(answerJson(chatAnswer()));
    server = await createDatabaseUrl();
    env = { ...providersAt(upstream.baseUrl), DATABASE_URL: server.url };
    other = await startHub({ env });
    customer = await makeCustomer(other, 100_000_000_000n);
  });
  afterAll(async () => {
    expect(await other.terminate()).toBe(0);
    await withDatabase('', server.url, expectExactBooks);
    await other.stop();
    await upstream.close();
    await server.drop();
  });

  it('is one over all nodes: twenty requests at once on two of them, one charge', async () => {
    const second = await startHub({ env });
    try {
      const held = holdBack(upstream);
      const before = upstream.asked.length;
      const key = freshKey();
      const sendOne = (i: number): Promise<Response> =>
        send(i % 2 === 0 ? other : second, customer.liveKey, key);
      expect(await sendTwenty(sendOne, held.release)).toEqual(ONE_OF_TWENTY);
      expect(upstream.asked.length - before).toBe(1);
    } finally {
      await second.stop();
    }
  });

  it('of a request that died with its node is free once the node is back', async () => {
    holdBack(upstream);
    const dying = await startHub({ env });
    const key = freshKey();
    const before = upstream.asked.length;
    const lost = send(dying, customer.liveKey, key).catch(() => undefined);
    await vi.waitFor(() => expect(upstream.asked.length).toBe(before + 1));
    await dying.kill();
    await lost;
    upstream.answer = answerJson(chatAnswer());
    expect((await read(await send(other, customer.liveKey, key))).error.code).toBe(
      'idempotency_in_progress',
    );
    const back = await startHub({ env, dataDir: dying.dataDir });
    try {
      const response = await send(other, customer.liveKey, key);
      expect(response.status).toBe(200);
      expect((await send(back, customer.liveKey, key)).status).toBe(409);
    } finally {
      await back.stop();
      await dying.stop();
    }
  });

  it('of an answer that a client saw end stays used through a crash of its node', async () => {
    upstream.answer = answerJson(chatAnswer());
    const dying = await startHub({ env });
    const key = freshKey();
    expect((await send(dying, customer.liveKey, key)).status).toBe(200);
    await dying.kill();
    const back = await startHub({ env, dataDir: dying.dataDir });
    try {
      const again = await send(other, customer.liveKey, key);
      expect((await read(again)).error.code).toBe('idempotency_key_used');
    } finally {
      await back.stop();
      await dying.stop();
    }
  });

  it('is free again after a day', async () => {
    upstream.answer = answerJson(chatAnswer());
    const key = freshKey();
    expect((await send(other, customer.liveKey, key)).status).toBe(200);
    const age = (hours: number): Promise<unknown> =>
      withDatabase('', server.url, (sql) =>
        sql
          .updateTable('idempotency_keys')
          .set({ created_at: new Date(Date.now() - hours * HOUR_MS) })
          .execute(),
      );
    await age(23.9);
    expect((await send(other, customer.liveKey, key)).status).toBe(409);
    await age(24.1);
    expect((await send(other, customer.liveKey, key)).status).toBe(200);
  });

  it('while the database is away is refused as "try again", and nothing is sent', async () => {
    const proxy = await startProxy(server.url);
    const behind = await startHub({ env: { ...env, DATABASE_URL: proxy.url } });
    try {
      upstream.answer = answerJson(chatAnswer());
      const body = ask(CHEAPEST, { max_completion_tokens: 16 });
      const warm = (): Promise<Response> => call(behind, customer.liveKey, body);
      expect((await warm()).status).toBe(200);
      for (const how of ['cut', 'silence'] as const) {
        proxy[how]();
        const before = upstream.asked.length;
        const response = await send(behind, customer.liveKey, freshKey(), CHEAPEST);
        expect(response.status).toBe(503);
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
        expect((await read(response)).error.code).toBe('storage_unavailable');
        expect(upstream.asked).toHaveLength(before);
        proxy.restore();
        // Served and booked again.
        const booked = async () => receiptOf(behind, customer.liveKey, await warm());
        await vi.waitFor(booked, { timeout: 20_000, interval: 200 });
      }
    } finally {
      await behind.stop();
      await proxy.close();
    }
  });
});

describe.skipIf(!available)(`an Idempotency-Key of a node that is given up: ${label}`, () => {
  /** A node is given up when it was not seen for a fifth longer than this. */
  const NODE_LEASE_SECONDS = '5';
  const GIVEN_UP = { timeout: 40_000, interval: 500 };

  it('is free for others, and a node that was only frozen makes no second charge', async () => {
    const upstream = await startUpstream();
    const server = await createDatabaseUrl();
    const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: server.url, NODE_LEASE_SECONDS };
    const [other, frozen] = await Promise.all([startHub({ env }), startHub({ env })]);
    try {
      const { liveKey } = await makeCustomer(other, 100_000_000_000n);
      const before = await balanceOf(other, liveKey);
      const key = freshKey();
      const held = holdBack(upstream);
      const late = send(frozen, liveKey, key);
      await held.asked;
      const pid = Number(await readFile(join(frozen.dataDir, 'lock.pid'), 'utf8'));
      process.kill(pid, 'SIGSTOP');
      upstream.answer = answerJson(chatAnswer());
      const refused: (string | undefined)[] = [];
      await vi.waitFor(async () => {
        const response = await send(other, liveKey, key);
        if (response.status !== 200) refused.push((await read(response)).error.code);
        expect(response.status).toBe(200);
      }, GIVEN_UP);
      // Until it was given up, nobody could know that it would not answer.
      expect(new Set(refused)).toEqual(new Set(['idempotency_in_progress']));
      process.kill(pid, 'SIGCONT');
      held.release();
      expect((await late).status).toBe(200);
      expect(await frozen.terminate()).toBe(0);
      expect(before - (await balanceOf(other, liveKey))).toBe(CHAT_NANOS);
      expect((await read(await send(other, liveKey, key))).error.code).toBe('idempotency_key_used');
    } finally {
      // Also where it is frozen still.
      await frozen.kill();
      await Promise.all([frozen.stop(), other.stop()]);
      await upstream.close();
      await server.drop();
    }
  });
});
