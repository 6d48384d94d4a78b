// Azure in a dated version of its API, through a hub from end to end: deployments in the path, the
// stream with its filters' words, wherever it is cut, and the filter's refusal.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Upstream, answerJson, answerStream, startUpstream } from '../support/upstream.ts';
import { type Customer, type World, ask, balanceOf, call, openWorld } from '../faults/world.ts';

const VERSION = '2025-04-01-preview';
const MODEL = 'azure/gpt-5.4-mini';
/** 0.75 dollars a million tokens in, 4.5 out. */
const COST_NANOS = 20n * 750n + 4n * 4_500n;

const SAFE = { hate: { filtered: false, severity: 'safe' } };
const USAGE = { prompt_tokens: 20, completion_tokens: 4, total_tokens: 24 };
const chunk = (delta: object, finish: string | null, more: object = {}) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1_795_000_000,
  model: 'gpt-5.4-mini-2026-03-17',
  choices: [{ index: 0, delta, finish_reason: finish, content_filter_results: SAFE, ...more }],
  usage: null,
});
const FILTERED = {
  choices: [],
  created: 0,
  id: '',
  model: '',
  object: '',
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: SAFE }],
};
const CHUNKS = [
  FILTERED,
  chunk({ role: 'assistant', content: '' }, null),
  chunk({ content: 'Fjörd' }, null),
  chunk({}, 'stop'),
  { ...chunk({}, null), choices: [], usage: USAGE },
];
const STREAM = `${CHUNKS.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`;

let world: World;
let customer: Customer;
let azure: Upstream;
beforeAll(async () => {
  azure = await startUpstream();
  world = await openWorld('pglite', {
    AZURE_API_KEY: 'azure-key',
    AZURE_BASE_URL: new URL(azure.baseUrl).origin,
    AZURE_API_VERSION: VERSION,
    AZURE_DEPLOYMENTS: 'gpt-5.4-mini=small-1',
  });
  customer = await world.customer(1_000_000_000n);
});
afterAll(async () => {
  await world.close();
  await azure.close();
});

const send = (model: string, more = {}, path = '/v1/chat/completions') =>
  call(world.hub, customer.liveKey, ask(model, { max_tokens: 100, ...more }), { path });

describe('Azure in a dated version', () => {
  it.each([
    [MODEL, 'small-1'],
    ['azure/gpt-5.4', 'gpt-5.4'],
  ])('is asked for %s at the deployment %s', async (model, deployment) => {
    const choice = {
      index: 0,
      message: { role: 'assistant', content: 'x' },
      finish_reason: 'stop',
    };
    const reply = { id: 'c', model: 'gpt', choices: [choice], usage: USAGE };
    azure.answer = answerJson(reply);
    const response = await send(model);
    expect(await response.json()).toMatchObject({ choices: [choice] });
    const asked = azure.asked.at(-1)!;
    const path = `/openai/deployments/${deployment}/chat/completions`;
    expect(asked.path).toBe(`${path}?api-version=${VERSION}`);
    expect(asked.headers['api-key']).toBe('azure-key');
    expect(asked.headers).not.toHaveProperty('authorization');
    expect(asked.body['model']).toBe(deployment);
  });

  it.each([
    ['whole', [STREAM]],
    ['after its first event', [STREAM.slice(0, 250), STREAM.slice(250)]],
    ['into fifties', STREAM.match(/[^]{1,50}/g) ?? []],
  ])('streams its bytes, cut %s, and is charged by them', async (_, pieces) => {
    azure.answer = answerStream(...pieces);
    const before = await balanceOf(world.hub, customer.liveKey);
    const response = await send(MODEL, { stream: true, stream_options: { include_usage: true } });
    expect(await response.text()).toBe(STREAM);
    expect(before - (await balanceOf(world.hub, customer.liveKey))).toBe(COST_NANOS);
  });

  it('is translated for a Messages client', async () => {
    azure.answer = answerStream(STREAM);
    const response = await send(MODEL, { stream: true }, '/v1/messages');
    const text = await response.text();
    expect(text).toContain('Fjörd');
    expect(text).not.toContain('filter');
    expect(azure.asked.at(-1)?.body['model']).toBe('small-1');
  });

  it("says that its filter refused a prompt, as the caller's fault", async () => {
    const error = {
      message: 'The response was filtered',
      type: null,
      param: 'prompt',
      code: 'content_filter',
      status: 400,
      innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: SAFE },
    };
    azure.answer = answerJson({ error }, 400);
    for (const path of ['/v1/chat/completions', '/v1/messages']) {
      const before = await balanceOf(world.hub, customer.liveKey);
      const response = await send(MODEL, {}, path);
      expect(response.status, path).toBe(400);
      await response.text();
      expect(await balanceOf(world.hub, customer.liveKey), path).toBe(before);
    }
  });
});
