// Counting tokens is free: nothing is held, and the record says zero. Anthropic's own count passes
// unchanged; for models of others the answer is an estimate and says that it is one.

import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerJson } from '../support/upstream.ts';
import { CHAT, CLAUDE, type Customer, type World, balanceOf, call } from '../faults/world.ts';
import { openWorld, receiptOf } from '../faults/world.ts';

const PATH = '/v1/messages/count_tokens';
const GRANT_NANOS = 1_000_000_000n;

let world: World;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(GRANT_NANOS);
});
afterAll(() => world.close());

const bodyFor = (model: string): Record<string, unknown> => ({
  model,
  messages: [{ role: 'user', content: 'Hello' }],
});

function count(key: string, body: Record<string, unknown>, headers = {}): Promise<Response> {
  return call(world.hub, key, body, { path: PATH, headers });
}

describe('counting tokens', () => {
  it("of a Claude model asks Anthropic with the client's own bytes and headers, and is free", async () => {
    world.upstream.answer = answerJson({ input_tokens: 14, context_management: null });
    const response = await count(customer.liveKey, bodyFor(CLAUDE), {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'token-counting-2024-11-01',
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('{"input_tokens":14,"context_management":null}');
    expect(response.headers.get('x-inferencehub-estimated')).toBeNull();
    const asked = world.upstream.asked.at(-1)!;
    expect(asked.path).toBe('/v1/messages/count_tokens');
    expect(asked.body).toEqual({ ...bodyFor(CLAUDE), model: 'claude-sonnet-5' });
    expect(asked.headers).toMatchObject({
      'x-api-key': 'sk-ant-stand-in',
      'anthropic-beta': 'token-counting-2024-11-01',
    });
    const receipt = await receiptOf(world.hub, customer.liveKey, response);
    expect(receipt).toMatchObject({
      modelServed: CLAUDE,
      holdNanos: '0',
      chargeNanos: '0',
      outcome: 'completed',
      usageSource: 'none',
      ledger: null,
    });
    expect(await balanceOf(world.hub, customer.liveKey)).toBe(GRANT_NANOS);
  });

  it('needs no balance', async () => {
    world.upstream.answer = answerJson({ input_tokens: 14 });
    const poor = await world.customer(1n);
    expect((await count(poor.liveKey, bodyFor(CLAUDE))).status).toBe(200);
  });

  it("works with Anthropic's SDK", async () => {
    world.upstream.answer = answerJson({ input_tokens: 14 });
    const client = new Anthropic({
      apiKey: null,
      authToken: customer.liveKey,
      baseURL: world.hub.baseUrl,
    });
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    expect((await client.messages.countTokens({ model: CLAUDE, messages })).input_tokens).toBe(14);
  });

  it('of any other model is an estimate, marked as one, and nothing is sent', async () => {
    const before = world.upstream.asked.length;
    for (const [key, model] of [
      [customer.liveKey, CHAT],
      // It speaks Messages, and does not count.
      [customer.liveKey, 'vllm/any'],
      [customer.testKey, 'sandbox/echo'],
    ] as const) {
      const response = await count(key, bodyFor(model));
      expect([model, response.status]).toEqual([model, 200]);
      expect(response.headers.get('x-inferencehub-estimated')).toBe('true');
      const tokens = Math.ceil(JSON.stringify(bodyFor(model)).length / 4);
      expect(await response.json()).toEqual({ input_tokens: tokens });
    }
    expect(world.upstream.asked).toHaveLength(before);
  });

  it("is refused in Anthropic's dialect: an unknown key or model, a play key for a real model", async () => {
    const refused = [
      [await count('ih_live_nobody', bodyFor(CLAUDE)), 401, 'authentication_error'],
      [await count(customer.liveKey, bodyFor('anthropic/claude-0')), 404, 'not_found_error'],
      [await count(customer.testKey, bodyFor(CLAUDE)), 403, 'permission_error'],
      [await count(customer.liveKey, { model: CLAUDE }), 400, 'invalid_request_error'],
    ] as const;
    for (const [response, status, type] of refused) {
      expect([response.status, await response.json()]).toMatchObject([
        status,
        { type: 'error', error: { type } },
      ]);
    }
    const got = await fetch(`${world.hub.baseUrl}${PATH}`);
    expect([got.status, await got.json()]).toMatchObject([405, { type: 'error' }]);
  });

  it("passes on Anthropic's own words about a wrong request, and hides its other failures", async () => {
    const words = { type: 'error', error: { type: 'invalid_request_error', message: 'odd' } };
    world.upstream.answer = answerJson(words, 400);
    const wrong = await count(customer.liveKey, bodyFor(CLAUDE));
    expect([wrong.status, await wrong.json()]).toEqual([400, words]);
    for (const [body, status, hub] of [
      [{ error: { message: 'key' } }, 401, 502],
      [{ nothing: true }, 200, 502],
    ] as const) {
      world.upstream.answer = answerJson(body, status);
      const failed = await count(customer.liveKey, bodyFor(CLAUDE));
      expect(failed.status).toBe(hub);
      expect(await failed.json()).toMatchObject({ type: 'error', error: { type: 'api_error' } });
      const receipt = await receiptOf(world.hub, customer.liveKey, failed);
      expect(receipt).toMatchObject({ outcome: 'upstream_error', chargeNanos: '0' });
    }
  });
});
