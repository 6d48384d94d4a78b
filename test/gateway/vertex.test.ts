// Claude and Gemini on Vertex, through a hub from end to end: its tokens, its paths, the body without
// a model, and the bytes of its streams wherever they are cut.

import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  type Upstream,
  answerJson,
  messagesStream,
  startUpstream,
} from '../support/upstream.ts';
import { type Customer, type World, ask, balanceOf, call, openWorld } from '../faults/world.ts';

const GRANT_NANOS = 1_000_000_000n;
const CLAUDE = 'vertex/claude-sonnet-4-5';
const PLACE = '/v1/projects/p/locations/global';
const CLAUDE_PATH = `${PLACE}/publishers/anthropic/models/claude-sonnet-4-5@20250929`;
/** Three dollars a million tokens in, fifteen out. */
const COST_NANOS = 10n * 3_000n + 5n * 15_000n;

const REPLY = {
  id: 'msg_vrtx_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5-20250929',
  content: [{ type: 'text', text: 'Grüß' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 5 },
};
const EVENTS = [
  { type: 'message_start', message: { ...REPLY, content: [], stop_reason: null } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüß' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
];
const STREAM = messagesStream(...EVENTS).join('');

let world: World;
let customer: Customer;
let vertex: Upstream;
let tokens = 0;
let answer: Answer;
beforeAll(async () => {
  vertex = await startUpstream((response, asked) => {
    if (asked.path !== '/token') return answer(response, asked);
    tokens += 1;
    return answerJson({ access_token: 't-1', expires_in: 3_600 })(response, asked);
  });
  const { origin } = new URL(vertex.baseUrl);
  world = await openWorld('pglite', {
    VERTEX_BASE_URL: `${origin}${PLACE}/publishers/google`,
    VERTEX_SERVICE_ACCOUNT: JSON.stringify({
      client_email: 'hub@p.example',
      private_key: generateKeyPairSync('rsa', {
        modulusLength: 2_048,
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        publicKeyEncoding: { type: 'spki', format: 'pem' },
      }).privateKey,
      private_key_id: 'key-1',
      token_uri: `${origin}/token`,
    }),
  });
  customer = await world.customer(GRANT_NANOS);
});
afterAll(async () => {
  await world.close();
  await vertex.close();
});

const askedLast = () => vertex.asked.at(-1)!;
const messages = (body: object, headers = {}, path = '/v1/messages') =>
  call(world.hub, customer.liveKey, { ...body }, { path, headers });

async function costOf(response: Promise<Response>): Promise<[bigint, string]> {
  const before = await balanceOf(world.hub, customer.liveKey);
  const text = await (await response).text();
  return [before - (await balanceOf(world.hub, customer.liveKey)), text];
}

/** Cut at these places into writes of their own. */
function answerCut(text: string, places: readonly number[]): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const bytes = Buffer.from(text);
    let from = 0;
    for (const to of [...places, bytes.length]) {
      await new Promise((written) => response.write(bytes.subarray(from, to), written));
      from = to;
    }
    response.end();
  };
}

describe('Claude on Vertex', () => {
  it('is asked in the bytes of a Messages client, but for the model, the version and betas', async () => {
    answer = answerJson(REPLY);
    const body = ask(CLAUDE, { temperature: 0.5 });
    const response = await messages(body, {
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'claude-code-20250219, interleaved-thinking-2025-05-14',
    });
    expect(response.headers.get('x-inferencehub-dropped')).toBe('anthropic-beta');
    expect(await response.json()).toEqual(REPLY);
    const asked = askedLast();
    expect(asked.path).toBe(`${CLAUDE_PATH}:rawPredict`);
    const { model: _, ...rest } = body;
    expect(asked.body).toEqual({ ...rest, anthropic_version: 'vertex-2023-10-16' });
    expect(asked.headers).toMatchObject({
      authorization: 'Bearer t-1',
      'anthropic-beta': 'interleaved-thinking-2025-05-14',
    });
    expect(asked.headers).not.toHaveProperty('anthropic-version');
    expect(asked.headers).not.toHaveProperty('x-api-key');
  });

  it('keeps the digits of what it does not edit', async () => {
    answer = answerJson(REPLY);
    const text = `{"model":"${CLAUDE}","max_tokens":1e2,"temperature":1.0,"messages":[{"role":"user","content":"x"}]}`;
    const response = await call(world.hub, customer.liveKey, text, { path: '/v1/messages' });
    expect(response.status).toBe(200);
    await response.text();
    expect(askedLast().bytes.toString()).toBe(
      '{"max_tokens":1e2,"temperature":1.0,"messages":[{"role":"user","content":"x"}],' +
        '"anthropic_version":"vertex-2023-10-16"}',
    );
  });

  it.each([
    ['whole', []],
    ['in two', [STREAM.indexOf('ü') + 1]],
    ['in fifty', Array.from({ length: 50 }, (_, i) => 17 * (i + 1))],
  ])('streams its bytes as they come, %s, and is charged by them', async (_, places) => {
    answer = answerCut(STREAM, places);
    const [cost, text] = await costOf(messages(ask(CLAUDE, { stream: true })));
    expect(text).toBe(STREAM);
    expect(cost).toBe(COST_NANOS);
    expect(askedLast().path).toBe(`${CLAUDE_PATH}:streamRawPredict`);
  });

  it.each([false, true])('is translated for a Chat client, streamed: %s', async (stream) => {
    answer = stream ? answerCut(STREAM, []) : answerJson(REPLY);
    const body = ask(CLAUDE, { stream, service_tier: 'auto' });
    const response = await messages(body, {}, '/v1/chat/completions');
    expect(response.headers.get('x-inferencehub-dropped')).toBe('service_tier');
    expect(await response.text()).toContain('Grüß');
    expect(askedLast().path).toBe(`${CLAUDE_PATH}:${stream ? 'streamRawPredict' : 'rawPredict'}`);
    expect(askedLast().body).toEqual({
      anthropic_version: 'vertex-2023-10-16',
      max_tokens: 100,
      messages: expect.any(Array),
      ...(stream && { stream }),
    });
  });

  it('counts tokens at a place of its own, which is told the model in the body', async () => {
    answer = answerJson({ input_tokens: 14 });
    const body = { model: CLAUDE, messages: [{ role: 'user', content: 'Hello' }] };
    const response = await messages(body, {}, '/v1/messages/count_tokens');
    expect(await response.json()).toEqual({ input_tokens: 14 });
    expect(response.headers.get('x-inferencehub-estimated')).toBeNull();
    expect(askedLast().path).toBe(`${PLACE}/publishers/anthropic/models/count-tokens:rawPredict`);
    expect(askedLast().body).toEqual({
      ...body,
      model: 'claude-sonnet-4-5@20250929',
      anthropic_version: 'vertex-2023-10-16',
    });
  });

  it.each([
    [429, { error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED' } }, 429],
    [429, [{ error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED' } }], 429],
    [529, { type: 'error', error: { type: 'overloaded_error', message: 'x' } }, 529],
    [400, { type: 'error', error: { type: 'invalid_request_error', message: 'x' } }, 400],
    [404, { error: { code: 404, message: 'Publisher Model', status: 'NOT_FOUND' } }, 502],
    [403, { error: { code: 403, message: 'no', status: 'PERMISSION_DENIED' } }, 502],
  ])('says %s with %j, and the client reads %s', async (status, body, read) => {
    answer = answerJson(body, status);
    const response = await messages(ask(CLAUDE));
    expect(response.status).toBe(read);
    expect(await response.json()).toMatchObject({ type: 'error' });
  });

  it('has been asked with one token', () => {
    expect(tokens).toBe(1);
  });
});

describe('Gemini on Vertex', () => {
  it.each([
    [false, ':generateContent'],
    [true, ':streamGenerateContent?alt=sse'],
  ])('lies beside it, streamed: %s, and counts by estimate', async (stream, method) => {
    const candidate = { content: { role: 'model', parts: [{ text: 'x' }] }, finishReason: 'STOP' };
    const reply = {
      candidates: [candidate],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    };
    answer = stream ? answerCut(`data: ${JSON.stringify(reply)}\r\n\r\n`, []) : answerJson(reply);
    const response = await call(
      world.hub,
      customer.liveKey,
      ask('vertex/gemini-3.8-flash', { max_tokens: 100, stream }),
    );
    expect(await response.text()).toContain('x');
    const models = `${PLACE}/publishers/google/models`;
    expect(askedLast().path).toBe(`${models}/gemini-3.8-flash${method}`);
    const before = vertex.asked.length;
    const counted = await call(
      world.hub,
      customer.liveKey,
      { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
      { path: '/v1beta/models/vertex/gemini-3.8-flash:countTokens' },
    );
    expect(counted.headers.get('x-inferencehub-estimated')).toBe('true');
    expect(vertex.asked.length).toBe(before);
  });
});
