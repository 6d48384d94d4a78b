// Bodies and methods that no client of good will sends, and the ones that few do: each is answered in
// its dialect, none brings the hub down, and what is priced is what is sent.

import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Hub, startHub } from '../support/hub.ts';
import { chatAnswer } from './answers.ts';
import { CHAT, CHEAPEST, CLAUDE, DEAR, type Customer, ask } from './world.ts';
import { makeCustomer, providersAt, receiptOf } from './world.ts';

const MIB = 1024 * 1024;
const CODINGS = [
  ['gzip', gzipSync],
  ['GZIP', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const;
const PATHS = ['/v1/chat/completions', '/v1/messages'] as const;

/** A stand-in that keeps bodies as they came, byte for byte. */
async function startRecorder() {
  const bodies: string[] = [];
  const server = createServer((incoming, response) => {
    void buffer(incoming).then((bytes) => {
      bodies.push(bytes.toString('utf8'));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(chatAnswer()));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { bodies, server, baseUrl: `http://127.0.0.1:${port}/v1` };
}

let recorder: Awaited<ReturnType<typeof startRecorder>>;
let hub: Hub;
let customer: Customer;
beforeAll(async () => {
  recorder = await startRecorder();
  hub = await startHub({ env: providersAt(recorder.baseUrl) });
  customer = await makeCustomer(hub, 100_000_000_000n);
});
afterAll(async () => {
  await hub.stop();
  recorder.server.close();
});

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Written one after the other. */
  readonly chunks?: readonly (string | Buffer)[];
}

interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One request on a connection of its own, its body in the given pieces. */
async function send({ path, method, headers, chunks = [] }: Sent): Promise<Got> {
  const outgoing = request(new URL(path ?? PATHS[0], hub.baseUrl), {
    method: method ?? 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${customer.liveKey}`,
      'content-type': 'application/json',
      ...headers,
    },
  });
  const answered = once(outgoing, 'response');
  // The hub may refuse, and close, before all of a body is written.
  outgoing.on('error', () => undefined);
  for (const chunk of chunks) outgoing.write(chunk);
  outgoing.end();
  const [response] = (await answered) as [IncomingMessage];
  return {
    status: response.statusCode,
    headers: response.headers,
    body: await text(response),
  };
}

/** The refusal is in the dialect of its path. */
function expectDialect(path: string, got: Got, status: number): void {
  expect([path, got.status]).toEqual([path, status]);
  const reply = JSON.parse(got.body) as Record<string, unknown>;
  if (path === '/v1/messages') expect(reply).toMatchObject({ type: 'error', error: {} });
  else expect(reply).toHaveProperty('error.code');
  expect(reply).toHaveProperty('error.message');
}

async function expectAlive(): Promise<void> {
  const got = await send({ chunks: [JSON.stringify(ask(CHAT))] });
  expect(got.status).toBe(200);
}

describe('a body', () => {
  it('in chunks, split in the middle of a character, arrives as it was written', async () => {
    const bytes = Buffer.from(JSON.stringify(ask(CHAT, { messages: [user('Grüße, 世界 🙂')] })));
    const chunks = Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1));
    const got = await send({ headers: { 'transfer-encoding': 'chunked' }, chunks });
    expect(got.status).toBe(200);
    expect(JSON.parse(recorder.bodies.at(-1) ?? '').messages[0].content).toBe('Grüße, 世界 🙂');
  });

  it('is waited for with 100 Continue where the client asks for it', async () => {
    const body = JSON.stringify(ask(CHAT));
    const outgoing = request(new URL(PATHS[0], hub.baseUrl), {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${customer.liveKey}`,
        'content-length': body.length,
        expect: '100-continue',
      },
    });
    outgoing.flushHeaders();
    await once(outgoing, 'continue');
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    await text(response);
  });

  it.each(CODINGS)('compressed with %s arrives as it was written', async (coding, compress) => {
    const written = JSON.stringify(ask(CHAT, { messages: [user('Grüße, 世界 🙂')] }));
    const headers = { 'content-encoding': coding };
    const got = await send({ headers, chunks: [compress(Buffer.from(written))] });
    expect(got.status, got.body).toBe(200);
    expect(JSON.parse(recorder.bodies.at(-1) ?? '').messages[0].content).toBe('Grüße, 世界 🙂');
  });

  it.each(CODINGS)(
    'of 128 MiB in a few bytes of %s is refused with 413',
    async (coding, compress) => {
      const bomb = compress(Buffer.alloc(128 * MIB, ' '));
      for (const path of PATHS) {
        const headers = { 'content-encoding': coding };
        expectDialect(path, await send({ path, headers, chunks: [bomb] }), 413);
      }
      await expectAlive();
    },
  );

  it('that is not what its encoding says is refused with 400', async () => {
    const cut = gzipSync(Buffer.from(JSON.stringify(ask(CHAT)))).subarray(0, -9);
    for (const [coding, bytes] of [
      ['gzip', cut],
      ['br', Buffer.from('{}')],
      ['zstd', cut],
    ] as const) {
      const headers = { 'content-encoding': coding };
      expectDialect(PATHS[0], await send({ headers, chunks: [bytes] }), 400);
    }
  });

  it('in an unknown encoding, or in several, is refused with 415', async () => {
    const stacked = Array.from({ length: 1_000 }, () => 'gzip').join(', ');
    for (const path of PATHS) {
      for (const coding of ['compress', 'gzip, gzip', 'GZIP, br', stacked]) {
        const headers = { 'content-encoding': coding };
        expectDialect(path, await send({ path, headers, chunks: [gzipSync('{}')] }), 415);
      }
    }
    await expectAlive();
  });

  it('of 33 MiB is refused with 413, announced or not', async () => {
    const chunks = Array.from({ length: 33 }, () => Buffer.alloc(MIB, ' '));
    for (const path of PATHS) {
      const announced = { 'content-length': 33 * MIB };
      expectDialect(path, await send({ path, headers: announced, chunks }), 413);
      const chunked = { 'transfer-encoding': 'chunked' };
      expectDialect(path, await send({ path, headers: chunked, chunks }), 413);
    }
    await expectAlive();
  });

  it('that comes with a wrong key, or never ends, is still answered, and taken in bounds', async () => {
    const chunks = Array.from({ length: 20 }, () => Buffer.alloc(MIB, ' '));
    const headers = { authorization: 'Bearer nobody', 'content-length': 20 * MIB };
    expectDialect(PATHS[0], await send({ headers, chunks }), 401);
    const { hostname, port } = new URL(hub.baseUrl);
    const socket = connect(Number(port), hostname);
    const closed = new Promise((resolve) => void socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.write(`POST ${PATHS[0]} HTTP/1.1\r\nhost: hub\r\ntransfer-encoding: chunked\r\n\r\n`);
    const piece = `100000\r\n${' '.repeat(MIB)}\r\n`;
    let sentBytes = 0;
    const flood = (): void => {
      while (!socket.destroyed && socket.write(piece)) sentBytes += MIB;
    };
    socket.on('drain', flood);
    flood();
    await closed;
    expect(sentBytes).toBeLessThan(100 * MIB);
    await expectAlive();
  });

  it('that is no JSON object in UTF-8 is refused with 400', async () => {
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '"text"',
      '12',
      '{"model":"a",}',
      Buffer.from(JSON.stringify(ask(CHAT, { messages: [user('\u00ff\u00fe')] })), 'latin1'),
      Buffer.from('{"model":"\u0000"}'),
      Buffer.from(`\ufeff${JSON.stringify(ask(CHAT))}`, 'utf16le'),
    ];
    for (const path of PATHS) {
      for (const chunk of bodies) {
        const headers = { 'content-length': Buffer.byteLength(chunk) };
        expectDialect(path, await send({ path, headers, chunks: [chunk] }), 400);
      }
    }
    await expectAlive();
  });

  it('nested 100 000 levels deep is refused with 400 on every way, wherever it nests', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const objects = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    for (const path of PATHS) {
      for (const model of [CHAT, CLAUDE]) {
        for (const nested of [deep, objects]) {
          const { messages, ...rest } = ask(model);
          const open = JSON.stringify({ ...rest, max_tokens: 16 }).slice(0, -1);
          const bodies = [
            `${open},"messages":${JSON.stringify(messages)},"metadata":${nested}}`,
            `${open},"messages":[{"role":"user","content":${nested}}]}`,
            `${open},"messages":${nested}}`,
            nested,
          ];
          for (const chunk of bodies) {
            const headers = { 'content-length': Buffer.byteLength(chunk) };
            expectDialect(path, await send({ path, headers, chunks: [chunk] }), 400);
          }
        }
      }
    }
    await expectAlive();
  });

  it('with __proto__ in it changes nothing but itself', async () => {
    const body =
      `{"__proto__":{"stream":true,"max_tokens":5},"constructor":{"prototype":{"n":3}},` +
      JSON.stringify(ask(CHAT)).slice(1);
    for (let i = 0; i < 2; i++) {
      const got = await send({ chunks: [body] });
      expect(got.headers['content-type']).toBe('application/json');
      expect([200, 400]).toContain(got.status);
    }
    const plain = await send({ chunks: [JSON.stringify(ask(CHAT))] });
    expect(plain.headers['content-type']).toBe('application/json');
    expect(JSON.parse(recorder.bodies.at(-1) ?? '')).not.toHaveProperty('n');
  });

  it('that names its model twice is priced and sent as the same one', async () => {
    for (const [first, second] of [
      [CHEAPEST, DEAR],
      [DEAR, CHEAPEST],
    ] as const) {
      for (const key of ['"model"', '"\\u006dodel"']) {
        const rest = JSON.stringify(ask('x')).replace('"model":"x",', '').slice(1);
        const got = await send({ chunks: [`{${key}:"${first}","model":"${second}",${rest}`] });
        expect(got.status).toBe(200);
        const sent = recorder.bodies.at(-1) ?? '';
        const receipt = await receiptOf(hub, customer.liveKey, idOf(got));
        const upstreamModel = String(receipt.modelServed).split('/')[1];
        // Whichever parser reads it, the first or the last counts: there is one.
        expect(sent.match(/"(?:m|\\u006d)odel"\s*:\s*"[^"]*"/g)).toEqual([
          `"model":"${upstreamModel}"`,
        ]);
        expect(receipt.priceId).toContain(String(receipt.modelServed));
      }
    }
  });
});

describe('a method', () => {
  it('that a route does not know is refused in the dialect, and a HEAD has no body', async () => {
    for (const path of PATHS) {
      for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        expectDialect(path, await send({ path, method }), 405);
      }
      const head = await send({ path, method: 'HEAD' });
      expect([head.status, head.body]).toEqual([405, '']);
    }
    expect((await send({ path: '/v1/models', method: 'POST' })).status).toBe(405);
    expect((await send({ path: '/v1/nowhere' })).status).toBe(404);
    await expectAlive();
  });
});

function user(content: string): Record<string, unknown> {
  return { role: 'user', content };
}

function idOf(got: Got): string {
  return String(got.headers['x-request-id']);
}
