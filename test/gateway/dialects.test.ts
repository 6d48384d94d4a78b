// Providers with an address, a protocol or a bill of their own, through a hub from end to end.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerJson, answerStream, chatStream } from '../support/upstream.ts';
import { type Customer, type World, ask, balanceOf, call, openWorld } from '../faults/world.ts';

const GRANT_NANOS = 1_000_000_000n;
const DEEPSEEK = 'deepseek/deepseek-v4-flash';

let world: World;
let customer: Customer;
beforeAll(async () => {
  world = await openWorld();
  customer = await world.customer(GRANT_NANOS);
});
afterAll(() => world.close());

const finished = { index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' };

describe('DeepSeek', () => {
  it('is spoken to in Messages below an address of its own, bytes passing', async () => {
    const reply = {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'deepseek-v4-flash',
      content: [{ type: 'text', text: 'x' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 5 },
    };
    world.upstream.answer = answerJson(reply);
    const body = ask(DEEPSEEK, { max_tokens: 100 });
    const response = await call(world.hub, customer.liveKey, body, { path: '/v1/messages' });
    expect(await response.json()).toEqual(reply);
    const asked = world.upstream.asked.at(-1)!;
    expect(asked.path).toBe('/anthropic/v1/messages');
    expect(asked.headers).toMatchObject({
      authorization: 'Bearer sk-deepseek',
      'anthropic-version': '2023-06-01',
    });
    expect(asked.body).toEqual({ ...body, model: 'deepseek-v4-flash' });
  });

  it('is spoken to in Chat Completions at its usual one', async () => {
    world.upstream.answer = answerJson({
      choices: [finished],
      usage: { prompt_tokens: 10, completion_tokens: 5 },
    });
    const response = await call(world.hub, customer.liveKey, ask(DEEPSEEK));
    expect(response.status).toBe(200);
    await response.text();
    expect(world.upstream.asked.at(-1)?.path).toBe('/chat/completions');
  });
});

describe('Perplexity', () => {
  const usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 };
  /** A dollar a million tokens, and 1.2 cents a search. */
  const COST_NANOS = 1_100_000n + 12_000_000n;

  async function costOf(body: Record<string, unknown>): Promise<bigint> {
    const before = await balanceOf(world.hub, customer.liveKey);
    const response = await call(world.hub, customer.liveKey, body);
    expect(response.status).toBe(200);
    await response.text();
    return before - (await balanceOf(world.hub, customer.liveKey));
  }

  it('costs a search with every answer, whole or streamed', async () => {
    world.upstream.answer = answerJson({ choices: [finished], usage });
    expect(await costOf(ask('perplexity/sonar'))).toBe(COST_NANOS);
    const chunk = { index: 0, delta: { content: 'x' }, finish_reason: null };
    world.upstream.answer = answerStream(
      ...chatStream(
        { choices: [chunk], usage: { prompt_tokens: 1_000, completion_tokens: 1 } },
        { choices: [{ ...chunk, finish_reason: 'stop' }], usage },
      ),
    );
    expect(await costOf(ask('perplexity/sonar', { stream: true }))).toBe(COST_NANOS);
  });

  it('is refused where the balance covers the tokens but not the search', async () => {
    const poor = await world.customer(10_000_000n);
    const body = ask('perplexity/sonar', { max_tokens: 10 });
    expect((await call(world.hub, poor.liveKey, body)).status).toBe(402);
  });
});
