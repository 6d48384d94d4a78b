// What must not cross the hub: addresses and credentials that a body names, headers of either side, and
// one customer's answer in another's hands. In every protocol that clients speak.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Hub, startHub } from '../support/hub.ts';
import { type Upstream, startUpstream } from '../support/upstream.ts';
import { chatAnswer, chatChunk, usageChunk } from './answers.ts';
import { CHAT, type Customer, makeCustomer, providersAt } from './world.ts';

const PIXEL_PATH = '/latest/meta-data/pixel.png';

interface Protocol {
  readonly path: string;
  readonly text: (text: string) => Record<string, unknown>;
  /** A question with a picture at this address. */
  readonly picture: (url: string) => Record<string, unknown>;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  Chat: {
    path: '/v1/chat/completions',
    text: (text) => ({ model: CHAT, messages: [{ role: 'user', content: text }] }),
    picture: (url) => ({
      model: CHAT,
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    }),
  },
  Responses: {
    path: '/v1/responses',
    text: (text) => ({ model: CHAT, input: text }),
    picture: (url) => ({
      model: CHAT,
      input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }],
    }),
  },
  Messages: {
    path: '/v1/messages',
    text: (text) => ({
      model: CHAT,
      max_tokens: 50,
      messages: [{ role: 'user', content: text }],
    }),
    picture: (url) => ({
      model: CHAT,
      max_tokens: 50,
      messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url } }] }],
    }),
  },
  Gemini: {
    path: `/v1beta/models/${CHAT}:generateContent`,
    text: (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    picture: (url) => ({
      contents: [{ role: 'user', parts: [{ fileData: { mimeType: 'image/png', fileUri: url } }] }],
    }),
  },
};
const EACH = Object.entries(PROTOCOLS);

let upstream: Upstream;
let hub: Hub;
let customers: readonly Customer[];

beforeAll(async () => {
  upstream = await startUpstream();
  hub = await startHub({ env: providersAt(upstream.baseUrl) });
  customers = [await makeCustomer(hub, 50_000_000_000n), await makeCustomer(hub, 50_000_000_000n)];
});
afterAll(async () => {
  await hub.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.asked.length = 0;
  upstream.answer = (response, { path }) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'set-cookie': 'provider=tracks; Path=/',
      location: 'https://provider.example/elsewhere',
      'x-provider-account': 'acct_1',
      'openai-organization': 'org-of-the-hub',
    });
    response.end(JSON.stringify(answerFor(path)));
  };
});

/** OpenAI's models are asked in either of its protocols. */
function answerFor(path: string, text = 'Hi there.'): Record<string, unknown> {
  if (!path.endsWith('/responses')) {
    const answer = chatAnswer();
    const message = { role: 'assistant', content: text };
    return { ...answer, choices: [{ index: 0, message, finish_reason: 'stop' }] };
  }
  const content = [{ type: 'output_text', text, annotations: [] }];
  return {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'stand-in',
    output: [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }],
    usage: { input_tokens: 20, output_tokens: 7, total_tokens: 27 },
  };
}

function send(
  path: string,
  body: Record<string, unknown>,
  { liveKey }: Customer = customers[0]!,
  more: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(`${hub.baseUrl}${path}`, {
    ...more,
    method: 'POST',
    headers: {
      authorization: `Bearer ${liveKey}`,
      'content-type': 'application/json',
      ...more.headers,
    },
    body: JSON.stringify(body),
  });
}

describe.each(EACH)('%s', (_, { path, text, picture }) => {
  it.each(['api_base', 'base_url', 'api_key', 'extra_headers', 'extra_body', 'extra_query'])(
    'refuses %s, and sends nothing',
    async (name) => {
      const value = name.startsWith('extra') ? { api_base: 'http://10.0.0.1' } : 'http://10.0.0.1';
      const refused = await send(path, { ...text('Hello'), [name]: value });
      expect(refused.status).toBe(400);
      expect(await refused.text()).toContain(name);
      expect(upstream.asked).toHaveLength(0);
    },
  );

  it('tells a provider nothing of the customer, and the customer nothing of the account', async () => {
    const headers = {
      cookie: 'session=secret',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': 'customer.example',
      forwarded: 'for=203.0.113.7',
      'openai-organization': 'org-of-the-customer',
      'openai-project': 'proj',
      referer: 'https://customer.example/',
      origin: 'https://customer.example',
      'x-session-id': 'session-of-the-customer',
    };
    const answered = await send(path, text('Hello'), customers[0], { headers });
    expect(answered.status, await answered.clone().text()).toBe(200);
    const [asked] = upstream.asked;
    const told = JSON.stringify(asked?.headers);
    for (const secret of [...Object.values(headers), customers[0]!.liveKey]) {
      expect(told).not.toContain(secret);
    }
    for (const name of ['set-cookie', 'location', 'x-provider-account', 'openai-organization']) {
      expect(answered.headers.get(name), name).toBeNull();
    }
  });

  it('opens no picture itself, wherever it lies: that is the provider’s to do', async () => {
    const opened: string[] = [];
    const server = createServer((socket) => {
      opened.push('a connection');
      socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `[::ffff:127.0.0.1]:${port}`];
    for (const host of [...hosts, `0x7f000001:${port}`, `2130706433:${port}`]) {
      const answered = await send(path, picture(`http://${host}${PIXEL_PATH}`));
      // It passes as the address that it is, or is refused by name.
      expect([200, 400]).toContain(answered.status);
      await answered.arrayBuffer();
    }
    expect(opened).toEqual([]);
    server.close();
  });
});

describe('answers', () => {
  it('of two customers who ask the same are two answers', async () => {
    let count = 0;
    upstream.answer = (response, { path }) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answerFor(path, `answer ${(count += 1)}`)));
    };
    const same = PROTOCOLS['Chat']!.text('The very same prompt');
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const answered = await send('/v1/chat/completions', same, customers[i % 2]);
        return ((await answered.json()) as { choices: { message: { content: string } }[] })
          .choices[0]?.message.content;
      }),
    );
    expect(new Set(answers).size).toBe(20);
  });

  it('reach who asked for them, though others leave in the middle of theirs', async () => {
    upstream.answer = async (response, { body }) => {
      const [{ content }] = body['messages'] as [{ content: string }];
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const chunk of [chatChunk({ content }), chatChunk({}, 'stop'), usageChunk()]) {
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end('data: [DONE]\n\n');
    };
    const ask = async (i: number): Promise<void> => {
      const mark = `mark-${i}-end`;
      const body = { ...PROTOCOLS['Chat']!.text(mark), stream: true };
      const leaving = new AbortController();
      const more = { signal: leaving.signal };
      const answered = await send('/v1/chat/completions', body, customers[i % 2], more);
      const reader = answered.body!.getReader();
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += Buffer.from(value).toString('utf8');
        if (i % 3 === 0) return leaving.abort();
      }
      expect(text.match(/mark-\d+-end/g)).toEqual([mark]);
      expect(text).toContain('[DONE]');
    };
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 30 }, (_, i) => ask(round * 30 + i)));
    }
  });
});
