import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bootstrapped, type Hub, startHub } from '../support/hub.ts';
import { type Upstream, answerJson, startUpstream } from '../support/upstream.ts';

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

let provider: Upstream;
let hub: Hub;
let live: Hub;
let keys: Bootstrapped;
let liveKeys: Bootstrapped;

beforeAll(async () => {
  provider = await startUpstream(answerJson(ANSWER));
  const openai = { OPENAI_API_KEY: 'sk-hub', OPENAI_BASE_URL: provider.baseUrl };
  [hub, live] = await Promise.all([
    startHub({ env: openai }),
    startHub({ env: { ...openai, STRIPE_SECRET_KEY: 'sk_live_something' } }),
  ]);
  [keys, liveKeys] = await Promise.all([hub.bootstrap('5'), live.bootstrap('5')]);
});
afterAll(async () => {
  await Promise.all([hub.stop(), live.stop()]);
  await provider.close();
});

const ask = (baseUrl: string, key: string, model: string, path = '/v1/chat/completions') =>
  fetch(baseUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 50, messages: [{ role: 'user', content: 'hello' }] }),
  });

async function creditsOf(baseUrl: string, key: string): Promise<string> {
  const answer = await fetch(`${baseUrl}/v1/credits`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return answer.text();
}

describe('play money', () => {
  test('reaches sandbox models only', async () => {
    const before = provider.asked.length;
    const answer = await ask(hub.baseUrl, keys.testKey, 'openai/gpt-4o');
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: 'test_key_live_model' } });
    expect(provider.asked).toHaveLength(before);
    expect((await ask(hub.baseUrl, keys.testKey, 'sandbox/echo')).status).toBe(200);
  });

  test('is refused for a real model in the words of the other protocol too', async () => {
    const answer = await ask(hub.baseUrl, keys.testKey, 'openai/gpt-4o', '/v1/messages');
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({
      type: 'error',
      error: { type: 'permission_error' },
      request_id: answer.headers.get('request-id'),
    });
  });

  test('is spent in a book of its own', async () => {
    const liveBefore = await creditsOf(hub.baseUrl, keys.liveKey);
    const testBefore = await creditsOf(hub.baseUrl, keys.testKey);
    await (await ask(hub.baseUrl, keys.testKey, 'sandbox/echo')).text();
    expect(await creditsOf(hub.baseUrl, keys.liveKey)).toBe(liveBefore);
    expect(await creditsOf(hub.baseUrl, keys.testKey)).not.toBe(testBefore);
  });
});

describe('where real money comes in', () => {
  test('live keys no longer reach sandbox models, test keys do', async () => {
    const refused = await ask(live.baseUrl, liveKeys.liveKey, 'sandbox/echo');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'live_key_sandbox_model' } });
    expect((await ask(live.baseUrl, liveKeys.testKey, 'sandbox/echo')).status).toBe(200);
    expect((await ask(live.baseUrl, liveKeys.liveKey, 'openai/gpt-4o')).status).toBe(200);
  });

  test('elsewhere live keys reach both', async () => {
    expect((await ask(hub.baseUrl, keys.liveKey, 'sandbox/echo')).status).toBe(200);
    expect((await ask(hub.baseUrl, keys.liveKey, 'gpt-4o')).status).toBe(200);
  });
});

describe('what a key may know of itself', () => {
  const read = (path: string, key: string) =>
    fetch(hub.baseUrl + path, { headers: { 'x-api-key': key } });

  test('its figures are exact decimal numbers', async () => {
    await (await ask(hub.baseUrl, keys.liveKey, 'gpt-4o')).text();
    const answer = await (await read('/v1/key', keys.liveKey)).text();
    // 3 x $2.50 and 2 x $10 a million, for each of the requests so far.
    expect(answer).toMatch(/"usage":0\.\d{1,9},/);
    const credits = await creditsOf(hub.baseUrl, keys.liveKey);
    expect(credits).toMatch(/"data":\{"total_credits":5,"total_usage":0\.\d{1,9}\}\}$/);
    const total = /"total_usage":([\d.]+)/.exec(credits)?.[1];
    expect(/"usage":([\d.]+)/.exec(answer)?.[1]).toBe(total);
  });

  test('its receipt is there at once, and is nobody else’s', async () => {
    const answer = await ask(hub.baseUrl, keys.liveKey, 'gpt-4o');
    await answer.text();
    const path = answer.headers.get('x-inferencehub-receipt') ?? '';
    expect(path).toMatch(/^\/v1\/receipts\/req_/);
    expect(await (await read(path, keys.liveKey)).json()).toMatchObject({
      id: answer.headers.get('x-request-id'),
      chargeNanos: '27500',
      ledger: { entries: [{ amountNanos: '-27500' }, { amountNanos: '27500' }] },
    });
    const stranger = await fetch(live.baseUrl + path, {
      headers: { 'x-api-key': liveKeys.liveKey },
    });
    expect(stranger.status).toBe(404);
  });

  test.each(['/v1/receipts/', '/v1/receipts/req_1', '/v1/receipts/%00', "/v1/receipts/'or'1"])(
    '%s is nothing',
    async (path) => expect((await read(path, keys.liveKey)).status).toBe(404),
  );
});
