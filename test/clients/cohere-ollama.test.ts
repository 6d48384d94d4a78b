// The SDKs of OpenAI and of Anthropic against providers that speak protocols of their own: Cohere's
// chat, and Ollama's, whose server has an end for OpenAI's clients too.

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/usage/receipts.ts';
import { type Upstream, answerJson, startUpstream } from '../support/upstream.ts';
import { PIXEL, TOOL_SCHEMA } from './cases.ts';
import { linesOf, type Quantities } from './oracle.ts';
import { speakCohere, speakOllama } from './other-turns.ts';
import { speakChat } from './turns.ts';
import { type World, expectCharge, expectNoCharge, openWorld } from './world.ts';

let world: World;
let cohere: Upstream;
let ollama: Upstream;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  [cohere, ollama] = await Promise.all([startUpstream(), startUpstream()]);
  world = await openWorld({ cohere, ollama });
  const common = { apiKey: world.rich.liveKey, maxRetries: 0, fetch: world.fetch };
  openai = new OpenAI({ ...common, baseURL: `${world.hub.baseUrl}/v1` });
  anthropic = new Anthropic({ ...common, baseURL: world.hub.baseUrl });
});

afterAll(() => world.close());

const TEXT = {
  text: 'Es regnet in Köln. 🌧 Nimm einen Schirm mit!',
  spent: { uncached: 39, text: 27 },
};
const CALLS = {
  calls: [
    { id: 'w_1', name: 'weather', input: { city: 'Köln', days: 3 } },
    { id: 'c_2', name: 'clock', input: {} },
  ],
  spent: { uncached: 51, text: 13 },
};
const NAMES = CALLS.calls.map(({ name }) => name);
const INPUTS = CALLS.calls.map(({ input }) => input);

const CHAT_TOOLS = NAMES.map((name) => ({
  type: 'function' as const,
  function: { name, parameters: TOOL_SCHEMA },
}));
const MESSAGES_TOOLS = NAMES.map((name) => ({ name, input_schema: TOOL_SCHEMA }));
const QUESTION = [{ role: 'user' as const, content: 'Wie ist das Wetter? 🌦' }];

/** A free model's receipt has its lines all the same. */
function expectFree(receipt: Receipt, model: string, lines: Quantities): void {
  const found = receipt.lines.map((line) => [line.class, line.quantity]);
  expect(Object.fromEntries(found)).toEqual(lines);
  expect(receipt).toMatchObject({ modelServed: model, usageSource: 'provider', chargeNanos: '0' });
}

const STREAMS = [{ stream: false }, { stream: true }];

describe("OpenAI's SDK and Cohere", () => {
  const model = 'cohere/command-a';

  it.each(STREAMS)('reads text (stream: $stream)', async ({ stream }) => {
    cohere.answer = speakCohere(TEXT);
    const order = { model, messages: QUESTION, temperature: 0.3 };
    const completion = stream
      ? await openai.chat.completions
          .stream({ ...order, stream_options: { include_usage: true } })
          .finalChatCompletion()
      : await openai.chat.completions.create(order);
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: TEXT.text },
    });
    expect(completion.usage).toMatchObject({ prompt_tokens: 39, completion_tokens: 27 });
    expect(completion.usage).not.toHaveProperty('prompt_tokens_details');
    const { path, headers, body } = cohere.asked.at(-1)!;
    expect(path).toBe('/v1/chat');
    expect(headers.authorization).toBe('Bearer provider-key-cohere');
    expect(body).toEqual({
      model: 'command-a-03-2025',
      messages: QUESTION,
      stream,
      max_tokens: 8_000,
      temperature: 0.3,
    });
    expectCharge(await world.lastReceipt(), model, linesOf(TEXT.spent));
  });

  it.each(STREAMS)('carries calls and their results (stream: $stream)', async ({ stream }) => {
    cohere.answer = speakCohere(CALLS);
    const order = { model, messages: QUESTION, tools: CHAT_TOOLS };
    const completion = stream
      ? await openai.chat.completions.stream(order).finalChatCompletion()
      : await openai.chat.completions.create(order);
    const [choice] = completion.choices;
    const calls = choice?.message.tool_calls ?? [];
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message).toMatchObject({ reasoning_content: 'I will look.' });
    expect(calls.map((call) => call.type === 'function' && call.function.name)).toEqual(NAMES);
    expect(
      calls.map((call) => call.type === 'function' && JSON.parse(call.function.arguments)),
    ).toEqual(INPUTS);
    expectCharge(await world.lastReceipt(), model, linesOf(CALLS.spent));

    cohere.answer = speakCohere(TEXT);
    const results = calls.map(({ id }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: `result of ${id}`,
    }));
    const history = {
      role: 'assistant' as const,
      content: null,
      reasoning_content: 'I will look.',
      tool_calls: calls,
    };
    await openai.chat.completions.create({
      ...order,
      messages: [...QUESTION, history, ...results],
    });
    const messages = cohere.asked.at(-1)?.body['messages'] as object[];
    expect(messages[1]).toMatchObject({
      tool_plan: 'I will look.',
      tool_calls: [{ id: 'w_1' }, {}],
    });
    expect(messages.slice(2)).toEqual(results);
  });

  it('is told of what it cannot say, before anything is sent', async () => {
    const before = cohere.asked.length;
    const stop = ['a', 'b', 'c', 'd', 'e', 'f'];
    const refused = openai.chat.completions.create({ model, messages: QUESTION, stop });
    await expect(refused).rejects.toMatchObject({ status: 400, param: 'stop' });
    expect(cohere.asked).toHaveLength(before);
    expectNoCharge(await world.lastReceipt(), 'unsupported_parameter');
  });

  it("is told of a provider's refusal in the hub's words", async () => {
    cohere.answer = answerJson({ id: 'x', message: 'overheard' }, 429);
    const refused = openai.chat.completions.create({ model, messages: QUESTION });
    await expect(refused).rejects.toMatchObject({ status: 429, code: 'upstream_rate_limited' });
    await expect(refused).rejects.not.toThrow(/overheard/);
  });

  it('is told where to ask when it asks a conversation for something else', async () => {
    const refused = openai.embeddings.create({ model, input: 'x' });
    await expect(refused).rejects.toThrow(/ask it at \/v1\/chat\/completions/);
  });
});

interface Target {
  readonly name: string;
  readonly model: string;
  readonly provider: () => Upstream;
  readonly path: string;
  readonly speak: typeof speakCohere;
  readonly expectLines: (receipt: Receipt, model: string, lines: Quantities) => void;
}

const TARGETS: readonly Target[] = [
  {
    name: 'Cohere',
    model: 'cohere/command-a',
    provider: () => cohere,
    path: '/v1/chat',
    speak: speakCohere,
    expectLines: expectCharge,
  },
  {
    name: 'Ollama',
    model: 'ollama/qwen3:4b',
    provider: () => ollama,
    path: '/api/chat',
    speak: speakOllama,
    expectLines: expectFree,
  },
];

describe.each(TARGETS)("Anthropic's SDK and $name", (target) => {
  const { model, provider, path, speak, expectLines } = target;

  it.each(STREAMS)('reads text (stream: $stream)', async ({ stream }) => {
    provider().answer = speak(TEXT);
    const order = { model, max_tokens: 100, messages: QUESTION };
    const message = stream
      ? await anthropic.messages.stream(order).finalMessage()
      : await anthropic.messages.create(order);
    expect(message.content).toMatchObject([{ type: 'text', text: TEXT.text }]);
    expect(message).toMatchObject({
      stop_reason: 'end_turn',
      usage: { input_tokens: 39, output_tokens: 27 },
    });
    expect(provider().asked.at(-1)).toMatchObject({ path, body: { stream } });
    expectLines(await world.lastReceipt(), model, linesOf(TEXT.spent));
  });

  it.each(STREAMS)('carries calls and their results (stream: $stream)', async ({ stream }) => {
    provider().answer = speak(CALLS);
    const order = { model, max_tokens: 100, messages: QUESTION, tools: MESSAGES_TOOLS };
    const message = stream
      ? await anthropic.messages.stream(order).finalMessage()
      : await anthropic.messages.create(order);
    const calls = message.content.filter((block) => block.type === 'tool_use');
    expect(message.stop_reason).toBe('tool_use');
    expect(calls.map(({ name, input }) => [name, input])).toEqual(
      CALLS.calls.map(({ name, input }) => [name, input]),
    );
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expectLines(await world.lastReceipt(), model, linesOf(CALLS.spent));

    provider().answer = speak(TEXT);
    const content = calls.map(({ id, name }) => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      content: `result of ${name}`,
    }));
    const history = [
      { role: 'assistant' as const, content: message.content },
      { role: 'user' as const, content },
    ];
    await anthropic.messages.create({ ...order, messages: [...QUESTION, ...history] });
    const sent = provider().asked.at(-1)?.body['messages'] as Record<string, unknown>[];
    const results = sent.filter(({ role }) => role === 'tool');
    expect(results.map(({ tool_call_id, content: said }) => [tool_call_id, said])).toEqual(
      calls.map(({ id, name }) => [id, `result of ${name}`]),
    );
  });
});

describe("Anthropic's SDK and Ollama", () => {
  const model = 'ollama/qwen3:4b';
  const order = { model, max_tokens: 100 };

  it('reads thinking, and what was read from the cache', async () => {
    const spent = { uncached: 11, cacheRead: 50, text: 30 };
    const thinking = { text: 'Regen, also ein Schirm.', signature: '' };
    ollama.answer = speakOllama({ ...TEXT, thinking, spent });
    const message = await anthropic.messages
      .stream({ ...order, messages: QUESTION, thinking: { type: 'adaptive' } })
      .finalMessage();
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: thinking.text },
      { type: 'text', text: TEXT.text },
    ]);
    expect(message.usage).toMatchObject({ input_tokens: 11, cache_read_input_tokens: 50 });
    const { headers, body } = ollama.asked.at(-1)!;
    expect(headers.accept).toBe('application/x-ndjson');
    expect(body).toMatchObject({ model: 'qwen3:4b', think: true, options: { num_predict: 100 } });
    expectFree(await world.lastReceipt(), model, linesOf(spent));
  });

  it("sends images in Ollama's form, and an address of one to its end for OpenAI's clients", async () => {
    const ask = (source: Anthropic.ImageBlockParam['source']) =>
      anthropic.messages.create({
        ...order,
        messages: [{ role: 'user', content: [{ type: 'image', source }] }],
      });
    ollama.answer = speakOllama(TEXT);
    await ask({ type: 'base64', media_type: 'image/png', data: PIXEL });
    expect(ollama.asked.at(-1)?.body['messages']).toEqual([
      { role: 'user', content: '', images: [PIXEL] },
    ]);
    ollama.answer = speakChat(TEXT);
    await ask({ type: 'url', url: 'https://images.example/cat.jpg' });
    expect(ollama.asked.at(-1)?.path).toBe('/v1/chat/completions');
  });

  it('has its tokens counted by the hub', async () => {
    const before = ollama.asked.length;
    const { input_tokens } = await anthropic.messages.countTokens({ model, messages: QUESTION });
    expect(input_tokens).toBeGreaterThan(0);
    expect(ollama.asked).toHaveLength(before);
  });

  it('is told of a failure in mid-stream', async () => {
    ollama.answer = (response) => {
      const line = { message: { role: 'assistant', content: 'Es' }, done: false };
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.end(`${JSON.stringify(line)}\n{"error":"overheard"}\n`);
    };
    const failed = anthropic.messages.stream({ ...order, messages: QUESTION }).finalMessage();
    await expect(failed).rejects.toThrow(/The provider failed to answer/);
    expect(await world.lastReceipt()).toMatchObject({ outcome: 'upstream_broke_off' });
  });
});

it.each(STREAMS)(
  "OpenAI's SDK and Ollama have their own protocol (stream: $stream)",
  async ({ stream }) => {
    ollama.answer = speakChat(TEXT);
    const order = { model: 'ollama/qwen3:4b', messages: QUESTION };
    const completion = stream
      ? await openai.chat.completions.stream(order).finalChatCompletion()
      : await openai.chat.completions.create(order);
    expect(completion.choices[0]?.message.content).toBe(TEXT.text);
    expect(ollama.asked.at(-1)?.path).toBe('/v1/chat/completions');
    expectFree(await world.lastReceipt(), order.model, linesOf(TEXT.spent));
  },
);
