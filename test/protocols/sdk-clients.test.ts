// The official SDKs read what the hub writes: streams that were translated from the other protocol,
// over a real connection.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import Anthropic0 from 'anthropic-sdk-0';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import { CONTEXT, decode, encode, fixture } from './streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

let server: Server;
let origin: string;

/** Answers every Chat request with Claude's recorded turn, every Messages request with GPT's. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { stream } = JSON.parse(Buffer.concat(chunks).toString()) as { stream?: boolean };
      const isChat = request.url?.includes('/chat/completions') === true;
      const protocol = isChat ? chat : messages;
      const events = isChat ? decode(messages, fixture('messages')) : decode(chat, fixture('chat'));
      response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json');
      response.end(
        stream ? encode(protocol, events) : JSON.stringify(protocol.encodeReply(events, CONTEXT)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

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
