// Slow clients, silent clients, clients that want no answer: each is cut in its time, none makes the
// server keep more than a bounded part of what it sends or should read.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Inbound, InboundHandler } from '../../src/http/inbound.ts';
import { HOT, type Limits, type Served, WAYS, answers, answersOf } from './world.ts';
import { connectTo, echo, echoOf, post, serve } from './world.ts';

const MIB = 1024 * 1024;
const LIMITS: Limits = { headersTimeout: 200, requestTimeout: 300, keepAliveTimeout: 1_000 };
const HEAD = `POST ${HOT} HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\n\r\n`;

describe.each(WAYS)('a client that is slow, by way of %s', (way) => {
  let served: Served;
  afterEach(() => served.close());
  const start = async (handler: InboundHandler, limits = LIMITS): Promise<Served> => {
    served = await serve(way, handler, limits);
    return served;
  };
  const echoing: InboundHandler = (inbound) => void echo(inbound);

  it.each([
    ['says nothing', ''],
    ['begins a head', 'POST /v1/h'],
    ['does not end its head', HEAD.slice(0, -2)],
  ])('and %s is told 408 and cut', async (_, text) => {
    const client = await connectTo((await start(echoing)).port);
    if (text !== '') client.send(text);
    expect(await client.closed()).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  });

  it('and sends its head byte by byte gets no more time for it', async () => {
    const client = await connectTo((await start(echoing)).port);
    const begunMs = performance.now();
    const drip = setInterval(() => client.send('x'), 30);
    client.send(`POST ${HOT} HTTP/1.1\r\nX: `);
    // What it sent after the closing may cost it the words that it was sent before.
    expect(await client.closed()).toMatch(/^(HTTP\/1\.1 408 |$)/);
    clearInterval(drip);
    expect(performance.now() - begunMs).toBeLessThan(1_500);
  });

  it('and begins a second head on a connection is cut too', async () => {
    const client = await connectTo((await start(echoing)).port);
    client.send(post('a'));
    await answers(client, 1);
    client.send('POST /v1/');
    expect(await client.closed()).toMatch(/HTTP\/1\.1 408 [^\r]+\r\nConnection: close\r\n\r\n$/);
  });

  it('and does not end its body is told 408 and cut, and the handler hears of it', async () => {
    const failed = Promise.withResolvers<string>();
    await start((inbound) => {
      Promise.resolve(inbound.readBody(100)).catch((error) => failed.resolve(error.code));
    });
    const client = await connectTo(served.port);
    client.send(`${HEAD}abc`);
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 408 /);
    expect(await failed.promise).toBe('client_closed');
  });

  it('to ask again is let go when its connection has idled long enough, not before', async () => {
    const client = await connectTo((await start(echoing)).port);
    client.send(post('a'));
    await answers(client, 1);
    await sleep(700);
    client.send(post('b'));
    await answers(client, 2);
    const begunMs = performance.now();
    await client.closed();
    expect(performance.now() - begunMs).toBeGreaterThan(1_000);
    expect(answersOf(client.text())).toHaveLength(2);
  });

  it('to read its answer may take longer than a request or a pause may', async () => {
    const body = Buffer.alloc(12 * MIB, 'x');
    // The kernel takes more in steps of a megabyte, which this client reads in a third of a second.
    const limits = { ...LIMITS, requestTimeout: 1_500 };
    await start((inbound) => inbound.respond(200, [], body), limits);
    const client = await connectTo(served.port);
    client.send(post('a'));
    let bytes = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (piece: string) => {
      bytes += piece.length;
      client.socket.pause();
      setTimeout(() => client.socket.resume(), 16);
    });
    while (bytes < body.length) await once(client.socket, 'data');
    expect(bytes).toBeGreaterThan(body.length);
  });
});

describe('a client of the fast door', () => {
  let served: Served;
  afterEach(() => served.close());

  it('that announces much and sends little makes nobody reserve it', async () => {
    const begun: Inbound[] = [];
    served = await serve('fast door', (inbound) => {
      begun.push(inbound);
      Promise.resolve(inbound.readBody(1_000 * MIB)).catch(() => undefined);
    });
    const before = process.memoryUsage().arrayBuffers;
    const clients = await Promise.all(Array.from({ length: 40 }, () => connectTo(served.port)));
    for (const { send } of clients) {
      send(`POST ${HOT} HTTP/1.1\r\nHost: hub\r\nContent-Length: ${900 * MIB}\r\n\r\nfew`);
    }
    while (begun.length < clients.length) await sleep(5);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MIB);
  });

  it('that sends a body nobody has asked for is not read on until somebody does', async () => {
    const asked = Promise.withResolvers<Inbound>();
    served = await serve('fast door', (inbound) => asked.resolve(inbound));
    const sockets = socketsOf(served);
    const client = await connectTo(served.port);
    const body = Buffer.alloc(30 * MIB, 'y');
    client.send(post(body));
    const inbound = await asked.promise;
    expect(await settledBytes(sockets)).toBeLessThan(MIB);
    const whole = await inbound.readBody(64 * MIB);
    expect(whole.equals(body)).toBe(true);
  });

  it('that sends on while it is answered is not read beyond a bound', async () => {
    const asked = Promise.withResolvers<Inbound>();
    let later = 0;
    served = await serve('fast door', (inbound) => {
      if (inbound.bodyLength === 1) asked.resolve(inbound);
      else void echo(inbound).then(() => void (later += 1));
    });
    const sockets = socketsOf(served);
    const client = await connectTo(served.port);
    client.send(post('1'));
    const inbound = await asked.promise;
    const body = Buffer.alloc(30 * MIB, 'z');
    client.send(post(body));
    expect(await settledBytes(sockets)).toBeLessThan(MIB);
    inbound.respond(200, [], Buffer.from('first'));
    const [, second] = await answers(client, 2);
    expect(second?.body).toBe(echoOf(HOT, body));
    expect(later).toBe(1);
  });

  it('that reads no answers gets no more requests read', async () => {
    let count = 0;
    const body = Buffer.alloc(MIB, 'x');
    served = await serve('fast door', (inbound) => {
      count += 1;
      inbound.respond(200, [], body);
    });
    const client = await connectTo(served.port);
    client.socket.pause();
    for (let sent = 0; sent < 60; sent++) {
      client.send(post('again'));
      await sleep(5);
    }
    const counted = count;
    expect(counted).toBeLessThan(30);
    client.socket.resume();
    await client.until((text) => text.length > 60 * body.length);
    expect(count).toBe(60);
  });

  it('that takes nothing of its answer is cut in the end', async () => {
    const gone = Promise.withResolvers<void>();
    const handler: InboundHandler = (inbound) => {
      inbound.onGone = () => gone.resolve();
      inbound.begin(200, []);
      inbound.write(Buffer.alloc(30 * MIB));
    };
    served = await serve('fast door', handler, LIMITS);
    const client = await connectTo(served.port);
    client.socket.pause();
    client.send(post('x'));
    await gone.promise;
  });

  it('that sends on after its answer without end is cut', async () => {
    served = await serve('fast door', (inbound) => inbound.respond(413, [], Buffer.from('no')));
    const client = await connectTo(served.port);
    client.send(`POST ${HOT} HTTP/1.1\r\nHost: hub\r\nContent-Length: ${900 * MIB}\r\n\r\n`);
    const [answer] = await answers(client, 1);
    expect(answer?.status).toBe(413);
    const piece = Buffer.alloc(MIB);
    let sent = 0;
    while (!client.socket.destroyed && sent < 200) {
      sent += 1;
      if (!client.socket.write(piece)) await client.drained();
    }
    await client.closed();
    expect(sent).toBeGreaterThanOrEqual(64);
    expect(sent).toBeLessThan(120);
  });

  it('that stays silent after its answer, its body unsent, is cut after five seconds', async () => {
    served = await serve('fast door', (inbound) => inbound.respond(413, [], Buffer.from('no')));
    const client = await connectTo(served.port);
    client.send(HEAD);
    const begunMs = performance.now();
    const [answer] = answersOf(await client.closed());
    expect(answer?.body).toBe('no');
    expect(performance.now() - begunMs).toBeGreaterThan(4_500);
  });
});

/** The sockets of the server, as clients come. */
function socketsOf({ server }: Served): Socket[] {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  return sockets;
}

/** How many bytes the server has read, once it has read no more for a while. */
async function settledBytes([socket]: readonly Socket[]): Promise<number> {
  let bytes = -1;
  for (let same = 0; same < 5; same++) {
    if (socket?.bytesRead !== bytes) same = 0;
    bytes = socket?.bytesRead ?? 0;
    await sleep(60);
  }
  return bytes;
}
