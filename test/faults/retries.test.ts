// A second try at the provider: before the first byte has reached the client, and never after it.
// However many tries there were, the client gets one answer and pays once.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, answerJson, answerStream } from '../support/upstream.ts';
import { chatStream, messagesStream } from '../support/upstream.ts';
import { chatChunk, messagesHead, messagesTail, usageChunk } from './answers.ts';
import { CHAT, CLAUDE, type Customer, type World } from './world.ts';
import { ask, balanceOf, call, openWorld, receiptOf } from './world.ts';

const MESSAGES_USAGE = { input_tokens: 20, output_tokens: 7 };
const OVERLOADED = answerJson({ error: { message: 'overloaded' } }, 503);
/** Longer than any pause between two tries. */
const RETRY_WAIT_MS = 1_200;

const WHOLE: Readonly<Record<string, readonly string[]>> = {
  [CHAT]: chatStream(chatChunk({ content: 'Hi there.' }), chatChunk({}, 'stop'), usageChunk()),
  [CLAUDE]: messagesStream(...messagesHead(MESSAGES_USAGE), ...messagesTail(MESSAGES_USAGE)),
};
const CHARGE_NANOS: Readonly<Record<string, bigint>> = {
  [CHAT]: 20n * 2_500n + 7n * 10_000n,
  [CLAUDE]: 20n * 2_000n + 7n * 10_000n,
};

let world: World;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(10_000_000_000n);
});
afterAll(() => world.close());

/** Answers the tries one after the other, the last one for ever; returns how many came. */
function answerInTurn(...answers: readonly Answer[]): () => number {
  const before = world.upstream.asked.length;
  const tries = (): number => world.upstream.asked.length - before;
  world.upstream.answer = (response, asked) =>
    answers[Math.min(tries(), answers.length) - 1]?.(response, asked);
  return tries;
}

const CUT_BEFORE_FIRST_EVENT: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  setImmediate(() => response.destroy());
};

describe('before the first byte', () => {
  const firsts: Readonly<Record<string, Answer>> = {
    'is overloaded': OVERLOADED,
    'fails with 500': answerJson({ error: { message: 'failed' } }, 500),
    'drops the connection': (response) => void response.destroy(),
    'drops the connection after its head': CUT_BEFORE_FIRST_EVENT,
  };
  for (const [what, first] of Object.entries(firsts)) {
    for (const model of [CHAT, CLAUDE]) {
      it(`a provider that ${what} is asked again: one answer, one charge: ${model}`, async () => {
        const before = await balanceOf(world.hub, customer.liveKey);
        const tries = answerInTurn(first, answerStream(...WHOLE[model]!));
        const response = await call(world.hub, customer.liveKey, ask(model, { stream: true }));
        const text = await response.text();
        expect(response.status).toBe(200);
        expect(text.split('Hi there.')).toHaveLength(2);
        expect(tries()).toBe(2);
        const receipt = await receiptOf(world.hub, customer.liveKey, response);
        expect(receipt).toMatchObject({ attempts: 2, outcome: 'completed' });
        expect(BigInt(receipt.chargeNanos)).toBe(CHARGE_NANOS[model]);
        const after = await balanceOf(world.hub, customer.liveKey);
        expect(before - after).toBe(CHARGE_NANOS[model]);
      });
    }
  }

  it('a sign of life is no answer yet: a provider that dies after one is asked again', async () => {
    const tries = answerInTurn(
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const ping = messagesStream({ type: 'ping' }).join('');
        response.write(ping, () => setImmediate(() => response.destroy()));
      },
      answerStream(...WHOLE[CLAUDE]!),
    );
    const body = ask(CLAUDE, { stream: true });
    const path = '/v1/chat/completions';
    const response = await call(world.hub, customer.liveKey, body, { path });
    expect((await response.text()).split('Hi there.')).toHaveLength(2);
    expect(tries()).toBe(2);
  });

  it('two failures are the last word: two tries, no charge', async () => {
    const tries = answerInTurn(OVERLOADED);
    const response = await call(world.hub, customer.liveKey, ask(CHAT));
    expect(response.status).toBe(503);
    await response.arrayBuffer();
    await sleep(RETRY_WAIT_MS);
    expect(tries()).toBe(2);
    const receipt = await receiptOf(world.hub, customer.liveKey, response);
    expect(receipt).toMatchObject({ attempts: 2, chargeNanos: '0', outcome: 'upstream_error' });
  });

  it("a refusal of the caller's request is not tried again", async () => {
    const tries = answerInTurn(answerJson({ error: { message: 'bad', param: 'top_p' } }, 400));
    const response = await call(world.hub, customer.liveKey, ask(CHAT));
    expect(response.status).toBe(400);
    await response.arrayBuffer();
    await sleep(RETRY_WAIT_MS);
    expect(tries()).toBe(1);
  });
});

describe('after the first byte', () => {
  const begun: Readonly<Record<string, readonly string[]>> = {
    [CHAT]: chatStream(chatChunk({ role: 'assistant' })).slice(0, -1),
    [CLAUDE]: messagesStream(...messagesHead(MESSAGES_USAGE).slice(0, 1)),
  };
  const routes = [
    { model: CHAT, path: '/v1/chat/completions' },
    { model: CLAUDE, path: '/v1/messages' },
    { model: CHAT, path: '/v1/messages' },
    { model: CLAUDE, path: '/v1/chat/completions' },
  ];
  for (const { model, path } of routes) {
    it(`nothing is tried again: ${model} by ${path}`, async () => {
      const head = Promise.withResolvers<void>();
      const cutAfterFirst: Answer = async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const event of begun[model]!) response.write(event);
        await head.promise;
        response.destroy();
      };
      const tries = answerInTurn(cutAfterFirst, answerStream(...WHOLE[model]!));
      const body = ask(model, { stream: true, max_tokens: 100 });
      const response = await call(world.hub, customer.liveKey, body, { path });
      head.resolve();
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(text).toContain('"error"');
      expect(text).not.toContain('Hi there.');
      await sleep(RETRY_WAIT_MS);
      expect(tries()).toBe(1);
      const receipt = await receiptOf(world.hub, customer.liveKey, response);
      expect(receipt).toMatchObject({ attempts: 1, outcome: 'upstream_broke_off' });
    });
  }
});
