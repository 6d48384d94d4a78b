// OpenAI's own SDK at Responses of a running hub: a provider that speaks it too, and one that speaks
// Anthropic's Messages. After each answer the receipt must say what the provider said.

import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerJson, messagesStream } from '../support/upstream.ts';
import { TURNS } from './cases.ts';
import { linesOf } from './oracle.ts';
import { responsesOpening, responsesUsage, speakResponses } from './responses-turns.ts';
import { speakChat } from './turns.ts';
import { type World, expectCharge, expectNoCharge, openWorld } from './world.ts';

const GPT = 'openai/gpt-5.6-sol';
const CLAUDE = 'anthropic/claude-sonnet-4-6';

let world: World;
let client: OpenAI;

beforeAll(async () => {
  world = await openWorld();
  client = new OpenAI({
    apiKey: world.rich.liveKey,
    baseURL: `${world.hub.baseUrl}/v1`,
    maxRetries: 0,
    fetch: world.fetch,
  });
});

afterAll(() => world.close());

const input = 'Wie ist das Wetter? 🌦';
const post = (path: string, body: object): Promise<Response> =>
  world.fetch(`${world.hub.baseUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.rich.liveKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });

describe('Responses of the same provider', () => {
  it('stores nothing there, and names what was taken out', async () => {
    world.openai.answer = speakResponses(TURNS.chat.text);
    const search = { type: 'web_search', external_web_access: false };
    const response = await post('/v1/responses', { model: GPT, input, tools: [search] });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-inferencehub-dropped')).toBe('tools.web_search');
    const asked = world.openai.asked.at(-1);
    expect(asked?.path).toBe('/v1/responses');
    expect(asked?.body).toEqual({
      model: 'gpt-5.6-sol',
      input,
      tools: [],
      store: false,
      include: ['reasoning.encrypted_content'],
    });
  });

  it('fails as a response when the provider is lost', async () => {
    const opening = messagesStream(...responsesOpening(TURNS.chat.text, GPT));
    world.openai.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(opening.join(''), () => response.destroy());
    };
    const text = await (await post('/v1/responses', { model: GPT, input, stream: true })).text();
    expect(text.startsWith(opening.join(''))).toBe(true);
    const events = text.slice(opening.join('').length).match(/^event: .*$/gm);
    expect(events).toEqual(['event: error', 'event: response.failed']);
    expect(text).toContain('"sequence_number":12');
    expect(await world.lastReceipt()).toMatchObject({ outcome: 'upstream_broke_off' });
  });

  it('counts tokens by the provider, and of others by an estimate', async () => {
    world.openai.answer = answerJson({ object: 'response.input_tokens', input_tokens: 14 });
    const counted = await client.responses.inputTokens.count({ model: GPT, input });
    expect(counted.input_tokens).toBe(14);
    const asked = world.openai.asked.at(-1);
    expect(asked?.path).toBe('/v1/responses/input_tokens');
    expect(asked?.body).toEqual({ model: 'gpt-5.6-sol', input });
    const estimated = await post('/v1/responses/input_tokens', { model: CLAUDE, input });
    expect(estimated.headers.get('x-inferencehub-estimated')).toBe('true');
    expect(await estimated.json()).toEqual({
      object: 'response.input_tokens',
      input_tokens: expect.any(Number),
    });
  });

  it('compacts a conversation and charges it, where the model can', async () => {
    const { spent } = TURNS.chat.text;
    world.openai.answer = answerJson({
      id: 'resp_1',
      object: 'response.compaction',
      created_at: 1,
      output: [{ type: 'compaction', id: 'cmp_1', encrypted_content: 'x' }],
      usage: responsesUsage(spent),
    });
    const compacted = await client.responses.compact({ model: GPT, input });
    expect(compacted.output).toHaveLength(1);
    expect(world.openai.asked.at(-1)?.path).toBe('/v1/responses/compact');
    expectCharge(await world.lastReceipt(), GPT, linesOf(spent));
    const other = client.responses.compact({ model: CLAUDE, input });
    await expect(other).rejects.toThrow(`The model ${CLAUDE} is not served at this address`);
  });
});

describe('a conversation of another protocol with a model that is asked in both of OpenAI’s', () => {
  const ask = (more: object) =>
    post('/v1/messages', {
      model: GPT,
      max_tokens: 50,
      messages: [{ role: 'user', content: input }],
      ...more,
    });

  it('goes to Responses', async () => {
    world.openai.answer = speakResponses(TURNS.chat.text);
    expect((await ask({})).status).toBe(200);
    expect(world.openai.asked.at(-1)?.path).toBe('/v1/responses');
    expectCharge(await world.lastReceipt(), GPT, linesOf(TURNS.chat.text.spent));
  });

  it.each([{ stop_sequences: ['x'] }, { max_tokens: 1 }])(
    'goes to Chat with what Responses cannot say: %j',
    async (more) => {
      world.openai.answer = speakChat(TURNS.chat.text);
      expect((await ask(more)).status).toBe(200);
      expect(world.openai.asked.at(-1)?.path).toBe('/v1/chat/completions');
      expectCharge(await world.lastReceipt(), GPT, linesOf(TURNS.chat.text.spent));
    },
  );

  it('is refused where the model has Responses alone', async () => {
    const model = 'openai/gpt-5.3-codex';
    const response = await ask({ model, stop_sequences: ['x'] });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('`stop` cannot be said');
    expectNoCharge(await world.lastReceipt(), 'unsupported_parameter');
  });
});

describe('Responses that would need a store', () => {
  it("is refused in OpenAI's own words", async () => {
    const previous_response_id = 'resp_1';
    const refusal = client.responses.create({ model: GPT, input, previous_response_id });
    await expect(refusal).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    });
    expectNoCharge(await world.lastReceipt(), 'previous_response_not_found');
  });

  it('is not found', async () => {
    for (const method of ['GET', 'DELETE']) {
      const address = `${world.hub.baseUrl}/v1/responses/resp_1`;
      const response = await fetch(address, { method });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        error: {
          message: 'No response is stored here.',
          type: 'invalid_request_error',
          param: null,
          code: 'not_found',
        },
      });
    }
  });
});

describe('Codex', () => {
  /** Sends a head over a bare socket; resolves with all that comes back until the hub hangs up. */
  async function ask(head: readonly string[]): Promise<string> {
    const { hostname, port } = new URL(world.hub.baseUrl);
    const socket = connectTcp(Number(port), hostname);
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => void (answer += chunk));
    socket.write([...head, 'Host: hub', '', ''].join('\r\n'));
    await once(socket, 'close');
    return answer;
  }

  it('is told to use HTTP where it tries a WebSocket, and is served then', async () => {
    const answer = await ask([
      'GET /v1/responses HTTP/1.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
    expect(answer).toMatch(/\r\nupgrade: HTTP\/1\.1\r\n/i);
    expect(answer).toMatch(/\r\nconnection: upgrade, close\r\n/i);
    expect(answer).toContain('"code":"websocket_unsupported"');
  });

  it('finds no WebSocket where it asks for none', async () => {
    const response = await fetch(`${world.hub.baseUrl}/v1/responses`);
    expect(response.status).toBe(405);
  });

  it('reads the models in a form of its own', async () => {
    const response = await fetch(`${world.hub.baseUrl}/v1/models?client_version=0.171.0`);
    const { models } = (await response.json()) as { models: Record<string, unknown>[] };
    const slugs = models.map(({ slug }) => slug);
    expect(slugs).toEqual(expect.arrayContaining([GPT, CLAUDE]));
    expect(slugs).not.toContain('openai/text-embedding-3-small');
    expect(models.find(({ slug }) => slug === GPT)).toMatchObject({
      display_name: 'GPT-5.6 Sol',
      context_window: 1_050_000,
      supported_reasoning_levels: ['low', 'medium', 'high', 'xhigh'].map((effort) => ({ effort })),
      base_instructions: expect.stringMatching(/\S/),
    });
    expect(models.find(({ slug }) => slug === 'openai/gpt-4o')).toMatchObject({
      supported_reasoning_levels: [],
    });
  });
});
