// The official SDKs try again by themselves after a timeout, a lost connection or a failure. With one
// Idempotency-Key over all tries of a call, which the caller sets, such a call is one charge.

import Anthropic from '@anthropic-ai/sdk';
import Anthropic0 from 'anthropic-sdk-0';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerJson } from '../support/upstream.ts';
import { CHAT_USAGE, chatAnswer, messagesAnswer } from './answers.ts';
import { freshKey } from './repeats.ts';
import { CHAT, CLAUDE, type Customer, type World, ask, balanceOf, openWorld } from './world.ts';

/** Longer than a hub takes to answer, shorter than the provider does. */
const PATIENCE_MS = 1_000;
const CHAT_NANOS = 20n * 2_500n + 7n * 10_000n;
const MESSAGES = [{ role: 'user' as const, content: 'Hello' }];

let world: World;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(100_000_000_000n);
});
afterAll(() => world.close());

/** OpenAI's SDK, which can be told to make a key of its own: one for all tries of a call. */
class Keyed extends OpenAI {
  protected override idempotencyHeader = 'Idempotency-Key';
}

const options = () => ({ apiKey: customer.liveKey, baseURL: `${world.hub.baseUrl}/v1` });
const withKey = () => ({ headers: { 'Idempotency-Key': freshKey() } });

/** How often the provider is asked and what is charged while `work` runs. */
async function measure(work: () => Promise<void>) {
  const asked = world.upstream.asked.length;
  const before = await balanceOf(world.hub, customer.liveKey);
  await work();
  const chargedNanos = before - (await balanceOf(world.hub, customer.liveKey));
  return { asked: world.upstream.asked.length - asked, chargedNanos };
}

/** The provider still works on the first request when its client's patience ends. */
function answerFirstLate(body: unknown): void {
  let tries = 0;
  world.upstream.answer = async (response, request) => {
    if (++tries === 1) await request.cancelled;
    else await answerJson(body)(response, request);
  };
}

describe('a call that an SDK tries again', () => {
  it('after it lost patience is one charge: OpenAI', async () => {
    answerFirstLate(chatAnswer());
    const { asked, chargedNanos } = await measure(async () => {
      const client = new OpenAI({ ...options(), timeout: PATIENCE_MS });
      const failure: unknown = await client.chat.completions
        .create({ model: CHAT, messages: MESSAGES }, withKey())
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(OpenAI.ConflictError);
      expect(failure).toMatchObject({ status: 409, code: 'idempotency_key_used' });
    });
    expect(asked).toBe(1);
    // The prompt was on its way: it is charged by the rule for whoever leaves, and once.
    const promptTokens = BigInt(Math.ceil(JSON.stringify(ask(CHAT)).length / 4));
    expect(chargedNanos).toBe(promptTokens * 2_500n);
  });

  // Both lines are called alike; their types are each other's strangers.
  const lines = { '1.x': Anthropic, '0.x': Anthropic0 as unknown as typeof Anthropic };
  for (const [line, SDK] of Object.entries(lines)) {
    it(`after it lost patience is one charge: Anthropic ${line}`, async () => {
      answerFirstLate(messagesAnswer({ input_tokens: 20, output_tokens: 7 }));
      const body = { model: CLAUDE, max_tokens: 100, messages: MESSAGES };
      const { asked, chargedNanos } = await measure(async () => {
        const client = new SDK({
          apiKey: null,
          authToken: customer.liveKey,
          baseURL: world.hub.baseUrl,
          timeout: PATIENCE_MS,
        });
        const failure: unknown = await client.messages
          .create(body, withKey())
          .catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(SDK.ConflictError);
      });
      expect(asked).toBe(1);
      const promptTokens = BigInt(Math.ceil(JSON.stringify(body).length / 4));
      expect(chargedNanos).toBe(promptTokens * 2_000n);
    });
  }

  it('after the answer was lost on its way is one charge, and points to it', async () => {
    world.upstream.answer = answerJson(chatAnswer());
    let tries = 0;
    const { asked, chargedNanos } = await measure(async () => {
      const client = new Keyed({
        ...options(),
        async fetch(url, init) {
          tries += 1;
          const response = await fetch(url, init);
          if (tries > 1) return response;
          await response.arrayBuffer();
          throw new TypeError('the connection broke');
        },
      });
      const lost = client.chat.completions.create({ model: CHAT, messages: MESSAGES });
      await expect(lost).rejects.toThrow('/v1/receipts/req_');
    });
    expect(tries).toBe(2);
    expect({ asked, chargedNanos }).toEqual({ asked: 1, chargedNanos: CHAT_NANOS });
  });

  it('after the provider failed is answered and charged once', async () => {
    let tries = 0;
    world.upstream.answer = async (response, request) => {
      tries += 1;
      const failing = answerJson({ error: { message: 'failed' } }, 500);
      // The hub itself asks twice before it says so.
      await (tries <= 2 ? failing : answerJson(chatAnswer()))(response, request);
    };
    const { chargedNanos } = await measure(async () => {
      const client = new Keyed(options());
      const reply = await client.chat.completions.create({ model: CHAT, messages: MESSAGES });
      expect(reply.usage).toMatchObject(CHAT_USAGE);
    });
    expect(tries).toBe(3);
    expect(chargedNanos).toBe(CHAT_NANOS);
  });
});
