// OpenAI's SDK and the legacy Completions: translated for providers that hold conversations, and
// passed as it came to servers that complete texts.

import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Upstream, answerJson, startUpstream } from '../support/upstream.ts';
import { linesOf } from './oracle.ts';
import { speakCompletions } from './other-turns.ts';
import { type Speaker, speakChat, speakMessages } from './turns.ts';
import { type World, expectCharge, expectNoCharge, openWorld } from './world.ts';

let world: World;
let vllm: Upstream;
let ollama: Upstream;
let client: OpenAI;

beforeAll(async () => {
  [vllm, ollama] = await Promise.all([startUpstream(), startUpstream()]);
  world = await openWorld({ vllm, ollama });
  const baseURL = `${world.hub.baseUrl}/v1`;
  client = new OpenAI({
    apiKey: world.rich.liveKey,
    baseURL,
    maxRetries: 0,
    fetch: world.fetch,
  });
});

afterAll(() => world.close());

const PROMPT = 'Es war einmal 𝄞';
const TURN = { text: ' ein König, der hatte 🌧 gern.', spent: { uncached: 17, text: 23 } };

interface Target {
  readonly name: string;
  readonly model: string;
  readonly provider: () => Upstream;
  readonly speak: Speaker;
}

const TARGETS: readonly Target[] = [
  {
    name: 'a provider that speaks OpenAI',
    model: 'openai/gpt-4o',
    provider: () => world.openai,
    speak: speakChat,
  },
  {
    name: 'a provider that speaks Anthropic',
    model: 'anthropic/claude-sonnet-4-6',
    provider: () => world.anthropic,
    speak: speakMessages,
  },
];

async function gather(stream: AsyncIterable<OpenAI.Completion>) {
  let text = '';
  let finish: string | undefined;
  let usage: OpenAI.CompletionUsage | undefined;
  let chunks = 0;
  for await (const chunk of stream) {
    chunks += 1;
    expect(chunk.object).toBe('text_completion');
    text += chunk.choices[0]?.text ?? '';
    finish = chunk.choices[0]?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  return { text, finish, usage, chunks };
}

const USAGE = { prompt_tokens: 17, completion_tokens: 23, total_tokens: 40 };

describe.each(TARGETS)('completions.create and $name', ({ model, provider, speak }) => {
  it('reads a whole answer', async () => {
    provider().answer = speak(TURN);
    const completion = await client.completions.create({ model, prompt: PROMPT, max_tokens: 50 });
    expect(completion).toMatchObject({
      object: 'text_completion',
      model,
      choices: [{ index: 0, text: TURN.text, logprobs: null, finish_reason: 'stop' }],
      usage: USAGE,
    });
    const messages = JSON.stringify(provider().asked.at(-1)?.body['messages']);
    expect(messages).toContain(PROMPT);
    expectCharge(await world.lastReceipt(), model, linesOf(TURN.spent));
  });

  it.each([true, false])('reads a stream (usage ordered: %s)', async (ordered) => {
    provider().answer = speak(TURN);
    const options = ordered ? { stream_options: { include_usage: true } } : {};
    const order = { model, prompt: [PROMPT], stream: true as const, ...options };
    const { text, finish, usage } = await gather(await client.completions.create(order));
    expect([text, finish]).toEqual([TURN.text, 'stop']);
    if (ordered) expect(usage).toMatchObject(USAGE);
    else expect(usage).toBeUndefined();
    expectCharge(await world.lastReceipt(), model, linesOf(TURN.spent));
  });

  it('is told of what only its own protocol can do, before anything is sent', async () => {
    const before = provider().asked.length;
    const refused = client.completions.create({ model, prompt: PROMPT, suffix: 'Ende.' });
    await expect(refused).rejects.toMatchObject({ status: 400, param: 'suffix' });
    expect(provider().asked).toHaveLength(before);
    expectNoCharge(await world.lastReceipt(), 'unsupported_parameter');
  });
});

describe('completions.create and a server that completes texts', () => {
  const order = { model: 'vllm/qwen-coder', prompt: 'def f(', suffix: ')', echo: true, n: 2 };

  it('passes what it says, and the answer', async () => {
    vllm.answer = speakCompletions(TURN);
    const completion = await client.completions.create({ ...order, max_tokens: 50 });
    expect(completion.choices[0]?.text).toBe(TURN.text);
    expect(vllm.asked.at(-1)).toMatchObject({
      path: '/v1/completions',
      body: { ...order, model: 'qwen-coder', max_tokens: 50 },
    });
    const receipt = await world.lastReceipt();
    expect(receipt).toMatchObject({ outcome: 'completed', usageSource: 'provider' });
    expect(receipt.lines.map((line) => [line.class, line.quantity])).toEqual([
      ['inUncached', 17],
      ['outText', 23],
    ]);
  });

  it.each([true, false])('passes a stream (usage ordered: %s)', async (ordered) => {
    vllm.answer = speakCompletions(TURN);
    const options = ordered ? { stream_options: { include_usage: true } } : {};
    const stream = await client.completions.create({ ...order, stream: true, ...options });
    const { text, finish, usage } = await gather(stream);
    expect([text, finish]).toEqual([TURN.text, 'stop']);
    expect(usage).toEqual(ordered ? USAGE : undefined);
    // The hub orders the usage in any case, for the receipt.
    const { body } = vllm.asked.at(-1)!;
    expect(body['stream_options']).toEqual({ include_usage: true });
    const { lines } = await world.lastReceipt();
    expect(lines.map(({ quantity }) => quantity)).toEqual([17, 23]);
  });

  it("passes the provider's own words about the caller's fault", async () => {
    const error = { message: 'suffix is not supported', type: 'BadRequestError', code: 400 };
    vllm.answer = answerJson({ error }, 400);
    const refused = client.completions.create(order);
    await expect(refused).rejects.toMatchObject({ status: 400, error });
  });

  it("finds Ollama's below the root of its server", async () => {
    ollama.answer = speakCompletions(TURN);
    const completion = await client.completions.create({ model: 'ollama/qwen3', prompt: PROMPT });
    expect(completion.choices[0]?.text).toBe(TURN.text);
    expect(ollama.asked.at(-1)?.path).toBe('/v1/completions');
  });
});

it('completions.create plays with the sandbox', async () => {
  const tester = new OpenAI({
    apiKey: world.rich.testKey,
    baseURL: `${world.hub.baseUrl}/v1`,
    fetch: world.fetch,
  });
  const completion = await tester.completions.create({ model: 'sandbox/echo', prompt: 'Hello' });
  expect(completion.choices[0]?.text).toBe('Hello');
  expectCharge(await world.lastReceipt(), 'sandbox/echo', { inUncached: 6, outText: 2 });
});
