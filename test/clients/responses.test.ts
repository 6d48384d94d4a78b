// OpenAI's own SDK at Responses of a running hub: a provider that speaks it too, and one that speaks
// Anthropic's Messages. After each answer the receipt must say what the provider said.

import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Upstream, answerJson, messagesStream } from '../support/upstream.ts';
import { TOOL_SCHEMA, TURNS, type Turns } from './cases.ts';
import { linesOf } from './oracle.ts';
import { responsesOpening, responsesUsage, speakResponses } from './responses-turns.ts';
import { type Speaker, speakMessages } from './turns.ts';
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
const tools = ['weather', 'clock'].map((name) => ({
  type: 'function' as const,
  name,
  parameters: TOOL_SCHEMA,
  strict: false,
}));

const post = (path: string, body: object): Promise<Response> =>
  world.fetch(`${world.hub.baseUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.rich.liveKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });

interface Target {
  readonly name: string;
  readonly model: string;
  readonly provider: () => Upstream;
  readonly speak: Speaker;
  readonly turns: Turns;
}

const TARGETS: readonly Target[] = [
  {
    name: 'a provider that speaks it too',
    model: GPT,
    provider: () => world.openai,
    speak: speakResponses,
    turns: TURNS.chat,
  },
  {
    name: 'a provider that speaks Anthropic',
    model: CLAUDE,
    provider: () => world.anthropic,
    speak: speakMessages,
    turns: TURNS.messages,
  },
];

describe.each(TARGETS)('Responses and $name', ({ model, provider, speak, turns }) => {
  it('gives a whole answer', async () => {
    provider().answer = speak(turns.text);
    const response = await client.responses.create({ model, input, instructions: 'Be brief.' });
    expect(response).toMatchObject({ status: 'completed', output_text: turns.text.text });
    expect(response.usage).toMatchObject(responsesUsage(turns.text.spent));
    expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
  });

  it("gives a stream to the SDK's helper", async () => {
    provider().answer = speak(turns.text);
    const response = await client.responses.stream({ model, input }).finalResponse();
    expect(response).toMatchObject({ status: 'completed', output_text: turns.text.text });
    expect(response.usage).toMatchObject(responsesUsage(turns.text.spent));
    expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
  });

  it.each([{ stream: false }, { stream: true }])(
    'carries parallel calls and the turn of their results (stream: $stream)',
    async ({ stream }) => {
      provider().answer = speak(turns.calls);
      const order = { model, input, tools };
      const { output } = stream
        ? await client.responses.stream(order).finalResponse()
        : await client.responses.create(order);
      const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
      expect(calls.map(({ call_id: id, name }) => [id, name])).toEqual(
        turns.calls.calls.map(({ id, name }) => [id, name]),
      );
      expect(calls.map((call) => JSON.parse(call.arguments))).toEqual(
        turns.calls.calls.map((call) => call.input),
      );
      expectCharge(await world.lastReceipt(), model, linesOf(turns.calls.spent));

      provider().answer = speak(turns.text);
      const results = calls.map(({ call_id }) => ({
        type: 'function_call_output' as const,
        call_id,
        output: `result of ${call_id}`,
      }));
      const next = [{ role: 'user' as const, content: input }, ...calls, ...results];
      const answer = await client.responses.create({ model, input: next, tools });
      expect(answer.output_text).toBe(turns.text.text);
      const sent = JSON.stringify(provider().asked.at(-1)?.body);
      for (const { id } of turns.calls.calls) expect(sent).toContain(`result of ${id}`);
      expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
    },
  );
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
    expect(text).toContain('"sequence_number":9');
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
