// Nobody gets what is another's: not on a connection that two share one after the other, not from a
// handler that is late, not by a head that looks like an earlier one.

import { afterEach, describe, expect, it } from 'vitest';
import type { Inbound, InboundHandler, RequestHeaders } from '../../src/http/inbound.ts';
import { type Served, answers, answersOf, connectTo, post, serve } from './world.ts';

const keyOf = (headers: RequestHeaders): string => String(headers['authorization']);

/** Answers with the key and the body that it got. */
const tell: InboundHandler = (inbound) => {
  void Promise.resolve(inbound.readBody(1_000)).then((body) =>
    inbound.respond(200, [], Buffer.from(`${keyOf(inbound.headers)}:${body.toString()}`)),
  );
};

describe('answers at the fast door', () => {
  let served: Served;
  afterEach(() => served.close());

  it('are those of the key and the body of the very request, on one connection', async () => {
    served = await serve('fast door', tell);
    const client = await connectTo(served.port);
    const wanted: string[] = [];
    for (const [index, key] of ['a', 'b', 'a', 'aa', 'a', 'A'].entries()) {
      const body = 'same'.repeat(1 + (index % 2));
      client.send(post(body, [`Authorization: ${key}`]));
      wanted.push(`${key}:${body}`);
      await answers(client, index + 1);
    }
    expect(answersOf(client.text()).map(({ body }) => body)).toEqual(wanted);
    expect(served.counts).toEqual({ door: 6, node: 0 });
  });

  it('to the same prompt on many connections stay apart', async () => {
    const waiting: Inbound[] = [];
    served = await serve('fast door', (inbound) => void waiting.push(inbound));
    const clients = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const client = await connectTo(served.port);
        client.send(post('{"prompt":"same"}', [`Authorization: key-${index}`]));
        return client;
      }),
    );
    while (waiting.length < clients.length) await new Promise(setImmediate);
    expect(new Set(waiting.map(({ headers }) => headers)).size).toBe(clients.length);
    for (const inbound of waiting.toReversed()) tell(inbound);
    for (const [index, client] of clients.entries()) {
      const [answer] = await answers(client, 1);
      expect(answer?.body).toBe(`key-${index}:{"prompt":"same"}`);
    }
  });

  it('that come late, after their end, reach nobody', async () => {
    const asked: Inbound[] = [];
    served = await serve('fast door', (inbound) => {
      asked.push(inbound);
      if (asked.length === 1) inbound.respond(200, [], Buffer.from('first'));
    });
    const client = await connectTo(served.port);
    client.send(post('1'));
    await answers(client, 1);
    client.send(post('2'));
    while (asked.length < 2) await new Promise(setImmediate);
    const [stale, current] = asked;
    expect(() => stale?.write('stale')).toThrow();
    expect(() => stale?.end('stale')).toThrow();
    expect(() => stale?.respond(200, [], Buffer.from('stale'))).toThrow();
    stale?.cut();
    current?.respond(200, [], Buffer.from('second'));
    expect((await answers(client, 2)).map(({ body }) => body)).toEqual(['first', 'second']);
  });

  it('of a client that has gone go to no other client', async () => {
    const asked: Inbound[] = [];
    const gone = Promise.withResolvers<void>();
    served = await serve('fast door', (inbound) => {
      asked.push(inbound);
      inbound.onGone = () => gone.resolve();
    });
    const leaver = await connectTo(served.port);
    leaver.send(post('1'));
    while (asked.length < 1) await new Promise(setImmediate);
    leaver.socket.destroy();
    await gone.promise;
    const stayer = await connectTo(served.port);
    stayer.send(post('2'));
    while (asked.length < 2) await new Promise(setImmediate);
    expect(asked[0]?.isGone).toBe(true);
    asked[0]?.begin(200, []);
    asked[0]?.write('for the leaver');
    asked[0]?.end('');
    asked[1]?.respond(200, [], Buffer.from('for the stayer'));
    const [answer] = await answers(stayer, 1);
    expect(answer?.body).toBe('for the stayer');
    expect(stayer.text()).not.toContain('leaver');
  });

  it('are exactly as long as their head says, or the connection breaks', async () => {
    served = await serve('fast door', (inbound) => {
      inbound.begin(200, [], 5);
      expect(() => inbound.end(inbound.bodyLength === 1 ? 'too long' : 'shrt')).toThrow();
    });
    for (const body of ['1', '22']) {
      const client = await connectTo(served.port);
      client.send(post(body));
      expect(answersOf(await client.closed())).toEqual([]);
    }
  });

  it('are framed by nobody but the door', async () => {
    const faults: string[] = [];
    served = await serve('fast door', (inbound) => {
      for (const name of ['Content-Length', 'transfer-encoding', 'Connection', 'keep-alive']) {
        try {
          inbound.begin(200, [name, '0']);
        } catch {
          faults.push(name);
        }
      }
      inbound.respond(200, [], Buffer.from('ok'));
    });
    const client = await connectTo(served.port);
    client.send(post('x'));
    await answers(client, 1);
    expect(faults).toHaveLength(4);
  });

  it('keep the same headers object while the heads repeat, a new one otherwise', async () => {
    const seen: RequestHeaders[] = [];
    served = await serve('fast door', (inbound) => {
      seen.push(inbound.headers);
      tell(inbound);
    });
    const client = await connectTo(served.port);
    const bodies = ['a', 'bb', 'c'.repeat(500), '', 'e'];
    for (const [index, body] of bodies.entries()) {
      client.send(post(body, ['Authorization: x']));
      await answers(client, index + 1);
    }
    client.send(post('a', ['Authorization: y']));
    await answers(client, 6);
    expect(new Set(seen.slice(0, 5)).size).toBe(1);
    expect(seen[5]).not.toBe(seen[0]);
    expect(keyOf(seen[5] ?? {})).toBe('y');
  });
});
