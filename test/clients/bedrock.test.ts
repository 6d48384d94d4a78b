// OpenAI's and Anthropic's SDKs against a hub whose provider is a stand-in of Bedrock: signed requests
// in, binary frames out. After each answer the receipt must say what Bedrock said.

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exceptionFrame } from '../support/bedrock-frames.ts';
import { type Answer, type Upstream, answerJson, startUpstream } from '../support/upstream.ts';
import {
  block,
  call,
  CLAUDE_REPLY,
  delta,
  start,
  stopped,
} from '../protocols/bedrock-converse/answers.ts';
import { TOOL_SCHEMA } from './cases.ts';
import { type World, expectCharge, openWorld } from './world.ts';

const MODEL = 'bedrock/claude-sonnet-4-5';
const PATH = '/v1/model/global.anthropic.claude-sonnet-4-5-20250929-v1%3A0';

let bedrock: Upstream;
let world: World;

beforeAll(async () => {
  bedrock = await startUpstream();
  world = await openWorld(
    {},
    {
      BEDROCK_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      BEDROCK_SECRET_ACCESS_KEY: 'secret',
      BEDROCK_BASE_URL: bedrock.baseUrl,
    },
  );
});

afterAll(async () => {
  await world.close();
  await bedrock.close();
});

const chat = () =>
  new OpenAI({
    apiKey: world.rich.liveKey,
    baseURL: `${world.hub.baseUrl}/v1`,
    maxRetries: 0,
    fetch: world.fetch,
  });
const messages = () =>
  new Anthropic({
    apiKey: world.rich.liveKey,
    baseURL: world.hub.baseUrl,
    maxRetries: 0,
    fetch: world.fetch,
  });

const asked = () => bedrock.asked.at(-1)!;

/** Streams these bytes, in pieces of so many. */
function answerFrames(bytes: Buffer, pieceBytes = bytes.length): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      response.write(bytes.subarray(at, at + pieceBytes));
    }
    response.end();
  };
}

const USAGE = {
  inputTokens: 20,
  cacheReadInputTokens: 300,
  cacheWriteInputTokens: 50,
  cacheDetails: [{ ttl: '5m', inputTokens: 50 }],
  outputTokens: 40,
  totalTokens: 410,
};
const LINES = {
  inUncached: 20,
  inCacheRead: 300,
  inCacheWrite5m: 50,
  outText: 40,
};
const QUESTION = { role: 'user' as const, content: 'Wie ist das Wetter? 🌦' };
const TEXT_STREAM = Buffer.concat([
  start(),
  block(0, { text: 'Grüße ' }, { text: '🌧' }),
  stopped('end_turn', USAGE),
]);

describe("OpenAI's SDK and Bedrock", () => {
  const tools = ['weather', 'clock'].map((name) => ({
    type: 'function' as const,
    function: { name, parameters: TOOL_SCHEMA },
  }));

  it('asks in the words of Converse, signed, and reads a whole answer with calls', async () => {
    bedrock.answer = answerJson({ ...CLAUDE_REPLY, usage: USAGE });
    const completion = await chat().chat.completions.create({
      model: MODEL,
      max_completion_tokens: 500,
      messages: [{ role: 'system', content: 'Be brief.' }, QUESTION],
      tools,
    });
    const { path, headers, body } = asked();
    expect(path).toBe(`${PATH}/converse`);
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
    );
    expect(headers.accept).toBe('application/json');
    expect(body).toMatchObject({
      system: [{ text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ text: QUESTION.content }] }],
      inferenceConfig: { maxTokens: 500 },
      toolConfig: { tools: [{ toolSpec: { name: 'weather' } }, { toolSpec: { name: 'clock' } }] },
    });
    expect(body).not.toHaveProperty('model');
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Grüße 🌧',
        tool_calls: [
          { id: 'tooluse_a', function: { name: 'weather', arguments: '{"city":"Köln"}' } },
          { id: 'tooluse_b', function: { name: 'clock', arguments: '{}' } },
        ],
      },
    });
    expect(completion.usage).toMatchObject({ prompt_tokens: 370, completion_tokens: 40 });
    expectCharge(await world.lastReceipt(), MODEL, LINES);
  });

  it.each([
    ['in one piece', undefined],
    ['byte by byte', 1],
  ] as const)('reads a stream that comes %s', async (_, pieceBytes) => {
    bedrock.answer = answerFrames(TEXT_STREAM, pieceBytes);
    let text = '';
    let finish: string | null | undefined;
    let total: number | undefined;
    const stream = await chat().chat.completions.create({
      model: MODEL,
      messages: [QUESTION],
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const { choices, usage } of stream) {
      text += choices[0]?.delta.content ?? '';
      finish = choices[0]?.finish_reason ?? finish;
      total = usage?.total_tokens ?? total;
    }
    expect({ text, finish, total }).toEqual({ text: 'Grüße 🌧', finish: 'stop', total: 410 });
    expect(asked().path).toBe(`${PATH}/converse-stream`);
    expect(asked().headers.accept).toBe('application/vnd.amazon.eventstream');
    expectCharge(await world.lastReceipt(), MODEL, LINES);
  });

  it('is told of an exception in mid-stream, and pays for what came', async () => {
    bedrock.answer = answerFrames(
      Buffer.concat([
        start(),
        delta(0, { text: 'half an answer' }),
        exceptionFrame('modelStreamErrorException', 'the secret prompt'),
      ]),
    );
    let text = '';
    const stream = await chat().chat.completions.create({
      model: MODEL,
      messages: [QUESTION],
      stream: true,
    });
    const reading = (async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    })();
    await expect(reading).rejects.toThrow(/^(?!.*secret)/);
    expect(text).toBe('half an answer');
    const receipt = await world.lastReceipt();
    expect(receipt).toMatchObject({ errorCode: 'upstream_failed', usageSource: 'estimated' });
    expect(BigInt(receipt.chargeNanos)).toBeGreaterThan(0n);
  });

  it('does not hear of a failure that another try mends', async () => {
    const answers = [
      answerFrames(Buffer.concat([start(), exceptionFrame('throttlingException', 'slow down')])),
      answerFrames(TEXT_STREAM),
    ];
    bedrock.answer = (...args) => answers.shift()?.(...args);
    const stream = await chat().chat.completions.create({
      model: MODEL,
      messages: [QUESTION],
      stream: true,
    });
    let text = '';
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    expect(text).toBe('Grüße 🌧');
    expectCharge(await world.lastReceipt(), MODEL, LINES);
  });

  it('reads the refusals of Bedrock in its own words', async () => {
    bedrock.answer = answerJson({ message: 'Input is too long for requested model.' }, 400);
    const asking = chat().chat.completions.create({ model: MODEL, messages: [QUESTION] });
    await expect(asking).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });
});

describe("Anthropic's SDK and Bedrock", () => {
  const tools = [{ name: 'weather', input_schema: TOOL_SCHEMA }];
  const thinking = { type: 'enabled' as const, budget_tokens: 1024 };
  const order = { model: MODEL, max_tokens: 2000, thinking, tools };

  it('gets signed thinking and a call by a stream, and sends both back as they were', async () => {
    bedrock.answer = answerFrames(
      Buffer.concat([
        start(),
        block(
          0,
          { reasoningContent: { text: 'Erst denken' } },
          { reasoningContent: { signature: 'c2ln' } },
        ),
        call(1, 'tooluse_a', 'weather', '{"city":', '"Köln"}'),
        stopped('tool_use', USAGE),
      ]),
    );
    const message = await messages()
      .messages.stream({ ...order, messages: [QUESTION] })
      .finalMessage();
    expect(asked().body).toMatchObject({ additionalModelRequestFields: { thinking } });
    expect(message).toMatchObject({
      stop_reason: 'tool_use',
      content: [
        { type: 'thinking', thinking: 'Erst denken' },
        { type: 'tool_use', id: 'tooluse_a', name: 'weather', input: { city: 'Köln' } },
      ],
      usage: {
        input_tokens: 20,
        cache_read_input_tokens: 300,
        cache_creation_input_tokens: 50,
        output_tokens: 40,
      },
    });
    expectCharge(await world.lastReceipt(), MODEL, LINES);

    bedrock.answer = answerJson({
      output: { message: { role: 'assistant', content: [{ text: 'Regen.' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 9, outputTokens: 2, totalTokens: 11 },
    });
    const result = { type: 'tool_result' as const, tool_use_id: 'tooluse_a', content: 'rain' };
    const answer = await messages().messages.create({
      ...order,
      messages: [
        QUESTION,
        { role: 'assistant', content: message.content },
        { role: 'user', content: [result] },
      ],
    });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'Regen.' }]);
    expect(asked().body['messages']).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'Erst denken', signature: 'c2ln' } } },
          { toolUse: { toolUseId: 'tooluse_a', name: 'weather', input: { city: 'Köln' } } },
        ],
      },
      {
        role: 'user',
        content: [{ toolResult: { toolUseId: 'tooluse_a', content: [{ text: 'rain' }] } }],
      },
    ]);
    expectCharge(await world.lastReceipt(), MODEL, { inUncached: 9, outText: 2 });
  });

  it('is told of an exception in mid-stream', async () => {
    bedrock.answer = answerFrames(
      Buffer.concat([
        start(),
        delta(0, { text: 'half' }),
        exceptionFrame('serviceUnavailableException', 'the secret prompt'),
      ]),
    );
    const stream = messages().messages.stream({ ...order, messages: [QUESTION] });
    await expect(stream.finalMessage()).rejects.toThrow(/^(?!.*secret).*overloaded/s);
    expect(await world.lastReceipt()).toMatchObject({ errorCode: 'upstream_overloaded' });
  });

  it('counts tokens by estimate', async () => {
    const { input_tokens: tokens } = await messages().messages.countTokens({
      model: MODEL,
      messages: [QUESTION],
    });
    expect(tokens).toBeGreaterThan(0);
  });
});

describe('what no client protocol speaks', () => {
  it('is never named as an address to ask at', async () => {
    const asking = chat().embeddings.create({ model: MODEL, input: 'x' });
    await expect(asking).rejects.toThrow(/ask it at \/v1\/chat\/completions/);
  });

  it('sees nothing of the customer', () => {
    const names = new Set(bedrock.asked.flatMap(({ headers }) => Object.keys(headers)));
    expect([...names].sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-amz-content-sha256',
      'x-amz-date',
    ]);
    const sent = bedrock.asked.map(({ headers }) => JSON.stringify(headers)).join('\n');
    expect(sent).not.toContain(world.rich.liveKey);
  });
});
