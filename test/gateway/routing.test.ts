// One model at two providers, through a real hub: who is asked, who is asked next, and what it costs.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chatAnswer, chatChunk } from '../faults/answers.ts';
import { type Customer, ask, balanceOf, call, makeCustomer, receiptOf } from '../faults/world.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type Upstream, answerJson, chatStream, startUpstream } from '../support/upstream.ts';

const MODEL = 'gpt-oss-120b';
/** 20 tokens of prompt and 7 of answer, at each provider's list price. */
const CHARGES = { groq: 20n * 150n + 7n * 600n, cerebras: 20n * 350n + 7n * 750n } as const;
type ProviderId = keyof typeof CHARGES;

const OVERLOADED = answerJson({ error: { message: 'overloaded' } }, 503);

let hub: Hub;
let customer: Customer;
let upstreams: Record<ProviderId, Upstream>;

beforeAll(async () => {
  const [groq, cerebras] = await Promise.all([startUpstream(), startUpstream()]);
  upstreams = { groq, cerebras };
  hub = await startHub({
    env: {
      GROQ_API_KEY: 'key-of-groq',
      GROQ_BASE_URL: groq.baseUrl,
      CEREBRAS_API_KEY: 'key-of-cerebras',
      CEREBRAS_BASE_URL: cerebras.baseUrl,
      OPENAI_API_KEY: 'key-of-openai',
      OPENAI_BASE_URL: cerebras.baseUrl,
    },
  });
  customer = await makeCustomer(hub, 100_000_000_000n);
});
afterAll(async () => {
  await hub.stop();
  await Promise.all(Object.values(upstreams).map((upstream) => upstream.close()));
});
beforeEach(() => {
  for (const upstream of Object.values(upstreams)) {
    upstream.answer = answerJson(chatAnswer());
    upstream.asked.length = 0;
  }
});

interface Served {
  readonly status: number;
  readonly provider: string | null;
  readonly attempts: string | null;
  readonly response: Response;
}

async function send(
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Served> {
  const body = { ...ask(MODEL), ...more };
  const response = await call(hub, customer.liveKey, body, { headers });
  await response.clone().arrayBuffer();
  return {
    status: response.status,
    provider: response.headers.get('x-inferencehub-provider'),
    attempts: response.headers.get('x-inferencehub-attempts'),
    response,
  };
}

async function costOf(work: () => Promise<unknown>): Promise<bigint> {
  const before = await balanceOf(hub, customer.liveKey);
  await work();
  return before - (await balanceOf(hub, customer.liveKey));
}

describe('who is asked', () => {
  it.each<readonly [string, Record<string, unknown>, ProviderId]>([
    ['the cheapest by `:floor`', { model: `${MODEL}:floor` }, 'groq'],
    ['the cheapest by sorting', { provider: { sort: 'price' } }, 'groq'],
    ['the first of an order', { provider: { order: ['cerebras', 'groq'] } }, 'cerebras'],
    ['the only one allowed', { provider: { only: ['cerebras'] } }, 'cerebras'],
    ['the one that is not ignored', { provider: { ignore: ['groq'] } }, 'cerebras'],
    ['one within the price', { provider: { max_price: { prompt: 0.2 } } }, 'groq'],
    ['an offer by its own id', { model: `cerebras/${MODEL}` }, 'cerebras'],
    ['the model of its maker', { model: `openai/${MODEL}`, provider: { sort: 'price' } }, 'groq'],
  ])('%s', async (_, more, provider) => {
    const served = await send(more);
    expect(served).toMatchObject({ status: 200, provider, attempts: null });
    const [asked] = upstreams[provider].asked;
    expect(asked?.headers.authorization).toBe(`Bearer key-of-${provider}`);
    // What is the hub's own does not reach a provider; every other byte of the body does.
    expect(asked?.body).not.toHaveProperty('provider');
    const receipt = await receiptOf(hub, customer.liveKey, served.response);
    expect(BigInt(receipt.chargeNanos)).toBe(CHARGES[provider]);
  });

  it('is said by a header as well, for clients whose bodies are fixed', async () => {
    const routing = JSON.stringify({ order: ['cerebras'], allow_fallbacks: false });
    expect(await send({}, { 'x-inferencehub-routing': routing })).toMatchObject({
      provider: 'cerebras',
    });
  });

  it('is nobody where the wishes fit none', async () => {
    const refused = await send({ provider: { only: ['anthropic'] } });
    expect(refused.status).toBe(404);
    expect(await refused.response.json()).toMatchObject({ error: { code: 'no_provider' } });
    const unknown = await send({ provider: { oder: ['groq'] } });
    expect(await unknown.response.json()).toMatchObject({ error: { param: 'provider.oder' } });
  });

  it('is the same provider for all turns of a conversation, and both for many', async () => {
    const seen = new Set<string | null>();
    for (let i = 0; i < 40; i++) {
      const session = { 'x-session-id': `session-${i}` };
      const first = await send({}, session);
      const later = {
        messages: Array.from({ length: 3 }, () => ({ role: 'user', content: 'x' })),
      };
      expect((await send(later, session)).provider).toBe(first.provider);
      seen.add(first.provider);
    }
    expect(seen).toEqual(new Set(['cerebras', 'groq']));
  });
});

describe('who is asked next', () => {
  const ordered = { provider: { order: ['groq', 'cerebras'] } };

  it('the other provider where one fails before the first byte: one answer, its price', async () => {
    upstreams.groq.answer = OVERLOADED;
    let served: Served | undefined;
    const cost = await costOf(async () => {
      served = await send(ordered);
    });
    expect(served).toMatchObject({
      status: 200,
      provider: 'cerebras',
      attempts: 'groq 503, cerebras',
    });
    expect(cost).toBe(CHARGES.cerebras);
    const receipt = await receiptOf(hub, customer.liveKey, served!.response);
    expect(receipt).toMatchObject({ attempts: 2, modelServed: `cerebras/${MODEL}` });
  });

  // What leaves an offer alone for a while (401, 403, 429) stands in accounts.test.ts.
  it.each([404, 500, 529])('also after %i', async (status) => {
    upstreams.groq.answer = answerJson({ error: { message: 'no' } }, status);
    expect(await send(ordered)).toMatchObject({ status: 200, provider: 'cerebras' });
  });

  it("nobody after a refusal of the caller's own request", async () => {
    upstreams.groq.answer = answerJson({ error: { message: 'bad', param: 'top_p' } }, 400);
    expect((await send(ordered)).status).toBe(400);
    expect(upstreams.cerebras.asked).toHaveLength(0);
  });

  it('nobody where the caller allows no other', async () => {
    upstreams.groq.answer = OVERLOADED;
    const only = { provider: { order: ['groq'], allow_fallbacks: false } };
    expect((await send(only)).status).toBe(503);
    expect(upstreams.cerebras.asked).toHaveLength(0);
  });

  it('nobody once the answer has begun', async () => {
    upstreams.groq.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const [first = ''] = chatStream(chatChunk({ role: 'assistant', content: 'Hi' }));
      response.write(first, () => setImmediate(() => response.destroy()));
    };
    const served = await send({ ...ordered, stream: true });
    expect(await served.response.text()).toContain('"error"');
    expect(upstreams.cerebras.asked).toHaveLength(0);
  });

  it('another model, where the caller names one to fall back to', async () => {
    upstreams.groq.answer = answerJson({ error: { message: 'maximum context length' } }, 400);
    const more = { model: 'groq/llama-3.1-8b', models: [`cerebras/${MODEL}`, 'openai/gpt-4.1'] };
    // Of the two its window is the larger one, so a prompt that was too long may fit.
    expect(await send(more)).toMatchObject({
      status: 200,
      provider: 'openai',
      attempts: 'groq 400, openai',
    });
  });

  it('the other one first, while one asks to be left alone', async () => {
    upstreams.groq.answer = (response, asked) => {
      response.setHeader('retry-after', '30');
      return answerJson({ error: { message: 'slow down' } }, 429)(response, asked);
    };
    expect(await send(ordered)).toMatchObject({
      provider: 'cerebras',
      attempts: 'groq 429, cerebras',
    });
    upstreams.groq.asked.length = 0;
    expect(await send(ordered)).toMatchObject({ provider: 'cerebras', attempts: null });
    expect(upstreams.groq.asked).toHaveLength(0);
  });
});

describe('a balance', () => {
  it('that covers the cheaper provider alone is served by that one', async () => {
    const thrifty = await makeCustomer(hub, 9_000_000n);
    const prompt = 'x'.repeat(30_000);
    const body = {
      ...ask(MODEL, { max_tokens: 16 }),
      messages: [{ role: 'user', content: prompt }],
    };
    const sorted = { ...body, provider: { order: ['groq', 'cerebras'] } };
    // 30 000 bytes are at most as many tokens: 4.8 thousandths of a dollar at one, 11 at the other.
    const response = await call(hub, thrifty.liveKey, sorted);
    expect(response.status, await response.clone().text()).toBe(200);
    expect(response.headers.get('x-inferencehub-provider')).toBe('groq');
    const dear = { ...body, provider: { only: ['cerebras'] } };
    expect((await call(hub, thrifty.liveKey, dear)).status).toBe(402);
  });
});

describe('a provider that keeps failing', () => {
  it('is not asked any more for a while, and the caller hears so at once', async () => {
    upstreams.cerebras.answer = OVERLOADED;
    const only = { provider: { only: ['cerebras'] } };
    while (upstreams.cerebras.asked.length < 10) await send(only);
    const asked = upstreams.cerebras.asked.length;
    const refused = await send(only);
    expect(refused.status).toBe(503);
    expect(Number(refused.response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(upstreams.cerebras.asked).toHaveLength(asked);
    expect(await send({ provider: { order: ['cerebras', 'groq'] } })).toMatchObject({
      status: 200,
      attempts: null,
      provider: 'groq',
    });
  });
});
