// OpenAI's own SDK against a running hub: the sandbox, a provider that speaks the SDK's protocol
// and one that speaks Anthropic's. After each answer the receipt must say what the provider said.

import OpenAI from 'openai';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Upstream, answerJson } from '../support/upstream.ts';
import { refuseWith, TOOL_SCHEMA, TURNS, type Turns } from './cases.ts';
import { linesOf } from './oracle.ts';
import { type Speaker, type Spent, speakChat, speakMessages } from './turns.ts';
import { PROVIDER_KEYS, type World, expectCharge, expectNoCharge, openWorld } from './world.ts';

let world: World;
let client: OpenAI;

beforeAll(async () => {
  world = await openWorld();
  client = connect(world.rich.liveKey);
});

afterAll(() => world.close());

function connect(apiKey: string): OpenAI {
  return new OpenAI({
    apiKey,
    baseURL: `${world.hub.baseUrl}/v1`,
    maxRetries: 0,
    fetch: world.fetch,
    organization: 'org-of-the-customer',
    project: 'project-of-the-customer',
    defaultHeaders: { cookie: 'session=abc', 'x-forwarded-for': '203.0.113.7' },
  });
}

interface Target {
  readonly name: string;
  readonly model: string;
  readonly provider: () => Upstream;
  readonly speak: Speaker;
  readonly turns: Turns;
}

const TARGETS: readonly Target[] = [
  {
    name: 'a provider that speaks OpenAI',
    model: 'openai/gpt-5.6-sol',
    provider: () => world.openai,
    speak: speakChat,
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

const QUESTION: ChatCompletionMessageParam[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Wie ist das Wetter? 🌦' },
];

describe.each(TARGETS)("OpenAI's SDK and $name", ({ model, provider, speak, turns }) => {
  const usage = (spent: Spent) => {
    const read = spent.cacheRead ?? 0;
    const prompt =
      spent.uncached +
      read +
      (spent.written ?? 0) +
      (spent.written5m ?? 0) +
      (spent.written1h ?? 0);
    const completion = spent.text + (spent.reasoning ?? 0);
    return {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: read },
      completion_tokens_details: { reasoning_tokens: spent.reasoning ?? 0 },
    };
  };

  it('reads a whole answer', async () => {
    provider().answer = speak(turns.text);
    const completion = await client.chat.completions.create({ model, messages: QUESTION });
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: turns.text.text },
    });
    expect(completion.usage).toMatchObject(usage(turns.text.spent));
    expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
  });

  it('iterates a stream for which it did not order the usage', async () => {
    provider().answer = speak(turns.text);
    let text = '';
    const stream = await client.chat.completions.create({
      model,
      messages: QUESTION,
      stream: true,
    });
    for await (const chunk of stream) {
      expect(chunk.choices).toHaveLength(1);
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(turns.text.text);
    expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
  });

  it('sends images by their addresses', async () => {
    provider().answer = speak(turns.text);
    const url = 'https://images.example/cat.jpg';
    const content = [{ type: 'image_url' as const, image_url: { url } }];
    await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    const messages = provider().asked.at(-1)?.body['messages'];
    const expected = {
      'openai/gpt-5.6-sol': content,
      'anthropic/claude-sonnet-4-6': [{ type: 'image', source: { type: 'url', url } }],
    }[model];
    expect(messages).toEqual([{ role: 'user', content: expected }]);
    expectCharge(await world.lastReceipt(), model, linesOf(turns.text.spent));
  });

  it.each([
    { says: 529, status: 503, error: OpenAI.InternalServerError, code: 'upstream_overloaded' },
    { says: 500, status: 502, error: OpenAI.InternalServerError, code: 'upstream_failed' },
  ])('tells of a provider that says $says', async ({ says, status, error, code }) => {
    provider().answer = refuseWith(says);
    const refusal = await caught(client.chat.completions.create({ model, messages: QUESTION }));
    expect(refusal).toBeInstanceOf(error);
    expect(refusal.status).toBe(status);
    expect(refusal.message).not.toContain('overheard');
    expect(refusal.headers?.get('retry-after')).toBe('7');
    expectNoCharge(await world.lastReceipt(), code);
  });

  it("tells of the caller's own fault as its protocol does", async () => {
    const body = { error: { message: 'messages: overheard', type: 'invalid_request_error' } };
    provider().answer = answerJson(body, 400);
    const refusal = await caught(client.chat.completions.create({ model, messages: QUESTION }));
    expect(refusal).toBeInstanceOf(OpenAI.BadRequestError);
    if (speak === speakChat) expect(refusal.error).toEqual(body.error);
    else expect(refusal.message).not.toContain('overheard');
    expectNoCharge(await world.lastReceipt(), 'upstream_rejected');
  });

  it("uses the hub's own credential at the provider", () => {
    const last = provider().asked.at(-1)?.headers ?? {};
    const [name, value] =
      speak === speakChat
        ? ['authorization', `Bearer ${PROVIDER_KEYS.openai}`]
        : ['x-api-key', PROVIDER_KEYS.anthropic];
    expect(last[name]).toBe(value);
  });
});

describe("OpenAI's SDK and the hub itself", () => {
  const messages = QUESTION;

  it('is told of an unknown key, an unknown model and an empty balance', async () => {
    const model = 'openai/gpt-5.6-sol';
    const stranger = connect(`ih_live_${'0'.repeat(59)}`);
    const unknownKey = await caught(stranger.chat.completions.create({ model, messages }));
    expect(unknownKey).toBeInstanceOf(OpenAI.AuthenticationError);
    const noModel = client.chat.completions.create({ model: 'openai/none', messages });
    expect(await caught(noModel)).toBeInstanceOf(OpenAI.NotFoundError);
    expectNoCharge(await world.lastReceipt(), 'model_not_found');
    const poor = connect(world.poor.liveKey);
    const broke = await caught(poor.chat.completions.create({ model, messages }));
    expect(broke.status).toBe(402);
    expectNoCharge(await world.lastReceipt(), 'insufficient_balance');
  });

  it('lists the models', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining(TARGETS.map(({ model }) => model)));
    const model = await client.models.retrieve('openai/gpt-5.6-sol');
    expect(model).toMatchObject({ id: 'openai/gpt-5.6-sol', owned_by: 'openai' });
  });

  it('plays with the sandbox', async () => {
    const tester = connect(world.rich.testKey);
    const hello = [{ role: 'user' as const, content: 'Hello' }];
    const whole = await tester.chat.completions.create({ model: 'sandbox/echo', messages: hello });
    expect(whole.choices[0]?.message.content).toBe('Hello');
    // docs/sandbox.md: 2 tokens of text and 4 for the message; 2 for the answer.
    expectCharge(await world.lastReceipt(), 'sandbox/echo', { inUncached: 6, outText: 2 });
    const streamed = tester.chat.completions.stream({ model: 'sandbox/echo', messages: hello });
    expect(await streamed.finalContent()).toBe('Hello');
    expectCharge(await world.lastReceipt(), 'sandbox/echo', { inUncached: 6, outText: 2 });
  });

  it("runs its own loop over the sandbox's tools to an end", async () => {
    const asked: string[] = [];
    const tools = ['weather', 'clock'].map((name) => ({
      type: 'function' as const,
      function: {
        name,
        description: `Tells the ${name}`,
        parameters: TOOL_SCHEMA,
        function: (input: string) => {
          asked.push(input);
          return 'fine';
        },
      },
    }));
    const tester = connect(world.rich.testKey);
    const runner = tester.chat.completions.runTools({
      model: 'sandbox/tools',
      messages: [{ role: 'user', content: 'Both in parallel, please' }],
      tools,
    });
    expect(await runner.finalContent()).toContain('fine');
    expect(asked).toHaveLength(2);
    expect((await world.lastReceipt()).outcome).toBe('completed');
  });
});

async function caught(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OpenAI.APIError);
  return error as InstanceType<typeof OpenAI.APIError>;
}
