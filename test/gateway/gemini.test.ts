// The addresses of Gemini's clients at a real hub: where a key may stand, streams that are arrays, what
// is not there, and clients of other protocols at a provider that speaks Gemini.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TURNS } from '../clients/cases.ts';
import { linesOf } from '../clients/oracle.ts';
import { speakResponses } from '../clients/responses-turns.ts';
import { speakGemini } from '../clients/turns.ts';
import { type World, expectCharge, openWorld } from '../clients/world.ts';
import { answerJson, answerStream } from '../support/upstream.ts';

const MODEL = 'gemini/gemini-3.8-flash';
const PATH = `/v1beta/models/${MODEL}:generateContent`;
const STREAM = `/v1beta/models/${MODEL}:streamGenerateContent`;
const BODY = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };

let world: World;
let key: string;
beforeAll(async () => {
  world = await openWorld();
  key = world.rich.liveKey;
});
afterAll(() => world.close());

function post(path: string, body: object = BODY, headers: object = { 'x-goog-api-key': key }) {
  return world.fetch(`${world.hub.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

describe('a key', () => {
  const wrong = 'ih_live_wrong';

  it.each<[string, (own: string) => [object, string]]>([
    ['a bearer token', (own) => [{ authorization: `Bearer ${own}`, 'x-api-key': wrong }, '']],
    ['x-api-key', (own) => [{ 'x-api-key': own, 'api-key': wrong }, '']],
    ['api-key', (own) => [{ 'api-key': own, 'x-goog-api-key': wrong }, '']],
    ['x-goog-api-key', (own) => [{ 'x-goog-api-key': own }, `?key=${wrong}`]],
    ['the address', (own) => [{}, `?key=${own}`]],
  ])('is found as %s, before the places that come after it', async (_, place) => {
    world.gemini.answer = speakGemini(TURNS.gemini.text);
    const ask = async (own: string) => {
      const [headers, query] = place(own);
      const url = `${world.hub.baseUrl}${PATH}${query}`;
      const init = { method: 'POST', headers: { ...headers }, body: JSON.stringify(BODY) };
      return (await fetch(url, init)).status;
    };
    expect(await ask(world.poor.liveKey)).toBe(402);
    expect(await ask(wrong)).toBe(401);
  });

  it('in the address is neither logged nor told to anybody', async () => {
    world.gemini.answer = answerJson({ error: { code: 500 } }, 500);
    const response = await post(`${PATH}?key=${key}`, BODY, {});
    expect([response.status, await response.text()]).toEqual([
      502,
      expect.not.stringContaining(key),
    ]);
    expect((await fetch(`${world.hub.baseUrl}/v1beta/none?key=${key}`)).status).toBe(404);
    expect(world.hub.output()).toContain('request_failed');
    expect(world.hub.output()).not.toContain(key);
    expect(world.gemini.asked.at(-1)?.path).not.toContain('key');
  });

  it('in one address is not taken for that of another on the same connection', async () => {
    const statuses: number[] = [];
    for (const query of [`?key=${world.poor.liveKey}`, '', `?key=${wrong}`]) {
      statuses.push((await post(`${PATH}${query}`, BODY, {})).status);
    }
    expect(statuses).toEqual([402, 401, 401]);
  });
});

describe('a stream that is no stream of events', () => {
  const texts = (elements: unknown) =>
    (elements as { candidates: { content: { parts: { text?: string; thought?: boolean }[] } }[] }[])
      .flatMap(({ candidates }) => candidates[0]?.content.parts ?? [])
      .map(({ text = '', thought }) => (thought ? '' : text))
      .join('');

  it('is an array of what the provider sent, its own words untouched', async () => {
    const events = ['{"candidates":[{"content": {"parts":[{"text":"a"}]}}]}', '{"b":1.50}'];
    const last =
      '{"candidates":[{"finishReason":"STOP"}],"usageMetadata":' +
      '{"promptTokenCount":4,"candidatesTokenCount":1,"totalTokenCount":5}}';
    const frames = [...events, last].map((data) => `data: ${data}\r\n\r\n`);
    world.gemini.answer = answerStream(...frames);
    const response = await post(STREAM);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.text()).toBe(`[${[...events, last].join(',\r\n')}]\n`);
    expect(world.gemini.asked.at(-1)?.path).toMatch(/:streamGenerateContent\?alt=sse$/);
    expectCharge(await world.lastReceipt(), MODEL, { inUncached: 4, outText: 1 });
    const whole = await post(`${STREAM}?alt=sse`);
    expect(await whole.text()).toBe(frames.join(''));
  });

  it('is an array of what was translated', async () => {
    world.openai.answer = speakResponses(TURNS.chat.text);
    const response = await post('/v1/models/openai/gpt-5.6-sol:streamGenerateContent');
    expect(texts(await response.json())).toBe(TURNS.chat.text.text);
    expectCharge(await world.lastReceipt(), 'openai/gpt-5.6-sol', linesOf(TURNS.chat.text.spent));
  });

  it('fails as an array: with an element, or with its status', async () => {
    world.gemini.answer = answerStream('data: {"candidates":[{"content":{"parts":[]}}]}\n\n');
    const broken = (await (await post(STREAM)).json()) as object[];
    expect(broken.at(-1)).toMatchObject({ error: { code: 502, status: 'INTERNAL' } });
    const words = { error: { code: 400, message: 'odd', status: 'INVALID_ARGUMENT' } };
    world.gemini.answer = answerJson(words, 400);
    const refused = await post(STREAM);
    expect([refused.status, await refused.json()]).toEqual([400, [words]]);
    const own = await post(STREAM, { contents: 7 });
    expect([own.status, await own.json()]).toMatchObject([400, [{ error: { code: 400 } }]]);
  });
});

describe('what is not there', () => {
  it.each([
    ['POST', `/v1beta/models/${MODEL}:predict`, 404],
    ['POST', `/v1/models/${MODEL}:predict`, 404],
    ['POST', '/v1beta/models/none:generateContent', 404],
    ['GET', `/v1beta/models/${MODEL}:generateContent`, 404],
    ['GET', '/v1beta/models/none', 404],
    ['GET', '/v1beta/none', 404],
    ['POST', '/v1beta/models', 405],
  ])('is refused in Google’s dialect: %s %s', async (method, path, status) => {
    const headers = { authorization: `Bearer ${key}` };
    const init = { method, headers, ...(method === 'POST' && { body: JSON.stringify(BODY) }) };
    const response = await fetch(`${world.hub.baseUrl}${path}`, init);
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { error: { code: status, status: expect.any(String), message: expect.any(String) } },
    ]);
  });

  it('of one kind is asked for at the address of its kind', async () => {
    const content = { parts: [{ text: 'a' }] };
    const wrong = await post(`/v1beta/models/${MODEL}:embedContent`, { content });
    expect([wrong.status, await wrong.text()]).toEqual([
      400,
      expect.stringContaining(`/v1/models/${MODEL}:generateContent`),
    ]);
    const other = await post('/v1beta/models/gemini-embedding-001:generateContent');
    expect([other.status, await other.text()]).toEqual([
      400,
      expect.stringContaining('/v1/models/gemini/gemini-embedding-001:embedContent'),
    ]);
  });
});

describe('the list of models', () => {
  const list = async (path: string, headers: Record<string, string> = {}) =>
    (await (await fetch(`${world.hub.baseUrl}${path}`, { headers })).json()) as Record<
      string,
      unknown
    >;

  it("is Gemini's below /v1beta and for Google's header, OpenAI's otherwise", async () => {
    expect(Object.keys(await list('/v1beta/models'))).toContain('models');
    expect(Object.keys(await list('/v1/models', { 'x-goog-api-key': key }))).toContain('models');
    expect(await list('/v1/models')).toMatchObject({ object: 'list' });
    const anthropic = { 'anthropic-version': '2023-06-01' };
    expect(Object.keys(await list('/v1/models', anthropic))).toContain('has_more');
  });

  it('comes in pages, the last without a token', async () => {
    const { models, nextPageToken } = await list('/v1beta/models?pageSize=3');
    expect(models).toHaveLength(3);
    const next = await list(`/v1beta/models?pageSize=1000&pageToken=${String(nextPageToken)}`);
    expect(next).not.toHaveProperty('nextPageToken');
    const all = await list('/v1beta/models?pageSize=1000');
    expect([...(models as object[]), ...(next['models'] as object[])]).toEqual(all['models']);
  });
});

describe('a client of another protocol at a provider that speaks Gemini', () => {
  const { text } = TURNS.gemini;
  const bearer = () => ({ authorization: `Bearer ${key}` });
  const messages = [{ role: 'user', content: 'Hello' }];

  it.each([false, true])('speaks Chat (stream: %s)', async (stream) => {
    world.gemini.answer = speakGemini(text);
    const response = await post(
      '/v1/chat/completions',
      { model: MODEL, messages, stream },
      bearer(),
    );
    const answer = await response.text();
    expect(answer).toContain(stream ? 'data: [DONE]' : text.text);
    expect(world.gemini.asked.at(-1)?.path).toMatch(
      stream ? /:streamGenerateContent\?alt=sse$/ : /:generateContent$/,
    );
    expectCharge(await world.lastReceipt(), MODEL, linesOf(text.spent));
  });

  it.each([false, true])('speaks Messages (stream: %s)', async (stream) => {
    world.gemini.answer = speakGemini(text);
    const thinking = { type: 'enabled', budget_tokens: 2_000 };
    const body = { model: MODEL, max_tokens: 9_000, messages, stream, thinking };
    const answer = await (await post('/v1/messages', body, bearer())).text();
    expect(answer).toContain(stream ? 'event: message_stop' : text.text);
    expect(world.gemini.asked.at(-1)?.body['generationConfig']).toEqual({
      maxOutputTokens: 9_000,
      thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
    });
    expectCharge(await world.lastReceipt(), MODEL, linesOf(text.spent));
  });
});
