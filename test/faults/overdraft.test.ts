// Nobody overspends: a flood of requests on a balance for ten of them, a balance of one cent with a
// dear model, a prompt without a cap. Every hold covers the worst case before anything is sent.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDatabaseUrl, TEST_DATABASES } from '../support/databases.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Upstream, answerJson, startUpstream } from '../support/upstream.ts';
import { CHAT_USAGE, chatAnswer, messagesAnswer } from './answers.ts';
import {
  CHAT,
  CLAUDE,
  DEAR,
  type World,
  ask,
  balanceOf,
  call,
  expectExactBooks,
  makeCustomer,
  openWorld,
  providersAt,
  readLeases,
  receiptOf,
  withDatabase,
} from './world.ts';

vi.setConfig({ testTimeout: 60_000 });

const FLOOD = 500;
const FUNDED = 10;
const RICH_NANOS = 1_000_000_000_000n;
const CENT_NANOS = 10_000_000n;
const FEW_CENTS_NANOS = 4n * CENT_NANOS;
const postgres = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

/** Sends the flood over these hubs at once; returns how the requests ended, by status. */
async function flood(hubs: readonly Hub[], key: string, upstream: Upstream) {
  const statuses = new Map<number, number>();
  const gate = Promise.withResolvers<void>();
  let decided = 0;
  // What was sent is answered, with all that it was held for, once every request is decided on.
  const decide = (): void => void (++decided === FLOOD && gate.resolve());
  upstream.answer = async (response, asked) => {
    decide();
    await gate.promise;
    const completion_tokens = Number(asked.body['max_completion_tokens']);
    await answerJson(chatAnswer({ prompt_tokens: 10, completion_tokens }))(response, asked);
  };
  const calls = Array.from({ length: FLOOD }, async (_, i) => {
    const response = await call(hubs[i % hubs.length]!, key, ask(CHAT, CAPPED));
    await response.arrayBuffer();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    if (response.status !== 200) decide();
  });
  await Promise.all(calls);
  return statuses;
}

const CAPPED = { max_completion_tokens: 500, stream: false };

/** What one such request is held for, as a rich customer's receipt says. */
async function worstCaseNanos(hub: Hub, upstream: Upstream): Promise<bigint> {
  const rich = await makeCustomer(hub, RICH_NANOS);
  upstream.answer = answerJson(chatAnswer());
  const response = await call(hub, rich.liveKey, ask(CHAT, CAPPED));
  await response.arrayBuffer();
  return BigInt((await receiptOf(hub, rich.liveKey, response)).holdNanos);
}

for (const { name, available, label } of TEST_DATABASES) {
  describe.skipIf(!available)(`a flood on ${label}`, () => {
    it('of 500 requests on funds for ten reaches the provider ten times at most', async () => {
      const world = await openWorld(name);
      try {
        const worst = await worstCaseNanos(world.hub, world.upstream);
        const customer = await world.customer(worst * BigInt(FUNDED));
        const before = world.upstream.asked.length;
        const statuses = await flood([world.hub], customer.liveKey, world.upstream);
        expect(world.upstream.asked.length - before).toBe(FUNDED);
        expect(statuses).toEqual(
          new Map([
            [402, FLOOD - FUNDED],
            [200, FUNDED],
          ]),
        );
        const left = await balanceOf(world.hub, customer.liveKey);
        expect(left).toBeGreaterThanOrEqual(0n);
        expect(left).toBeLessThan(worst * BigInt(FUNDED));
      } finally {
        await world.close();
      }
    });
  });
}

describe.skipIf(!postgres.available)(`a flood over two nodes on ${postgres.label}`, () => {
  it('of 500 requests on funds for ten reaches the provider ten times at most', async () => {
    const upstream = await startUpstream();
    const { url, drop } = await createDatabaseUrl();
    const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: url };
    const first = await startHub({ env });
    const hubs = [first, await startHub({ env })];
    try {
      const worst = await worstCaseNanos(first, upstream);
      const customer = await makeCustomer(first, worst * BigInt(FUNDED));
      const before = upstream.asked.length;
      const statuses = await flood(hubs, customer.liveKey, upstream);
      const reached = upstream.asked.length - before;
      expect(reached).toBeGreaterThan(0);
      expect(reached).toBeLessThanOrEqual(FUNDED);
      expect(statuses.get(200)).toBe(reached);
      expect(statuses.get(402)).toBe(FLOOD - reached);
      expect(await Promise.all(hubs.map((hub) => hub.terminate()))).toEqual([0, 0]);
      await withDatabase('', url, expectExactBooks);
    } finally {
      await Promise.all(hubs.map((hub) => hub.stop()));
      await upstream.close();
      await drop();
    }
  });
});

describe('the hold of a request', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  it('covers a giant prompt without a cap at the worst rate, prompt and answer', async () => {
    const customer = await world.customer(RICH_NANOS);
    world.upstream.answer = answerJson(chatAnswer());
    const content = 'x'.repeat(2_000_000);
    const body = ask(DEAR, { messages: [{ role: 'user', content }] });
    const response = await call(world.hub, customer.liveKey, body);
    expect(response.status).toBe(200);
    const { holdNanos } = await receiptOf(world.hub, customer.liveKey, response);
    // A prompt of two million bytes may fill the context: 1 050 000 tokens, written to the cache at
    // the long-prompt rate of $25 a million; the answer up to 128 000 tokens at $75.
    const prompt = (1_050_000n * 25_000_000_000n) / 1_000_000n;
    const answer = (128_000n * 75_000_000_000n) / 1_000_000n;
    expect(BigInt(holdNanos)).toBeGreaterThanOrEqual(prompt + answer);
  });

  it('lowers the cap where a few cents meet a dear model, and charges no more than the hold', async () => {
    const customer = await world.customer(FEW_CENTS_NANOS);
    world.upstream.answer = (response, asked) => {
      const completion_tokens = Number(asked.body['max_completion_tokens']);
      return answerJson(chatAnswer({ prompt_tokens: 10, completion_tokens }))(response, asked);
    };
    const response = await call(world.hub, customer.liveKey, ask(DEAR));
    expect(response.status).toBe(200);
    const sent = world.upstream.asked.at(-1)?.body;
    const cap = Number(response.headers.get('x-inferencehub-output-cap'));
    expect(cap).toBeGreaterThanOrEqual(16);
    expect(sent?.['max_completion_tokens']).toBe(cap);
    expect(sent).not.toHaveProperty('max_tokens');
    const receipt = await receiptOf(world.hub, customer.liveKey, response);
    expect(receipt.outputCapLowered).toBe(true);
    expect(BigInt(receipt.holdNanos)).toBeLessThanOrEqual(FEW_CENTS_NANOS);
    expect(BigInt(receipt.chargeNanos)).toBeLessThanOrEqual(BigInt(receipt.holdNanos));
    expect(BigInt(receipt.chargeNanos)).toBe(BigInt(receipt.costNanos));
    expect(await balanceOf(world.hub, customer.liveKey)).toBe(
      FEW_CENTS_NANOS - BigInt(receipt.chargeNanos),
    );
  });

  it('lowers the cap under the field that the client wrote, in either protocol', async () => {
    const customer = await world.customer(CENT_NANOS);
    world.upstream.answer = answerJson(messagesAnswer({ input_tokens: 9, output_tokens: 4 }));
    const messages = await call(world.hub, customer.liveKey, ask(CLAUDE, { max_tokens: 50_000 }));
    const claudeCap = Number(messages.headers.get('x-inferencehub-output-cap'));
    expect(claudeCap).toBeGreaterThan(0);
    expect(claudeCap).toBeLessThan(50_000);
    expect(world.upstream.asked.at(-1)?.body['max_tokens']).toBe(claudeCap);
    world.upstream.answer = answerJson(chatAnswer());
    const chat = await call(world.hub, customer.liveKey, ask(CHAT, { max_tokens: 16_000 }));
    const sent = world.upstream.asked.at(-1)?.body;
    expect(sent?.['max_tokens']).toBe(Number(chat.headers.get('x-inferencehub-output-cap')));
    expect(sent?.['max_tokens']).toBeLessThan(16_000);
    expect(sent).not.toHaveProperty('max_completion_tokens');
  });

  it('refuses with 402 what the balance does not cover, and sends nothing', async () => {
    const customer = await world.customer(CENT_NANOS);
    const before = world.upstream.asked.length;
    const content = 'x'.repeat(50_000);
    for (const model of [DEAR, CLAUDE]) {
      const body = ask(model, { messages: [{ role: 'user', content }] });
      const response = await call(world.hub, customer.liveKey, body);
      expect(response.status).toBe(402);
      const { error } = (await response.json()) as { error: { type: string } };
      expect(error.type).toBe(model === CLAUDE ? 'billing_error' : 'insufficient_quota');
      const receipt = await receiptOf(world.hub, customer.liveKey, response);
      expect(receipt).toMatchObject({ holdNanos: '0', chargeNanos: '0', attempts: 0 });
    }
    expect(world.upstream.asked).toHaveLength(before);
    expect(await balanceOf(world.hub, customer.liveKey)).toBe(CENT_NANOS);
  });
});

describe.skipIf(!postgres.available)(`a rich account on ${postgres.label}`, () => {
  it('is held like any other: money is leased before the provider is asked', async () => {
    const { url, drop } = await createDatabaseUrl();
    const upstream = await startUpstream();
    const env = { ...providersAt(upstream.baseUrl), DATABASE_URL: url };
    const hub = await startHub({ env });
    try {
      const customer = await makeCustomer(hub, 9_000_000_000_000_000n);
      let leased: { id: string; balance_nanos: bigint }[] = [];
      upstream.answer = async (response, asked) => {
        leased = await withDatabase('', url, readLeases);
        await answerJson(chatAnswer(CHAT_USAGE))(response, asked);
      };
      const response = await call(hub, customer.liveKey, ask(CHAT));
      const receipt = await receiptOf(hub, customer.liveKey, response);
      expect(BigInt(receipt.holdNanos)).toBeGreaterThan(0n);
      expect(leased).toHaveLength(1);
      expect(leased[0]?.id).toContain(`live:lease:${customer.workspaceId}:`);
      expect(leased[0]?.balance_nanos).toBeGreaterThanOrEqual(BigInt(receipt.holdNanos));
    } finally {
      await hub.stop();
      await upstream.close();
      await drop();
    }
  });
});
