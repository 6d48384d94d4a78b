// A provider that works in silence, behind a real hub whose interval is short: every pair of client
// and provider, before the answer and within it. Each test waits for what the client reads, not for
// a time.

import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Bootstrapped, type Hub, startHub } from '../support/hub.ts';
import { type Upstream, chatStream, messagesStream, startUpstream } from '../support/upstream.ts';
import { chatChunk, messagesHead, messagesTail, usageChunk } from '../faults/answers.ts';
import { CHAT, CLAUDE, providersAt } from '../faults/world.ts';

const COMMENT = ': ping\n\n';
const PING = 'event: ping\ndata: {"type":"ping"}\n\n';
const USAGE = { input_tokens: 20, output_tokens: 7 };

const CHAT_EVENTS = chatStream(
  chatChunk({ role: 'assistant', content: 'Hi there.' }),
  chatChunk({}, 'stop'),
  usageChunk(),
);
const MESSAGES_EVENTS = messagesStream(...messagesHead(USAGE), ...messagesTail(USAGE));

interface Case {
  readonly what: string;
  readonly path: string;
  readonly model: string;
  readonly sign: string;
  /** What the provider streams. */
  readonly events: readonly string[];
  readonly overloaded: string;
  /** How the client's stream ends, and how it tells of a failure. */
  readonly end: RegExp;
  readonly failure: RegExp;
}

const CHAT_PATH = '/v1/chat/completions';
const CHAT_CLIENT = {
  path: CHAT_PATH,
  sign: COMMENT,
  end: /data: \[DONE\]\n\n$/,
  failure: /data: \{"error":.*\}\n\n$/,
};
const MESSAGES_CLIENT = {
  path: '/v1/messages',
  sign: PING,
  end: /"type":"message_stop"\}\n\n$/,
  failure: /event: error\ndata: \{"type":"error",.*\}\n\n$/,
};
const CHAT_PROVIDER = {
  model: CHAT,
  events: CHAT_EVENTS,
  overloaded: 'data: {"error":{"message":"busy","type":"overloaded_error"}}\n\n',
};
const MESSAGES_PROVIDER = {
  model: CLAUDE,
  events: MESSAGES_EVENTS,
  overloaded: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n',
};

const CASES: readonly Case[] = [
  { what: 'Chat on both sides', ...CHAT_CLIENT, ...CHAT_PROVIDER },
  { what: 'Messages on both sides', ...MESSAGES_CLIENT, ...MESSAGES_PROVIDER },
  { what: 'a Chat client of Claude', ...CHAT_CLIENT, ...MESSAGES_PROVIDER },
  { what: 'a Messages client of a Chat model', ...MESSAGES_CLIENT, ...CHAT_PROVIDER },
];

let hub: Hub;
let upstream: Upstream;
let customer: Bootstrapped;

beforeAll(async () => {
  upstream = await startUpstream();
  hub = await startHub({ env: { ...providersAt(upstream.baseUrl), KEEP_ALIVE_MS: '50' } });
  customer = await hub.bootstrap('100');
});
afterAll(async () => {
  await Promise.all([hub.stop(), upstream.close()]);
});

/** Has the provider send its head and these events, and then leaves it to the test. */
function hold(...events: readonly string[]): Promise<ServerResponse> {
  const begun = Promise.withResolvers<ServerResponse>();
  upstream.answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    for (const event of events) response.write(event);
    begun.resolve(response);
  };
  return begun.promise;
}

function ask({ path, model }: Case, more: object = {}): Promise<Response> {
  const messages = [{ role: 'user', content: 'hi' }];
  return fetch(`${hub.baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${customer.liveKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 50, stream: true, messages, ...more }),
  });
}

/** Reads on until the text is in what was read since; the whole of it so far. */
function readerOf(response: Response) {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let read = '';
  const next = async (): Promise<boolean> => {
    const { value, done } = await reader.read();
    read += Buffer.from(value ?? []).toString('utf8');
    return !done;
  };
  return {
    async until(text: string) {
      const from = read.length;
      while (!read.includes(text, from)) if (!(await next())) throw new Error(`ended: ${read}`);
    },
    async rest() {
      while (await next());
      return read;
    },
  };
}

describe.each(CASES)('$what', (each) => {
  it('hear from a provider that is silent before its answer, and then the answer', async () => {
    const held = hold();
    const response = await ask(each);
    expect(response.status).toBe(200);
    const client = readerOf(response);
    await client.until(each.sign);
    const provider = await held;
    provider.end(each.events.join(''));
    const all = await client.rest();
    expect(all.startsWith(each.sign)).toBe(true);
    expect(all).toContain('Hi there.');
    expect(all).toMatch(each.end);
  });

  it('hear from a provider that is silent within its answer, between events alone', async () => {
    const [first = '', second = '', ...rest] = each.events;
    const held = hold(first, second.slice(0, 20));
    const client = readerOf(await ask(each));
    await client.until(each.sign);
    await client.until(each.sign);
    (await held).end(second.slice(20) + rest.join(''));
    const all = await client.rest();
    expect(all).toMatch(each.end);
    const events = all.split('\n\n').filter((event) => event !== '');
    for (const event of events) expect(event).toMatch(/^(: ping|(event: \w+\n)?data: .*)$/);
  });

  it('get another try after signs of life, for they are nothing of an answer', async () => {
    const asked = upstream.asked.length;
    const held = hold();
    const client = readerOf(await ask(each));
    await client.until(each.sign);
    const provider = await held;
    upstream.answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(each.events.join(''));
    };
    provider.destroy();
    const all = await client.rest();
    expect(upstream.asked.length - asked).toBe(2);
    expect(all).toMatch(each.end);
    expect(all.match(/"role":"assistant"/g)).toHaveLength(1);
    expect(all).not.toMatch(each.failure);
  });

  it('read an error event where all tries fail after a sign of life, and pay nothing', async () => {
    const response = ask(each);
    const held = hold();
    const client = readerOf(await response);
    await client.until(each.sign);
    const provider = await held;
    upstream.answer = (later) => void later.writeHead(503).end('{}');
    provider.end(each.overloaded);
    const all = await client.rest();
    expect(all).toMatch(each.failure);
    expect(all).not.toMatch(each.end);
    const path = (await response).headers.get('x-inferencehub-receipt') ?? '';
    const headers = { authorization: `Bearer ${customer.liveKey}` };
    const receipt = await vi.waitFor(
      async () => {
        const found = await fetch(`${hub.baseUrl}${path}`, { headers });
        expect(found.status).toBe(200);
        return (await found.json()) as object;
      },
      { timeout: 10_000, interval: 50 },
    );
    expect(receipt).toMatchObject({ status: 200, outcome: 'upstream_error', chargeNanos: '0' });
  });

  it('do not hear before the provider has spoken at all: a refusal keeps its status', async () => {
    upstream.answer = (response) => void response.writeHead(400).end('{"error":{"message":"no"}}');
    expect((await ask(each)).status).toBe(400);
  });
});

describe('a first event that is an error', () => {
  it.each(CASES)(
    'is a status and no stream, though comments stand before it: $what',
    async (each) => {
      upstream.answer = (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(': PROCESSING\n\n' + each.overloaded);
      };
      const response = await ask(each);
      expect(response.status).toBe(each.path === CHAT_PATH ? 503 : 529);
      expect(response.headers.get('content-type')).toBe('application/json');
    },
  );
});

describe('a whole answer', () => {
  it('has nothing before it, however long it takes', async () => {
    const [chat] = CASES as readonly [Case];
    const asked = new Map<unknown, ServerResponse>();
    upstream.answer = (response, { body }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      asked.set(body['stream'], response);
    };
    const whole = ask(chat, { stream: false });
    await vi.waitFor(() => expect(asked.size).toBe(1));
    const stream = readerOf(await ask(chat));
    // As long as it takes for the stream beside it to get three signs.
    for (let i = 0; i < 3; i++) await stream.until(COMMENT);
    for (const response of asked.values()) response.end(chat.events.join(''));
    const [answer] = await Promise.all([whole, stream.rest()]);
    expect(JSON.parse(await answer.text())).toMatchObject({
      choices: [{ message: { content: 'Hi there.' } }],
    });
  });
});
