// The official SDKs read what the hub writes: streams that were translated from another protocol,
// over a real connection.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import Anthropic0 from 'anthropic-sdk-0';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import type { ChatProtocol } from '../../src/protocols/protocol.ts';
import { CONTEXT, decode, encode, fixture } from './streams.ts';

const chat = PROTOCOLS['openai-chat'];
const responses = PROTOCOLS['openai-responses'];
const messages = PROTOCOLS['anthropic-messages'];

let server: Server;
let origin: string;

/** Answers every request of OpenAI's with Claude's recorded turn, every one of Claude's with GPT's. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { stream } = JSON.parse(Buffer.concat(chunks).toString()) as { stream?: boolean };
      const protocol = protocolAt(request.url ?? '');
      const isClaudes = protocol === messages;
      const events = isClaudes
        ? decode(chat, fixture('chat'))
        : decode(messages, fixture('messages'));
      response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json');
      response.end(
        stream ? encode(protocol, events) : JSON.stringify(protocol.encodeReply(events, CONTEXT)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

function protocolAt(url: string): ChatProtocol {
  if (url.includes('/chat/completions')) return chat;
  return url.includes('/responses') ? responses : messages;
}

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("OpenAI's SDK", () => {
  const body = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
  const expected = {
    choices: [
      {
        finish_reason: 'tool_calls',
        message: {
          content: 'Grüße aus 🌍',
          tool_calls: [
            { id: 'toolu_a', function: { name: 'weather', arguments: '{"city":"Köln"}' } },
            { id: 'toolu_b', function: { name: 'now', arguments: '{}' } },
          ],
        },
      },
    ],
    usage: { prompt_tokens: 100, completion_tokens: 45, total_tokens: 145 },
  };

  it('assembles a stream', async () => {
    const client = new OpenAI({ apiKey: 'k', baseURL: `${origin}/v1`, maxRetries: 0 });
    const completion = await client.chat.completions.stream(body).finalChatCompletion();
    expect(completion).toMatchObject(expected);
  });

  it('reads a reply', async () => {
    const client = new OpenAI({ apiKey: 'k', baseURL: `${origin}/v1`, maxRetries: 0 });
    expect(await client.chat.completions.create(body)).toMatchObject(expected);
  });
});

describe("OpenAI's SDK at Responses", () => {
  const connect = () => new OpenAI({ apiKey: 'k', baseURL: `${origin}/v1`, maxRetries: 0 });
  const body = { model: 'm', input: 'hi' };
  const expected = {
    status: 'completed',
    output_text: 'Grüße aus 🌍',
    output: [
      { type: 'reasoning', summary: [{ text: 'Zwei Städte 𝄞' }] },
      { type: 'reasoning', summary: [] },
      { type: 'message', role: 'assistant' },
      { type: 'function_call', call_id: 'toolu_a', arguments: '{"city":"Köln"}' },
      { type: 'function_call', call_id: 'toolu_b', arguments: '{}' },
    ],
    usage: {
      input_tokens: 100,
      output_tokens: 45,
      total_tokens: 145,
      output_tokens_details: { reasoning_tokens: expect.any(Number) },
    },
  };

  it('assembles a stream', async () => {
    let heard = '';
    const stream = connect()
      .responses.stream(body)
      .on('response.output_text.delta', ({ delta }) => void (heard += delta));
    expect(await stream.finalResponse()).toMatchObject(expected);
    expect(heard).toBe(expected.output_text);
  });

  it('reads a reply', async () => {
    expect(await connect().responses.create(body)).toMatchObject(expected);
  });

  it('parses the arguments of strict tools', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tool = { type: 'function' as const, name: 'weather', strict: true, parameters };
    const response = await connect().responses.parse({ ...body, tools: [tool] });
    expect(response.output[3]).toMatchObject({ parsed_arguments: { city: 'Köln' } });
  });
});

describe.each([
  ['1.x', (baseURL: string) => new Anthropic({ apiKey: 'k', baseURL, maxRetries: 0 })],
  [
    '0.x',
    (baseURL: string) =>
      new Anthropic0({ apiKey: 'k', baseURL, maxRetries: 0 }) as unknown as Anthropic,
  ],
])("Anthropic's SDK %s", (_, connect) => {
  const body = { model: 'm', max_tokens: 50, messages: [{ role: 'user' as const, content: 'hi' }] };
  const expected = {
    content: [
      { type: 'thinking', thinking: 'Two cities, 𝄞.' },
      { type: 'text', text: 'Grüße aus 🌍!' },
      { type: 'tool_use', id: 'call_a', name: 'weather', input: { city: 'Köln' } },
      { type: 'tool_use', id: 'call_b', name: 'weather', input: { city: 'Oslo' } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 30, cache_read_input_tokens: 60, output_tokens: 40 },
  };

  it('assembles a stream', async () => {
    const message = await connect(origin).messages.stream(body).finalMessage();
    expect(message).toMatchObject(expected);
  });

  it('reads a reply', async () => {
    expect(await connect(origin).messages.create(body)).toMatchObject(expected);
  });
});
