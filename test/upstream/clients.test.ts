// What the gateway relies on in its way to providers, shown with both clients: each over plain sockets
// and over TLS.

import { randomBytes } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openai } from '../../src/providers/openai.ts';
import type { Receiver, Upstreams } from '../../src/upstream/port.ts';
import { CLIENTS, type Script, type Wire, failureOf, jsonAnswer } from './world.ts';
import { openWire, readAll, says, send } from './world.ts';

const SILENCE_MS = 400;
const LINGER_BOUND_MS = 4_000;
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

const WAYS = CLIENTS.flatMap((client) => [
  { ...client, over: 'http', secure: false },
  { ...client, over: 'TLS', secure: true },
]);

let upstreams: Upstreams;
let wire: Wire;
afterEach(async () => {
  await upstreams.close();
  await wire.close();
});

describe.each(WAYS)('the $client client over $over', ({ open, secure }) => {
  async function start(script: Script, silenceMs = 20_000): Promise<void> {
    wire = await openWire(script, { secure });
    upstreams = open(silenceMs);
  }
  const ask = (sent = {}) => send(upstreams, wire.settings, sent);

  /** The standard client needs a moment after an answer before its connection is free. */
  async function askInTurn(): Promise<void> {
    await readAll(ask());
    await setImmediate();
  }

  it('sends what it was given, to the address of the settings', async () => {
    await start(says(jsonAnswer('{}')));
    await readAll(
      ask({
        provider: openai,
        path: '/embeddings',
        headers: { accept: '*/*', 'content-type': 'text/x', 'x-beta': 'a, b' },
        body: [Buffer.from('{"a":'), Buffer.from('1}')],
      }),
    );
    const { head, body } = wire.asked[0]!;
    const [request, ...lines] = head.trimEnd().split('\r\n');
    expect(request).toBe('POST /v1/embeddings HTTP/1.1');
    expect(lines.map((line) => line.toLowerCase()).sort()).toEqual([
      'accept-encoding: identity',
      'accept: */*',
      'authorization: bearer k',
      'connection: keep-alive',
      'content-length: 7',
      'content-type: text/x',
      `host: ${new URL(wire.settings.baseUrl).host}`,
      'user-agent: inferencehub',
      'x-beta: a, b',
    ]);
    expect(body.toString()).toBe('{"a":1}');
  });

  it('lets a request say otherwise what all requests say', async () => {
    await start(says(jsonAnswer('{}')));
    await readAll(
      ask({ provider: openai, headers: { 'user-agent': 'other', authorization: 'x' } }),
    );
    const { head } = wire.asked[0]!;
    expect(head.match(/^(user-agent|authorization|content-type): .*$/gim)?.sort()).toEqual([
      'authorization: x',
      'content-type: application/json',
      'user-agent: other',
    ]);
  });

  it('sends large bodies in parts', async () => {
    await start(says(jsonAnswer('{}')));
    const body = [randomBytes(300_000), randomBytes(1), randomBytes(2_000_000)];
    await readAll(ask({ body }));
    expect(wire.asked[0]?.body.equals(Buffer.concat(body))).toBe(true);
  });

  it('refuses headers that would split the request, and sends nothing', async () => {
    await start(says(jsonAnswer('{}')));
    const { code } = await failureOf(ask({ headers: { 'x-a': 'b\r\nx-c: d' } }));
    expect(code).toBe('upstream_failed');
    await readAll(ask());
    expect(wire.asked).toHaveLength(1);
  });

  it('reads an answer with a length, and what it says of itself', async () => {
    await start(
      says(
        'HTTP/1.1 429 Slow\r\nContent-Type: text/x\r\nRetry-After:  7\r\n',
        'Content-Length: 2\r\n\r\nno',
      ),
    );
    const { answer, text, error } = await readAll(ask());
    expect([answer.status, answer.contentType, answer.retryAfter]).toEqual([429, 'text/x', '7']);
    expect([text, error]).toEqual(['no', undefined]);
  });

  it('reads an answer in chunks, with extensions and trailers', async () => {
    await start(
      says(CHUNKED, '5\r\nhello\r\n', '1;a=b\r\n,\r\n6\r\n world\r\n0\r\nX-A: b\r\n\r\n'),
    );
    expect(await readAll(ask())).toMatchObject({ text: 'hello, world', error: undefined });
  });

  it('reads an answer that ends with its connection', async () => {
    await start(({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
    expect(await readAll(ask())).toMatchObject({ text: 'all of it', error: undefined });
  });

  it('reads an answer without a body', async () => {
    await start(says('HTTP/1.1 204 No Content\r\n\r\n'));
    const { answer, text } = await readAll(ask());
    expect([answer.status, text]).toEqual([204, '']);
  });

  it('reads an answer that comes byte by byte', async () => {
    const whole = `${CHUNKED}3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n`;
    await start(({ socket }) => {
      let at = 0;
      const step = (): void => {
        if (at < whole.length) socket.write(whole[at++]!, () => process.nextTick(step));
      };
      socket.setNoDelay(true);
      step();
    });
    expect(await readAll(ask())).toMatchObject({ text: 'abc0123456789', error: undefined });
  });

  it('skips interim answers', async () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    await start(says(`HTTP/1.1 102 Processing\r\n\r\n${interim}${jsonAnswer('{"a":1}')}`));
    const { answer, text } = await readAll(ask());
    expect([answer.status, text]).toEqual([200, '{"a":1}']);
  });

  it('holds the body until there is a receiver, however late', async () => {
    const parts = Array.from({ length: 40 }, (_, i) => String(i % 10).repeat(50_000));
    await start(({ socket }) => {
      socket.write(CHUNKED);
      for (const part of parts) socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
      socket.end('0\r\n\r\n');
    });
    const call = ask();
    await call.answer;
    await setTimeout(50);
    const { text, error } = await readAll(call);
    expect(error).toBeUndefined();
    expect(text === parts.join('')).toBe(true);
  });

  it('uses a connection again, and none that is to be closed', async () => {
    await start(says(jsonAnswer('{}')));
    await askInTurn();
    await askInTurn();
    wire.script = says(jsonAnswer('{}', 'Connection: close\r\n'));
    await askInTurn();
    await askInTurn();
    expect(wire.asked.map(({ connection }) => connection)).toEqual([0, 0, 0, 1]);
  });

  it('opens as many connections as there are requests at once', async () => {
    await start(() => undefined);
    const calls = [ask(), ask(), ask()];
    await vi.waitUntil(() => wire.asked.length === 3);
    for (const asked of wire.asked) says(jsonAnswer(`"${asked.connection}"`))(asked);
    const texts = (await Promise.all(calls.map(readAll))).map(({ text }) => text);
    expect(texts.sort()).toEqual(['"0"', '"1"', '"2"']);
  });

  it('does not use a connection again on which more came than the answer', async () => {
    await start(says(`${jsonAnswer('{}')}HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad`));
    expect((await readAll(ask())).text).toBe('{}');
    wire.script = says(jsonAnswer('"good"'));
    expect((await readAll(ask())).text).toBe('"good"');
    expect(wire.asked.map(({ connection }) => connection)).toEqual([0, 1]);
  });

  it.each([
    ['is closed', ({ socket }) => void socket.end()],
    ['gets what nobody asked for', says('HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n')],
  ] satisfies [string, Script][])('drops an idle connection that %s', async (_, disturb) => {
    await start(says(jsonAnswer('{}')));
    await readAll(ask());
    disturb(wire.asked[0]!);
    // Long before it would be closed for its age.
    await vi.waitUntil(() => wire.sockets[0]?.closed, { timeout: 2_000 });
    await readAll(ask());
    expect(wire.asked.map(({ connection }) => connection)).toEqual([0, 1]);
  });

  it('does not use a connection again that the provider is about to close', async () => {
    await start(says(jsonAnswer('{}', 'Keep-Alive: timeout=1\r\n')));
    await readAll(ask());
    await readAll(ask());
    expect(wire.asked.map(({ connection }) => connection)).toEqual([0, 1]);
  });

  it('fails a request whose idle connection closes under it, and sends it once', async () => {
    await start(says(jsonAnswer('{}')));
    await readAll(ask());
    wire.script = ({ socket }) => void socket.destroy();
    expect((await failureOf(ask())).code).toBe('upstream_failed');
    expect(wire.asked).toHaveLength(2);
  });

  it('refuses an encoded answer and closes its connection', async () => {
    await start(says(jsonAnswer('{}', 'Content-Encoding: gzip\r\n')));
    expect((await failureOf(ask())).code).toBe('upstream_failed');
    await vi.waitUntil(() => wire.sockets[0]?.closed);
  });

  it('says of an answer that ends too early that it broke off', async () => {
    await start(({ socket }) => socket.end(`${CHUNKED}5\r\nhello\r\n5\r\nwo`));
    const { text, error } = await readAll(ask());
    expect(text).toBe('hellowo');
    expect(error?.code).toBe('upstream_broke_off');
  });

  it('fails where the provider closes before it answers', async () => {
    await start(({ socket }) => socket.end('HTTP/1.1 200 O'));
    expect((await failureOf(ask())).code).toBe('upstream_failed');
  });

  it('gives up a provider that does not begin to answer', async () => {
    await start(() => undefined, SILENCE_MS);
    const startMs = performance.now();
    expect((await failureOf(ask())).code).toBe('upstream_timeout');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(SILENCE_MS);
    await vi.waitUntil(() => wire.sockets[0]?.closed);
  });

  it('gives up a provider that falls silent in its answer', async () => {
    await start(says(`${CHUNKED}5\r\nhello\r\n`), SILENCE_MS);
    const { text, error } = await readAll(ask());
    expect([text, error?.code]).toEqual(['hello', 'upstream_timeout']);
    await vi.waitUntil(() => wire.sockets[0]?.closed);
  });

  it('does not call a provider silent that goes on, nor one that has to wait', async () => {
    await start(says(CHUNKED), SILENCE_MS);
    const received: string[] = [];
    const ended = Promise.withResolvers<unknown>();
    const answer = await ask().answer;
    answer.receive({
      data: (chunk) => received.push(chunk.toString()) < 6,
      end: () => ended.resolve('end'),
      fail: ended.resolve,
    });
    const { socket } = wire.asked[0]!;
    for (let i = 0; i < 6; i++) {
      await setTimeout(SILENCE_MS / 2);
      socket.write(`1\r\n${i}\r\n`);
      await vi.waitUntil(() => received.length === i + 1);
    }
    await setTimeout(SILENCE_MS * 3);
    answer.resume();
    socket.write('0\r\n\r\n');
    expect(await ended.promise).toBe('end');
    expect(received.join('')).toBe('012345');
  });

  it('closes the connection of a call that is cancelled before its answer', async () => {
    await start(() => undefined);
    const call = ask();
    await vi.waitUntil(() => wire.asked.length === 1);
    call.abort();
    expect((await failureOf(call)).code).toBe('upstream_failed');
    await vi.waitUntil(() => wire.sockets[0]?.closed);
  });

  it('sends nothing of a call that is cancelled at once', async () => {
    await start(says(jsonAnswer('{}')));
    const call = ask();
    call.abort();
    expect((await failureOf(call)).code).toBe('upstream_failed');
    await readAll(ask());
    expect(wire.asked).toHaveLength(1);
  });

  it('closes the connection of a call that is cancelled within its answer', async () => {
    await start(says(`${CHUNKED}5\r\nhello\r\n`));
    const call = ask();
    const failed = Promise.withResolvers<{ readonly code: string }>();
    const receiver: Receiver = {
      data: () => {
        call.abort();
        return true;
      },
      end: () => failed.resolve({ code: 'end' }),
      fail: failed.resolve,
    };
    (await call.answer).receive(receiver);
    expect((await failed.promise).code).toBe('upstream_broke_off');
    await vi.waitUntil(() => wire.sockets[0]?.closed);
  });

  it('holds a provider back while the receiver waits, and loses nothing', async () => {
    const part = Buffer.alloc(100_000, 'x');
    const parts = 400;
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${part.length * parts}\r\n\r\n`;
    await start(({ socket }) => {
      socket.write(head);
      for (let i = 0; i < parts; i++) socket.write(part);
    });
    let bytes = 0;
    let pauses = 0;
    const ended = Promise.withResolvers<unknown>();
    const answer = await ask().answer;
    answer.receive({
      data(chunk) {
        bytes += chunk.length;
        pauses += 1;
        return false;
      },
      end: () => ended.resolve('end'),
      fail: ended.resolve,
    });
    await setTimeout(100);
    // Whatever the kernels hold, most of it must still lie with the provider.
    expect(wire.asked[0]!.socket.writableLength).toBeGreaterThan((part.length * parts) / 2);
    expect(bytes).toBeLessThan(1_000_000);
    answer.resume();
    await setTimeout(100);
    expect(bytes).toBeLessThan(2_000_000);
    const flow = setInterval(() => answer.resume(), 0);
    expect(await ended.promise).toBe('end');
    clearInterval(flow);
    expect(bytes).toBe(part.length * parts);
    expect(pauses).toBeGreaterThan(10);
  });

  it('lets a finished answer come to its end, so that the connection is used again', async () => {
    await start(says(CHUNKED));
    const call = ask();
    const answer = await call.answer;
    const got = Promise.withResolvers<void>();
    answer.receive({
      data: () => {
        answer.finish();
        got.resolve();
        // Its client is slow; but what is finished does not wait for it.
        return false;
      },
      end: () => expect.unreachable(),
      fail: () => expect.unreachable(),
    });
    wire.asked[0]!.socket.write('5\r\nhello\r\n');
    await got.promise;
    wire.asked[0]!.socket.write('5\r\nworld\r\n0\r\n\r\n');
    // Others get no answer, so that only the first connection can become free.
    wire.script = (asked) => {
      if (asked.connection === 0) says(jsonAnswer('"again"'))(asked);
    };
    await vi.waitUntil(async () => {
      const count = wire.asked.length;
      ask().answer.catch(() => undefined);
      await vi.waitUntil(() => wire.asked.length > count);
      return wire.asked.at(-1)?.connection === 0;
    });
    // The first call is over: cancelling it must not harm who has its connection now.
    call.abort();
    await setTimeout(50);
    expect(wire.sockets[0]?.closed).toBe(false);
  });

  it('cuts a finished answer that does not come to its end', async () => {
    await start(says(`${CHUNKED}5\r\nhello\r\n`));
    (await ask().answer).finish();
    const startMs = performance.now();
    await vi.waitUntil(() => wire.sockets[0]?.closed, { timeout: LINGER_BOUND_MS });
    expect(performance.now() - startMs).toBeGreaterThan(1_500);
  });

  it('cuts everything when it is closed, and sends no more', async () => {
    await start(says(`${CHUNKED}5\r\nhello\r\n`));
    const call = ask();
    const reading = readAll(call);
    await call.answer;
    await upstreams.close();
    expect((await reading).error?.code).toBe('upstream_broke_off');
    expect((await failureOf(ask())).code).toBe('upstream_failed');
    await vi.waitUntil(() => wire.sockets[0]?.closed);
    expect(wire.asked).toHaveLength(1);
  });
});
