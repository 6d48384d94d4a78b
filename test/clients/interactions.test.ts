// Google's own SDK at Interactions of a running hub: a provider that speaks them too, one that speaks
// OpenAI's Responses and one that speaks Anthropic's Messages. After each answer the receipt must say
// what the provider said.

import { GoogleGenAI, type Interactions } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Upstream, answerJson } from '../support/upstream.ts';
import { refuseWith, TOOL_SCHEMA, TURNS, type Turns } from './cases.ts';
import { interactionOpening, speakInteractions, usageOf } from './interactions-turns.ts';
import { linesOf } from './oracle.ts';
import { speakResponses } from './responses-turns.ts';
import { type Speaker, speakMessages } from './turns.ts';
import { PROVIDER_KEYS, type World, expectCharge, expectNoCharge, openWorld } from './world.ts';

const FLASH = 'gemini/gemini-3.8-flash';
const input = 'Wie ist das Wetter? 🌦';

let world: World;
let client: GoogleGenAI;

beforeAll(async () => {
  world = await openWorld();
  client = connect(world.rich.liveKey);
});

afterAll(() => world.close());

function connect(apiKey: string, apiVersion?: string): GoogleGenAI {
  return new GoogleGenAI({
    apiKey,
    ...(apiVersion !== undefined && { apiVersion }),
    httpOptions: { baseUrl: world.hub.baseUrl, fetch: world.fetch, retryOptions: { attempts: 1 } },
  });
}

const post = (body: object, path = '/v1beta/interactions'): Promise<Response> =>
  world.fetch(`${world.hub.baseUrl}${path}`, {
    method: 'POST',
    headers: {
      'x-goog-api-key': world.rich.liveKey,
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
    name: 'a provider that speaks Interactions',
    model: FLASH,
    provider: () => world.gemini,
    speak: speakInteractions,
    turns: TURNS.gemini,
  },
  {
    name: 'a provider that speaks OpenAI',
    model: 'openai/gpt-5.6-sol',
    provider: () => world.openai,
    speak: speakResponses,
    turns: TURNS.chat,
  },
  {
    name: 'a provider that speaks Anthropic',
    model: 'anthropic/claude-sonnet-4-6',
    provider: () => world.anthropic,
    speak: speakMessages,
    turns: TURNS.messages,
  },
];

const TOOLS: Interactions.Tool[] = [
  { type: 'function', name: 'weather', description: 'd', parameters: TOOL_SCHEMA },
  { type: 'function', name: 'clock', description: 'd', parameters: { type: 'object' } },
];

/** The steps of a stream, put together as its events say; they must follow each other. */
async function assembled(model: string, more: object): Promise<Interactions.Interaction> {
  const stream = await client.interactions.create({ model, input, ...more, stream: true });
  const steps: Record<string, unknown>[] = [];
  let json = '';
  let last: unknown;
  for await (const event of stream) {
    if (event.event_type === 'step.start') {
      expect(event.index).toBe(steps.length);
      steps.push({ ...event.step });
      json = '';
    }
    const step = steps.at(-1) ?? {};
    if (event.event_type === 'step.delta') {
      const { delta } = event;
      if (delta.type === 'text') step['text'] = `${(step['text'] as string) ?? ''}${delta.text}`;
      if (delta.type === 'thought_signature') step['signature'] = delta.signature;
      if (delta.type === 'arguments_delta') json += delta.arguments ?? '';
    }
    if (event.event_type === 'step.stop' && json !== '') step['arguments'] = JSON.parse(json);
    if (event.event_type === 'interaction.completed') last = event.interaction;
  }
  return { ...(last as Interactions.Interaction), steps: steps as never };
}

describe.each(TARGETS)("Google's SDK and $name", ({ model, provider, speak, turns }) => {
  const { text, calls } = turns;
  const config = { max_output_tokens: 4_000 };

  it('reads a whole answer', async () => {
    provider().answer = speak(text);
    const answer = await client.interactions.create({ model, input, system_instruction: 'Hm.' });
    expect(answer).toMatchObject({ status: 'completed', output_text: text.text });
    expect(answer.usage).toMatchObject(usageOf(text.spent));
    expectCharge(await world.lastReceipt(), model, linesOf(text.spent));
  });

  it('reads a streamed answer', async () => {
    provider().answer = speak(text);
    const { status, usage, steps } = await assembled(model, { generation_config: config });
    expect(status).toBe('completed');
    expect(steps?.at(-1)).toMatchObject({ type: 'model_output', text: text.text });
    expect(usage).toMatchObject(usageOf(text.spent));
    expectCharge(await world.lastReceipt(), model, linesOf(text.spent));
  });

  it.each([false, true])('calls tools, and sends their results (streamed: %s)', async (stream) => {
    provider().answer = speak(calls);
    const ask = { model, input, tools: TOOLS, generation_config: config };
    const answer = stream
      ? await assembled(model, { tools: TOOLS, generation_config: config })
      : await client.interactions.create(ask);
    expect(answer.status).toBe('requires_action');
    const called = (answer.steps ?? []).filter((step) => step.type === 'function_call');
    expect(called).toMatchObject(
      calls.calls.map(({ id, name, input: given }) => ({ id, name, arguments: given })),
    );
    expectCharge(await world.lastReceipt(), model, linesOf(calls.spent));

    provider().answer = speak(text);
    const results = called.map(({ id, name }, i) => ({
      type: 'function_result' as const,
      call_id: id,
      name,
      result: `r${i}`,
    }));
    const question = {
      type: 'user_input' as const,
      content: [{ type: 'text' as const, text: input }],
    };
    const history = [question, ...called, ...results];
    const last = await client.interactions.create({ ...ask, input: history });
    expect(last.output_text).toBe(text.text);
    const asked = JSON.stringify(provider().asked.at(-1)?.body);
    for (const word of ['"r0"', '"r1"', '"call_a"', '"call_b"']) expect(asked).toContain(word);
    expectCharge(await world.lastReceipt(), model, linesOf(text.spent));
  });

  it('tells of a provider that says 500', async () => {
    provider().answer = refuseWith(500);
    const response = await post({ model, input });
    expect(response.status).toBe(502);
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({ error: { code: 502, status: 'INTERNAL' } });
    expect(body).not.toContain('overheard');
    expectNoCharge(await world.lastReceipt(), 'upstream_failed');
  });
});

describe('Interactions of the same provider', () => {
  it("gets the provider's bytes and sends its own, and nothing is kept there", async () => {
    const { text } = TURNS.gemini;
    world.gemini.answer = speakInteractions(text);
    const answer = await client.interactions.create({ model: FLASH, input, store: true });
    expect(answer.steps?.[0]).toEqual({
      type: 'thought',
      summary: [{ type: 'text', text: text.thinking?.text }],
      signature: text.thinking?.signature,
    });
    const { path, headers, body } = world.gemini.asked.at(-1)!;
    expect(path).toBe('/v1/interactions');
    expect(headers['x-goog-api-key']).toBe(PROVIDER_KEYS.gemini);
    expect(body).toEqual({ model: 'gemini-3.8-flash', input, store: false });
    expectCharge(await world.lastReceipt(), FLASH, linesOf(text.spent));
  });

  it('serves below /v1 as below /v1beta, and with the form of the stream in the address', async () => {
    const { text } = TURNS.gemini;
    world.gemini.answer = speakInteractions(text);
    const first = connect(world.rich.liveKey, 'v1');
    const answer = await first.interactions.create({ model: FLASH, input });
    expect(answer.output_text).toBe(text.text);
    const asked = { model: FLASH, input, stream: true };
    const stream = await (await post(asked, '/v1beta/interactions?alt=sse')).text();
    expect(stream).toMatch(/^event: interaction\.created\n[^]*event: done\ndata: \[DONE\]\n\n$/);
    expectCharge(await world.lastReceipt(), FLASH, linesOf(text.spent));
  });

  it('gets a lowered cap where the balance is short', async () => {
    world.gemini.answer = speakInteractions({ text: 'ja', spent: { uncached: 9, text: 1 } });
    const thrifty = connect(world.thrifty.liveKey);
    const generation_config = { max_output_tokens: 60_000, temperature: 0.5 };
    await thrifty.interactions.create({ model: FLASH, input, generation_config });
    const sent = world.gemini.asked.at(-1)?.body['generation_config'];
    const { max_output_tokens: cap } = sent as { max_output_tokens: number };
    expect(sent).toEqual({ temperature: 0.5, max_output_tokens: cap });
    expect(cap).toBeGreaterThan(10_000);
    expect(cap).toBeLessThan(60_000);
  });

  it('ends in an error event when the provider is lost', async () => {
    const opening = interactionOpening(TURNS.gemini.text, FLASH);
    world.gemini.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(opening.join(''), () => response.destroy());
    };
    const text = await (await post({ model: FLASH, input, stream: true })).text();
    expect(text.startsWith(opening.join(''))).toBe(true);
    expect(text.slice(opening.join('').length)).toMatch(
      /^event: error\ndata: \{"event_type":"error","error":\{"code":"internal",[^\n]*\}\n\n$/,
    );
    expect(await world.lastReceipt()).toMatchObject({ outcome: 'upstream_broke_off' });
  });

  it("tells of the caller's own fault in the provider's words", async () => {
    const body = { error: { message: 'overheard', code: 'invalid_request' } };
    world.gemini.answer = answerJson(body, 400);
    const refusal = client.interactions.create({ model: FLASH, input });
    await expect(refusal).rejects.toMatchObject({ status: 400, error: body });
    expectNoCharge(await world.lastReceipt(), 'upstream_rejected');
  });
});

describe('Interactions that would need a store, an agent, or a price', () => {
  it.each([
    [{ previous_interaction_id: 'v1_1' }, 'previous_interaction_id', 'previous_response_not_found'],
    [{ background: true }, 'background', 'unsupported_parameter'],
    [{ agent: 'deep-research' }, 'agent', 'unsupported_parameter'],
    [{ tools: [{ type: 'google_search' }] }, 'tools[0].type', 'unsupported_parameter'],
  ])('are refused by name: %j', async (more, param, code) => {
    const response = await post({ model: FLASH, input, ...more });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        status: 'INVALID_ARGUMENT',
        details: [{ reason: code.toUpperCase(), metadata: { param } }],
      },
    });
    expectNoCharge(await world.lastReceipt(), code);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['get', () => client.interactions.get('v1_1')],
    ['delete', () => client.interactions.delete('v1_1')],
    ['cancel', () => client.interactions.cancel('v1_1')],
  ])('are not found: %s', async (_, call) => {
    await expect(call()).rejects.toMatchObject({
      status: 404,
      error: { error: { status: 'NOT_FOUND', message: 'No interaction is stored here.' } },
    });
  });

  it('are told the method where they are asked for otherwise', async () => {
    const response = await fetch(`${world.hub.baseUrl}/v1/interactions`);
    expect(response.status).toBe(405);
    expect(await response.json()).toMatchObject({ error: { code: 405 } });
  });
});

describe('Interactions and the hub itself', () => {
  it('name what a translation drops', async () => {
    world.openai.answer = speakResponses(TURNS.chat.text);
    const model = 'openai/gpt-5.6-sol';
    const response = await post({ model, input, store: true, safety_settings: [{}] });
    expect(response.headers.get('x-inferencehub-dropped')).toBe('safety_settings,store');
    expectCharge(await world.lastReceipt(), model, linesOf(TURNS.chat.text.spent));
  });

  it('play with the sandbox', async () => {
    const tester = connect(world.rich.testKey);
    const answer = await tester.interactions.create({ model: 'sandbox/echo', input: 'Hello' });
    expect(answer.output_text).toBe('Hello');
    // docs/sandbox.md: 2 tokens of text and 4 for the message; 2 for the answer.
    expectCharge(await world.lastReceipt(), 'sandbox/echo', { inUncached: 6, outText: 2 });
  });
});
