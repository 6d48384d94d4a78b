// What a client sees is the same by both ways: the fast door is held to node:http in each of these.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Inbound, InboundHandler } from '../../src/http/inbound.ts';
import { type Limits, type Served, WAYS, answers, answersOf } from './world.ts';
import { HOT, connectTo, echo, echoOf, post, serve } from './world.ts';

const MIB = 1024 * 1024;

describe.each(WAYS)('a request by way of %s', (way) => {
  const open: Served[] = [];
  afterEach(async () => {
    for (const served of open.splice(0)) await served.close();
  });
  async function start(handler: InboundHandler, limits?: Limits): Promise<Served> {
    const served = await serve(way, handler, limits);
    open.push(served);
    return served;
  }
  const echoing: InboundHandler = (inbound) => void echo(inbound);
  /** All of them by the way that is tested, and none by the other. */
  const expectCount = (served: Served, count: number): void => {
    expect(served.counts[way === 'fast door' ? 'door' : 'node']).toBe(count);
    expect(served.counts[way === 'fast door' ? 'node' : 'door']).toBe(0);
  };

  it('keeps the connection, and says so in the words of node:http', async () => {
    const served = await start(echoing, { keepAliveTimeout: 65_000 });
    const client = await connectTo(served.port);
    for (const [index, body] of ['', 'a', 'b'.repeat(3_000), 'a'].entries()) {
      client.send(post(body));
      const answer = (await answers(client, index + 1))[index];
      expect(answer?.body).toBe(echoOf(HOT, Buffer.from(body)));
      expect(answer?.headers.get('connection')).toBe('keep-alive');
      expect(answer?.headers.get('keep-alive')).toBe('timeout=65');
      expect(answer?.headers.get('content-length')).toBe(String(answer?.body.length));
      const ageMs = Date.now() - Date.parse(answer?.headers.get('date') ?? '');
      expect(ageMs).toBeGreaterThanOrEqual(0);
      expect(ageMs).toBeLessThan(5_000);
    }
    expectCount(served, 4);
  });

  it('hands on method, URL, headers, length and peer as they came', async () => {
    const seen: Inbound[] = [];
    const served = await start((inbound) => {
      seen.push(inbound);
      echoing(inbound);
    });
    const client = await connectTo(served.port);
    const lines = ['X-Odd:  a b\t', 'EMPTY:', 'Cookie: a=b; c=d', 'connection: Keep-Alive'];
    client.send(post('{}', lines, `${HOT}?beta=true`));
    await answers(client, 1);
    const { 'content-length': _length, ...headers } = { ...seen[0]?.headers };
    expect(headers).toEqual({
      host: 'hub',
      'x-odd': 'a b',
      empty: '',
      cookie: 'a=b; c=d',
      connection: 'Keep-Alive',
    });
    expect(seen[0]).toMatchObject({ method: 'POST', url: `${HOT}?beta=true`, bodyLength: 2 });
    expect(seen[0]?.peerAddress).toBe('127.0.0.1');
    expectCount(served, 1);
  });

  it('is the same wherever the network cuts it', async () => {
    const served = await start(echoing);
    const bytes = post('{"a":"bcd"}', ['Authorization: Bearer x']);
    const wanted = echoOf(HOT, Buffer.from('{"a":"bcd"}'));
    const client = await connectTo(served.port);
    for (let at = 1; at < bytes.length; at++) {
      client.send(bytes.subarray(0, at));
      await arrival();
      client.send(bytes.subarray(at));
      expect((await answers(client, at))[at - 1]?.body).toBe(wanted);
    }
    expectCount(served, bytes.length - 1);
  });

  it('is the same when each byte comes alone', async () => {
    const served = await start(echoing);
    const client = await connectTo(served.port);
    for (const byte of post('{"a":1}')) {
      client.send(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    expect((await answers(client, 1))[0]?.body).toBe(echoOf(HOT, Buffer.from('{"a":1}')));
  });

  it('brings a body of 20 MB whole', async () => {
    const served = await start(echoing);
    const client = await connectTo(served.port);
    const body = Buffer.alloc(20 * MIB, 'all work and no play ');
    client.send(post(body));
    client.send(post('small'));
    const [big, small] = await answers(client, 2);
    expect(big?.body).toBe(echoOf(HOT, body));
    expect(small?.body).toBe(echoOf(HOT, Buffer.from('small')));
  });

  it('gets an answer of 20 MB whole, with a length and in chunks', async () => {
    const body = Buffer.alloc(20 * MIB, 'x');
    const served = await start((inbound) => {
      if (inbound.url.endsWith('?chunks')) {
        inbound.begin(200, []);
        inbound.end(body);
      } else {
        inbound.respond(200, [], body);
      }
    });
    const client = await connectTo(served.port);
    client.send(post(''));
    await client.until((text) => text.length > body.length);
    const [whole] = await answers(client, 1);
    expect(whole?.body.length).toBe(body.length);
    client.send(post('', [], `${HOT}?chunks`));
    await client.until((text) => text.length > 2 * body.length);
    const [, chunked] = await answers(client, 2);
    expect(chunked?.body.length).toBe(body.length);
  });

  it('gets an answer of unknown length in chunks, the first with the head', async () => {
    const served = await start((inbound) => {
      inbound.begin(200, ['content-type', 'text/event-stream']);
      inbound.write('one');
      inbound.write(Buffer.from('zwei'));
      inbound.write('drei – drei');
      inbound.write(Buffer.alloc(70_000, 'x'));
      inbound.end('end');
    });
    const client = await connectTo(served.port);
    client.send(post(''));
    const [answer] = await answers(client, 1);
    expect(answer?.headers.get('transfer-encoding')).toBe('chunked');
    expect(answer?.headers.has('content-length')).toBe(false);
    const wanted = Buffer.from(`onezweidrei – drei${'x'.repeat(70_000)}end`);
    expect(Buffer.from(answer?.body ?? '', 'latin1').equals(wanted)).toBe(true);
  });

  it('gets an empty answer, framed', async () => {
    const served = await start((inbound) => {
      inbound.begin(200, []);
      inbound.end('');
    });
    const client = await connectTo(served.port);
    client.send(post('x'));
    const [answer] = await answers(client, 1);
    expect([answer?.status, answer?.body, answer?.chunks]).toEqual([200, '', []]);
  });

  it('closes the connection when the client asks for it, after the whole answer', async () => {
    const served = await start(echoing);
    const client = await connectTo(served.port);
    client.send(post('x', ['Connection: close']));
    const [answer] = answersOf(await client.closed());
    expect(answer?.headers.get('connection')).toBe('close');
    expect(answer?.headers.has('keep-alive')).toBe(false);
    expect(answer?.body).toBe(echoOf(HOT, Buffer.from('x')));
    expectCount(served, 1);
  });

  it('answers pipelined requests in their order', async () => {
    const served = await start(
      (inbound) => void sleep(20 - 2 * Number(inbound.bodyLength)).then(() => echo(inbound)),
    );
    const client = await connectTo(served.port);
    client.send(Buffer.concat([post('1'), post('22'), post('333')]));
    client.send(Buffer.concat([post('4444'), post('55555')]));
    const all = await answers(client, 5);
    expect(all.map(({ body }) => body.split(' ')[1])).toEqual(['1', '2', '3', '4', '5']);
  });

  it('answers what comes while another is being answered afterwards', async () => {
    const first = Promise.withResolvers<Inbound>();
    const served = await start((inbound) => {
      if (inbound.bodyLength === 1) first.resolve(inbound);
      else echoing(inbound);
    });
    const client = await connectTo(served.port);
    client.send(post('1'));
    const inbound = await first.promise;
    client.send(post('22'));
    client.send(post('333'));
    await sleep(100);
    inbound.respond(200, [], Buffer.from('first'));
    const all = await answers(client, 3);
    expect(all.map(({ body }) => body.slice(0, 9))).toEqual(['first', `${HOT} 2`, `${HOT} 3`]);
  });

  it.each([
    ['while its body is read', 'a', 10],
    ['while it is being answered', 'a', 1],
  ])('whose client leaves %s ends, and its handler is told once', async (_, body, length) => {
    const gone = Promise.withResolvers<string>();
    let calls = 0;
    const begun = Promise.withResolvers<void>();
    const served = await start((inbound) => {
      inbound.onGone = () => {
        calls += 1;
        gone.resolve('gone');
      };
      begun.resolve();
      const bytes = inbound.readBody(100);
      if (bytes instanceof Promise) bytes.catch((error) => gone.resolve(error.code));
      if (length === 1) {
        inbound.begin(200, []);
        inbound.write('begun');
      }
    });
    const client = await connectTo(served.port);
    client.send(
      post('')
        .toString('latin1')
        .replace(/0(\r\n\r\n)$/, `${length}$1`) + body,
    );
    await begun.promise;
    client.socket.destroy();
    expect(['gone', 'client_closed']).toContain(await gone.promise);
    await sleep(60);
    expect(calls).toBe(1);
  });

  it('whose client closes its sending side is that of a client that left', async () => {
    const gone = Promise.withResolvers<void>();
    const served = await start((inbound) => {
      inbound.begin(200, []);
      inbound.write('begun');
      inbound.onGone = () => gone.resolve();
    });
    const client = await connectTo(served.port, true);
    client.send(post('x'));
    await client.until((text) => text.includes('begun'));
    client.socket.end();
    await gone.promise;
    const text = await client.closed();
    expect(text).toContain('begun');
    expect(answersOf(text)).toEqual([]);
  });

  it.each([
    ['head', post('abcde').subarray(0, 20)],
    ['body', post('abcde').subarray(0, -1)],
  ])('whose client closes its sending side within its %s is refused', async (_, bytes) => {
    const served = await start((inbound) => void echo(inbound));
    const client = await connectTo(served.port, true);
    client.send(bytes);
    client.socket.end();
    expect(await client.closed()).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });

  it('breaks off visibly when it is cut', async () => {
    const served = await start((inbound) => {
      inbound.begin(200, []);
      inbound.write('begun');
      setImmediate(() => inbound.cut());
    });
    const client = await connectTo(served.port);
    client.send(post('x'));
    const text = await client.closed();
    expect(text).toContain('begun');
    expect(answersOf(text)).toEqual([]);
  });

  it('that is too large is refused while it is being sent, and the client reads why', async () => {
    const refuse = async (inbound: Inbound): Promise<void> => {
      try {
        await inbound.readBody(1_000);
      } catch (error) {
        const { code } = error as { code: string };
        inbound.respond(413, ['x-code', code], Buffer.from('too large'));
      }
    };
    const served = await start((inbound) => void refuse(inbound));
    const client = await connectTo(served.port);
    client.send(post(Buffer.alloc(5 * MIB)));
    client.send(post('next'));
    const [refused] = await answers(client, 1);
    expect([refused?.status, refused?.body]).toEqual([413, 'too large']);
    expect(refused?.headers.get('x-code')).toBe('body_too_large');
  });

  it('makes its handler wait for a client that does not read, and goes on when it does', async () => {
    const chunk = Buffer.alloc(256 * 1024, 'x');
    let written = 0;
    const blocked = Promise.withResolvers<void>();
    const served = await start((inbound) => {
      const pour = (): void => {
        while (written < 400) {
          written += 1;
          if (!inbound.write(chunk)) {
            blocked.resolve();
            return;
          }
        }
        inbound.onDrain = undefined;
        inbound.end('end');
      };
      inbound.begin(200, []);
      inbound.onDrain = pour;
      pour();
    });
    const client = await connectTo(served.port);
    client.socket.pause();
    client.send(post('x'));
    await blocked.promise;
    let before = -1;
    while (written !== before) {
      before = written;
      await sleep(200);
    }
    expect(written).toBeLessThan(200);
    let bytes = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (piece: string) => void (bytes += piece.length));
    client.socket.resume();
    while (bytes < 400 * chunk.length) await once(client.socket, 'data');
    expect(written).toBe(400);
  });

  it('refuses headers of an answer that would split it', async () => {
    const faults: unknown[] = [];
    const served = await start((inbound) => {
      for (const headers of [
        ['a', 'b\r\nc: d'],
        ['a', 'b\0'],
        ['a', 'b\n'],
        ['a', '€'],
        ['a b', 'c'],
        ['a\r\nb', 'c'],
        ['', 'c'],
      ]) {
        try {
          inbound.begin(200, headers);
        } catch (error) {
          faults.push(error);
        }
      }
      inbound.respond(200, ['a', 'é\t!'], Buffer.from('ok'));
    });
    const client = await connectTo(served.port);
    client.send(post('x'));
    const [answer] = await answers(client, 1);
    expect(faults).toHaveLength(7);
    expect([answer?.body, answer?.headers.get('a')]).toEqual(['ok', 'é\t!']);
  });

  it('is answered when it announces a body of no bytes', async () => {
    const served = await start((inbound) => {
      const body = inbound.readBody(10);
      void Promise.resolve(body).then((bytes) =>
        inbound.respond(200, [], Buffer.from(`${bytes.length} bytes`)),
      );
    });
    const client = await connectTo(served.port);
    client.send(post(''));
    expect((await answers(client, 1))[0]?.body).toBe('0 bytes');
    expectCount(served, 1);
  });
});

/** Lets the server take what was sent before more is sent: both share one event loop. */
async function arrival(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
}
