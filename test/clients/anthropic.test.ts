// Anthropic's own SDK, its old line and its new one, against a running hub: the sandbox, a provider
// that speaks the SDK's protocol and one that speaks OpenAI's. After each answer the receipt must
// say what the provider said.

import Anthropic from '@anthropic-ai/sdk';
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import Anthropic0 from 'anthropic-sdk-0';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerJson } from '../support/upstream.ts';
import { refuseWith, TOOL_SCHEMA, TURNS } from './cases.ts';
import { linesOf } from './oracle.ts';
import { speakResponses } from './responses-turns.ts';
import { speakMessages } from './turns.ts';
import { PROVIDER_KEYS, type World, expectCharge, expectNoCharge, openWorld } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.close());

/** What the suite uses of both lines is the same. */
const LINES = [
  { line: '1.x', Sdk: Anthropic },
  { line: '0.x', Sdk: Anthropic0 as unknown as typeof Anthropic },
];

const TARGETS = [
  {
    name: 'a provider that speaks Anthropic',
    model: 'anthropic/claude-sonnet-4-6',
    provider: () => world.anthropic,
    speak: speakMessages,
    turns: TURNS.messages,
  },
  {
    name: 'a provider that speaks OpenAI',
    model: 'openai/gpt-5.6-sol',
    provider: () => world.openai,
    speak: speakResponses,
    turns: TURNS.chat,
  },
];

const TOOLS = ['weather', 'clock'].map((name) => ({
  name,
  description: `Tells the ${name}`,
  input_schema: TOOL_SCHEMA,
}));

const QUESTION: MessageParam[] = [{ role: 'user', content: 'Wie ist das Wetter? 🌦' }];

function connect(Sdk: typeof Anthropic, apiKey: string): Anthropic {
  return new Sdk({
    apiKey,
    baseURL: world.hub.baseUrl,
    maxRetries: 0,
    fetch: world.fetch,
    defaultHeaders: { cookie: 'session=abc', 'x-forwarded-for': '203.0.113.7' },
  });
}

describe.each(LINES.flatMap((line) => TARGETS.map((target) => ({ ...line, ...target }))))(
  "Anthropic's SDK $line and $name",
  ({ Sdk, model, provider, speak, turns }) => {
    const client = (): Anthropic => connect(Sdk, world.rich.liveKey);
    const order = { model, max_tokens: 2_000, system: 'Be brief.', messages: QUESTION };
    const isSame = speak === speakMessages;

    it('iterates the events of a stream', async () => {
      provider().answer = speak(turns.text);
      const kinds = new Set<string>();
      let text = '';
      for await (const event of await client().messages.create({ ...order, stream: true })) {
        kinds.add(event.type);
        const isText = event.type === 'content_block_delta' && event.delta.type === 'text_delta';
        if (isText && event.delta.type === 'text_delta') text += event.delta.text;
      }
      expect(text).toBe(turns.text.text);
      expect([...kinds].filter((kind) => kind !== 'ping')).toEqual(
        [
          'message_start content_block_start content_block_delta content_block_stop',
          'message_delta message_stop',
        ].flatMap((line) => line.split(' ')),
      );
      expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
    });

    it('sends images by their addresses', async () => {
      provider().answer = speak(turns.text);
      const url = 'https://images.example/cat.jpg';
      const content = [{ type: 'image' as const, source: { type: 'url' as const, url } }];
      await client().messages.create({ ...order, messages: [{ role: 'user', content }] });
      const { messages, input } = provider().asked.at(-1)?.body ?? {};
      const sent = (messages ?? input) as { content: unknown }[];
      const translated = [{ type: 'input_image', image_url: url }];
      expect(sent.at(-1)?.content).toEqual(isSame ? content : translated);
      expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
    });

    it.each([
      { says: 529, status: 529, type: 'overloaded_error', code: 'upstream_overloaded' },
      { says: 500, status: 502, type: 'api_error', code: 'upstream_failed' },
    ])('tells of a provider that says $says', async ({ says, status, type, code }) => {
      provider().answer = refuseWith(says);
      const refusal = await caught(Sdk, client().messages.create(order));
      expect(refusal.status).toBe(status);
      expect(refusal.error).toMatchObject({ type: 'error', error: { type } });
      expect(refusal.message).not.toContain('overheard');
      expect(refusal.headers?.get('retry-after')).toBe('7');
      expectNoCharge(await world.lastReceipt(), code);
    });

    it("tells of the caller's own fault as its protocol does", async () => {
      const error = { type: 'invalid_request_error', message: 'messages: overheard' };
      const body = { type: 'error', error, request_id: 'req_of_the_provider' };
      provider().answer = answerJson(body, 400);
      const refusal = await caught(Sdk, client().messages.create(order));
      expect(refusal).toBeInstanceOf(Sdk.BadRequestError);
      if (isSame) expect(refusal.error).toEqual(body);
      else expect(refusal.message).not.toContain('overheard');
      expectNoCharge(await world.lastReceipt(), 'upstream_rejected');
    });

    it("uses the hub's own credential at the provider", () => {
      const last = provider().asked.at(-1)?.headers ?? {};
      const [name, value] = isSame
        ? ['x-api-key', PROVIDER_KEYS.anthropic]
        : ['authorization', `Bearer ${PROVIDER_KEYS.openai}`];
      expect(last[name]).toBe(value);
      expect(last['anthropic-version'] !== undefined).toBe(isSame);
    });
  },
);

describe.each(LINES)("Anthropic's SDK $line and Claude's thinking", ({ Sdk }) => {
  const model = 'anthropic/claude-sonnet-4-6';
  const thinking = { text: 'Wetter … Köln … 🌧', signature: 'EqQBCkYIBxgCKkBb+/Zq==' };
  const turn = { ...TURNS.messages.text, thinking };
  const blocks = [
    { type: 'thinking', thinking: thinking.text, signature: thinking.signature },
    { type: 'text', text: turn.text },
  ];
  const order = {
    model,
    max_tokens: 4_000,
    thinking: { type: 'enabled' as const, budget_tokens: 1_024 },
    messages: QUESTION,
  };

  it('gets signed blocks, whole and streamed, and returns them as they were', async () => {
    const client = connect(Sdk, world.rich.liveKey);
    world.anthropic.answer = speakMessages(turn);
    const whole = await client.messages.create(order);
    const streamed = await client.messages.stream(order).finalMessage();
    expect(whole.content).toMatchObject(blocks);
    expect(streamed.content).toMatchObject(blocks);
    expectCharge(await world.lastReceipt(), model, linesOf(turn.spent));
    const messages: MessageParam[] = [
      ...QUESTION,
      { role: 'assistant', content: streamed.content },
      { role: 'user', content: 'Und morgen?' },
    ];
    await client.messages.create({ ...order, messages });
    const sent = world.anthropic.asked.at(-1)?.body['messages'] as { content: unknown }[];
    expect(sent[1]?.content).toMatchObject(blocks);
    expectCharge(await world.lastReceipt(), model, linesOf(turn.spent));
  });

  it('passes its version and its betas on to Anthropic, and to nobody else', async () => {
    const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'beta-a,beta-b' };
    const client = connect(Sdk, world.rich.liveKey);
    world.anthropic.answer = speakMessages(TURNS.messages.text);
    await client.messages.create(order, { headers });
    expect(world.anthropic.asked.at(-1)?.headers).toMatchObject(headers);
    world.openai.answer = speakResponses(TURNS.chat.text);
    const elsewhere = { model: 'openai/gpt-5.6-sol', max_tokens: 50, messages: QUESTION };
    await client.messages.create(elsewhere, { headers });
    const names = Object.keys(world.openai.asked.at(-1)?.headers ?? {});
    expect(names.filter((name) => name.startsWith('anthropic'))).toEqual([]);
  });
});

describe.each(LINES)("Anthropic's SDK $line and the hub itself", ({ Sdk }) => {
  const order = { max_tokens: 100, messages: QUESTION };

  it('is told of an unknown key, an unknown model and an empty balance', async () => {
    const model = 'anthropic/claude-sonnet-4-6';
    const stranger = connect(Sdk, `ih_live_${'0'.repeat(59)}`);
    const unknownKey = await caught(Sdk, stranger.messages.create({ ...order, model }));
    expect(unknownKey).toBeInstanceOf(Sdk.AuthenticationError);
    const client = connect(Sdk, world.rich.liveKey);
    const noModel = await caught(Sdk, client.messages.create({ ...order, model: 'claude-none' }));
    expect(noModel).toBeInstanceOf(Sdk.NotFoundError);
    expectNoCharge(await world.lastReceipt(), 'model_not_found');
    const poor = connect(Sdk, world.poor.liveKey);
    const broke = await caught(Sdk, poor.messages.create({ ...order, model }));
    expect(broke.status).toBe(402);
    expect(broke.error).toMatchObject({ error: { type: 'billing_error' } });
    expectNoCharge(await world.lastReceipt(), 'insufficient_balance');
  });

  it('lists the models over several pages', async () => {
    const ids: string[] = [];
    const client = connect(Sdk, world.rich.liveKey);
    for await (const model of client.models.list({ limit: 7 })) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining(TARGETS.map(({ model }) => model)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(14);
  });

  it('plays with the sandbox, its tools included', async () => {
    const client = connect(Sdk, world.rich.testKey);
    const hello: MessageParam[] = [{ role: 'user', content: 'Hello' }];
    const echo = { model: 'sandbox/echo', max_tokens: 100, messages: hello };
    expect(await client.messages.create(echo)).toMatchObject({ content: [{ text: 'Hello' }] });
    // docs/sandbox.md: 2 tokens of text and 4 for the message; 2 for the answer.
    expectCharge(await world.lastReceipt(), 'sandbox/echo', { inUncached: 6, outText: 2 });
    expect(await client.messages.stream(echo).finalText()).toBe('Hello');
    expectCharge(await world.lastReceipt(), 'sandbox/echo', { inUncached: 6, outText: 2 });
    const asked = await client.messages
      .stream({ ...echo, model: 'sandbox/tools', tools: TOOLS })
      .finalMessage();
    expect(asked).toMatchObject({ stop_reason: 'tool_use', content: [{ name: 'weather' }] });
    expect((await world.lastReceipt()).outcome).toBe('completed');
  });
});

async function caught(
  Sdk: typeof Anthropic,
  call: Promise<unknown>,
): Promise<InstanceType<typeof Anthropic.APIError>> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Sdk.APIError);
  return error as InstanceType<typeof Anthropic.APIError>;
}
