// Answers that are cut: the client leaves, or the provider dies. Each leaves a record and is billed
// for what was sent and delivered, and the other side hears of it.

import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerJson, chatStream, messagesStream } from '../support/upstream.ts';
import { chatAnswer, chatChunk, messagesHead } from './answers.ts';
import { type ConsoleSession, signIn } from './console-session.ts';
import { CHAT, CLAUDE, type Customer, type World } from './world.ts';
import { ask, balanceOf, call, openWorld, receiptOf } from './world.ts';

const GRANT_NANOS = 10_000_000_000n;
/** How soon a provider must learn that nobody waits any more. */
const CANCEL_MS = 1_000;
const HI_THERE_TOKENS = 3n;

/** What the rule for cut answers counts: four bytes a token, in nano-dollars a token. */
const estimateNanos = (body: unknown, rate: bigint): bigint =>
  BigInt(Math.ceil(Buffer.byteLength(JSON.stringify(body)) / 4)) * rate;

const STREAMS = [
  {
    model: CHAT,
    begun: chatStream(chatChunk({ content: 'Hi there.' })).slice(0, -1),
    // No usage came: the whole body at $2.50 a million, what was delivered at $10.
    owed: (body: unknown) => estimateNanos(body, 2_500n) + HI_THERE_TOKENS * 10_000n,
    source: 'estimated',
    failure: /data: (\{"error":.*\})\n\n$/,
    end: '[DONE]',
  },
  {
    model: CLAUDE,
    begun: messagesStream(...messagesHead({ input_tokens: 20, output_tokens: 1 })),
    // The provider has told the prompt's tokens ($2 a million); the rest is what was delivered.
    owed: () => 20n * 2_000n + HI_THERE_TOKENS * 10_000n,
    source: 'partial',
    failure: /event: error\ndata: (\{"type":"error",.*\})\n\n$/,
    end: 'message_stop',
  },
] as const;

let world: World;
let customer: Customer;
let session: ConsoleSession;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(GRANT_NANOS);
  session = await signIn(world.hub, customer);
});
afterAll(() => world.close());

let balanceNanos = 0n;
beforeEach(async () => {
  balanceNanos = await balanceOf(world.hub, customer.liveKey);
});

/** Begins a stream with these events and leaves it to the test to end or to break it. */
function holdStream(...events: readonly string[]): Promise<ServerResponse> {
  const begun = Promise.withResolvers<ServerResponse>();
  world.upstream.answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(event);
    begun.resolve(response);
  };
  return begun.promise;
}

const path = (): string => `/workspaces/${customer.workspaceId}/activity?limit=200`;

async function readIds(): Promise<string[]> {
  const { rows } = (await (await session.request('GET', path())).json()) as {
    rows: { id: string }[];
  };
  return rows.map(({ id }) => id);
}

/** The receipt of the one request that was recorded since `known` was read. */
async function waitForReceipt(known: readonly string[]) {
  const id = await vi.waitFor(
    async () => {
      const [fresh, ...more] = (await readIds()).filter((each) => !known.includes(each));
      expect(fresh).toBeDefined();
      expect(more).toEqual([]);
      return fresh ?? '';
    },
    { timeout: 10_000, interval: 50 },
  );
  return receiptOf(world.hub, customer.liveKey, id);
}

/** The receipt's charge is this, and the balance has gone down by just as much. */
async function expectCharge(receipt: { chargeNanos: string }, owedNanos: bigint): Promise<void> {
  expect(BigInt(receipt.chargeNanos)).toBe(owedNanos);
  const leftNanos = await balanceOf(world.hub, customer.liveKey);
  expect(balanceNanos - leftNanos).toBe(owedNanos);
}

async function cancelMs(): Promise<number> {
  const startedMs = performance.now();
  await world.upstream.asked.at(-1)?.cancelled;
  return performance.now() - startedMs;
}

describe('a client that leaves', () => {
  for (const { model, begun, owed, source } of STREAMS) {
    it(`in the middle of a stream cancels the provider's call and pays what it got: ${model}`, async () => {
      const known = await readIds();
      void holdStream(...begun);
      const body = ask(model, { stream: true });
      const leaving = new AbortController();
      const response = await call(world.hub, customer.liveKey, body, { signal: leaving.signal });
      await response.body?.getReader().read();
      leaving.abort();
      expect(await cancelMs()).toBeLessThan(CANCEL_MS);
      const receipt = await waitForReceipt(known);
      expect(receipt).toMatchObject({
        outcome: 'client_closed',
        usageSource: source,
        attempts: 1,
        quarantined: false,
      });
      await expectCharge(receipt, owed(body));
    });
  }

  for (const stream of [true, false]) {
    it(`before the first byte cancels as well and pays its prompt, ${stream ? '' : 'not '}streamed`, async () => {
      const known = await readIds();
      const asked = Promise.withResolvers<void>();
      world.upstream.answer = () => asked.resolve();
      const body = ask(CHAT, { stream });
      const leaving = new AbortController();
      const left = call(world.hub, customer.liveKey, body, { signal: leaving.signal });
      await asked.promise;
      leaving.abort();
      await expect(left).rejects.toThrow('abort');
      expect(await cancelMs()).toBeLessThan(CANCEL_MS);
      const receipt = await waitForReceipt(known);
      expect(receipt).toMatchObject({ outcome: 'client_closed', status: 499, attempts: 1 });
      await expectCharge(receipt, estimateNanos(body, 2_500n));
    });
  }

  it('between a failed try and the next one pays nothing, and no more is sent', async () => {
    const known = await readIds();
    const before = world.upstream.asked.length;
    const refused = Promise.withResolvers<void>();
    world.upstream.answer = (response) => {
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' });
      response.end('{"error":{"message":"overloaded"}}', () => refused.resolve());
    };
    const leaving = new AbortController();
    const left = call(world.hub, customer.liveKey, ask(CHAT), { signal: leaving.signal });
    await refused.promise;
    leaving.abort();
    await expect(left).rejects.toThrow('abort');
    const receipt = await waitForReceipt(known);
    expect(receipt).toMatchObject({ outcome: 'client_closed', attempts: 1, usageSource: 'none' });
    expect(world.upstream.asked.length - before).toBe(1);
    await expectCharge(receipt, 0n);
  });

  it("while the provider's refusal still arrives pays nothing", async () => {
    const known = await readIds();
    const refusing = Promise.withResolvers<void>();
    world.upstream.answer = (response) => {
      response.writeHead(400, { 'content-type': 'application/json', 'content-length': 500 });
      response.write('{"error":', () => refusing.resolve());
    };
    const leaving = new AbortController();
    const left = call(world.hub, customer.liveKey, ask(CHAT), { signal: leaving.signal });
    await refusing.promise;
    // The hub has read the head by the time that it has passed on what else was asked of it.
    await readIds();
    leaving.abort();
    await expect(left).rejects.toThrow('abort');
    const receipt = await waitForReceipt(known);
    expect(receipt).toMatchObject({ attempts: 1, usageSource: 'none' });
    await expectCharge(receipt, 0n);
  });
});

describe('a provider that dies in the middle of a stream', () => {
  const ways = { 'breaks the connection': true, 'ends without its end mark': false };
  for (const { model, begun, owed, failure, end } of STREAMS) {
    for (const [how, breaks] of Object.entries(ways)) {
      it(`and ${how}: the client reads an error, pays what it got: ${model}`, async () => {
        const before = world.upstream.asked.length;
        const held = holdStream(...begun);
        const body = ask(model, { stream: true });
        const response = await call(world.hub, customer.liveKey, body);
        const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
        let text = (await reader.read()).value ?? '';
        if (breaks) (await held).destroy();
        else (await held).end();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          text += part.value;
        }
        expect(text).toContain('Hi there.');
        expect(text).not.toContain(end);
        expect(JSON.parse(failure.exec(text)?.[1] ?? 'null')).toHaveProperty('error.message');
        const receipt = await receiptOf(world.hub, customer.liveKey, response);
        expect(receipt).toMatchObject({ outcome: 'upstream_broke_off', attempts: 1 });
        await expectCharge(receipt, owed(body));
        expect(world.upstream.asked.length - before).toBe(1);
      });
    }
  }

  it('costs nothing where none of a whole answer has reached the client', async () => {
    world.upstream.answer = async (response) => {
      const text = JSON.stringify(chatAnswer());
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': text.length,
      });
      response.write(text.slice(0, 50));
      await sleep(1);
      response.destroy();
    };
    const response = await call(world.hub, customer.liveKey, ask(CHAT));
    expect(response.status).toBe(502);
    const receipt = await receiptOf(world.hub, customer.liveKey, response);
    expect(receipt).toMatchObject({ outcome: 'upstream_error', usageSource: 'none' });
    await expectCharge(receipt, 0n);
  });

  it('costs nothing where the provider encodes what was asked for plain', async () => {
    world.upstream.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify(chatAnswer())));
    };
    const response = await call(world.hub, customer.liveKey, ask(CHAT));
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_failed' } });
    const receipt = await receiptOf(world.hub, customer.liveKey, response);
    await expectCharge(receipt, 0n);
  });

  it('leaves the next request on the same connections untouched', async () => {
    world.upstream.answer = answerJson(chatAnswer());
    const response = await call(world.hub, customer.liveKey, ask(CHAT));
    expect(await response.json()).toMatchObject({
      choices: [{ message: { content: 'Hi there.' } }],
    });
    const receipt = await receiptOf(world.hub, customer.liveKey, response);
    await expectCharge(receipt, 20n * 2_500n + 7n * 10_000n);
  });
});
