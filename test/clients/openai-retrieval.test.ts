// OpenAI's own SDK at providers that speak neither OpenAI's embeddings nor the shared shape of rerank:
// what they are asked, what the client reads, and what it pays.

import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerJson } from '../support/upstream.ts';
import { PROVIDER_KEYS, type World, expectCharge, expectNoCharge, openWorld } from './world.ts';

let world: World;
let client: OpenAI;
beforeAll(async () => {
  world = await openWorld();
  const baseURL = `${world.hub.baseUrl}/v1`;
  client = new OpenAI({
    apiKey: world.rich.liveKey,
    baseURL,
    maxRetries: 0,
    fetch: world.fetch,
  });
});
afterAll(() => world.close());

describe("OpenAI's SDK and Cohere", () => {
  it('embeds', async () => {
    world.openai.answer = answerJson({
      id: 'x',
      embeddings: { float: [[0.5, -1], [0.25]] },
      meta: { billed_units: { input_tokens: 7 } },
    });
    const model = 'cohere/embed-v4.0';
    const asked = { model, input: ['one', 'two'], dimensions: 256, user: 'u' };
    const { data, usage } = await client.embeddings.create(asked);
    expect(data.map(({ embedding }) => [...embedding])).toEqual([[0.5, -1], [0.25]]);
    expect(usage).toEqual({ prompt_tokens: 7, total_tokens: 7 });
    expect(world.openai.asked.at(-1)).toMatchObject({
      path: '/v1/embed',
      body: { model: 'embed-v4.0', texts: ['one', 'two'], output_dimension: 256 },
      headers: { authorization: `Bearer ${PROVIDER_KEYS.cohere}` },
    });
    expectCharge(await world.lastReceipt(), model, { inUncached: 7 });
  });

  it('is refused by name what Cohere cannot be asked', async () => {
    const before = world.openai.asked.length;
    const model = 'cohere/embed-v4.0';
    const call = client.embeddings.create({ model, input: [1, 2] });
    await expect(call).rejects.toMatchObject({ status: 400, param: 'input' });
    expectNoCharge(await world.lastReceipt(), 'unsupported_parameter');
    expect(world.openai.asked).toHaveLength(before);
  });

  it('reads an error of Cohere in the words of the hub', async () => {
    world.openai.answer = answerJson({ id: 'x', message: 'secret words' }, 400);
    const call = client.embeddings.create({ model: 'cohere/embed-v4.0', input: 'a' });
    const error = await call.catch((failure: unknown) => failure);
    expect(error).toMatchObject({ status: 400 });
    expect(String(error)).not.toContain('secret');
    expectNoCharge(await world.lastReceipt(), 'upstream_rejected');
  });

  it('ranks by the search', async () => {
    const results = [{ index: 1, relevance_score: 0.5 }];
    world.openai.answer = answerJson({ results, meta: { billed_units: { search_units: 1 } } });
    const model = 'cohere/rerank-v3.5';
    const body = { model, query: 'cat', documents: ['dog', { text: 'cat' }], top_n: 1 };
    expect(await client.post('/rerank', { body })).toMatchObject({ results });
    expect(world.openai.asked.at(-1)).toMatchObject({
      path: '/v1/rerank',
      body: { model: 'rerank-v3.5', query: 'cat', documents: ['dog', 'cat'], top_n: 1 },
    });
    expectCharge(await world.lastReceipt(), model, { searchUnits: 1 });
  });
});

describe("OpenAI's SDK and Voyage", () => {
  it('ranks by the token', async () => {
    const data = [{ index: 0, relevance_score: 0.5, document: 'cat' }];
    world.openai.answer = answerJson({ object: 'list', data, usage: { total_tokens: 21 } });
    const model = 'voyage/rerank-2.5';
    const body = { model, query: 'cat', documents: ['cat', 'dog'], top_n: 1 };
    expect(await client.post('/rerank', { body })).toMatchObject({
      results: [{ index: 0, relevance_score: 0.5, document: { text: 'cat' } }],
    });
    expect(world.openai.asked.at(-1)).toMatchObject({
      path: '/v1/rerank',
      body: { model: 'rerank-2.5', query: 'cat', documents: ['cat', 'dog'], top_k: 1 },
      headers: { authorization: `Bearer ${PROVIDER_KEYS.voyage}` },
    });
    expectCharge(await world.lastReceipt(), model, { inUncached: 21 });
  });

  it('is at no other address', async () => {
    const call = client.embeddings.create({ model: 'voyage/rerank-2.5', input: 'a' });
    await expect(call).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('/v1/rerank') as unknown,
    });
    expectNoCharge(await world.lastReceipt(), 'invalid_request');
  });
});
