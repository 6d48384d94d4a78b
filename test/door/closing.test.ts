// How a server with a door closes: who waits is let go at once, who is being answered gets the whole
// answer, who takes too long is cut. For connections at the door and for those that it handed over.

import { describe, expect, it } from 'vitest';
import { openDoor } from '../../src/door/door.ts';
import type { Inbound, InboundHandler } from '../../src/http/inbound.ts';
import { type Listening, listen } from '../../src/http/server.ts';
import { HOT, answers, answersOf, connectTo, post } from './world.ts';

async function start(handler: InboundHandler): Promise<Listening> {
  return listen({
    host: '127.0.0.1',
    port: 0,
    handlers: { gateway: handler, pages: (_, response) => response.end('page') },
    openDoor: (server) => openDoor({ server, isHot: (_, path) => path === HOT, serve: handler }),
  });
}

/** Hot: by the door. Cold: handed over to node:http. */
const KINDS = { 'at the door': HOT, 'handed over': '/v1/cold' } as const;

describe.each(Object.entries(KINDS))('closing, for connections %s', (_, path) => {
  it('lets go at once who has no request under way', async () => {
    const listening = await start((inbound) => inbound.respond(200, [], Buffer.from('ok')));
    const kept = await connectTo(listening.port);
    kept.send(post('a', [], path));
    await answers(kept, 1);
    const fresh = await connectTo(listening.port);
    const begunMs = performance.now();
    // A connection that has said nothing yet is known to the server after this.
    await answers(kept, 1);
    await listening.close(20_000);
    await Promise.all([kept.closed(), fresh.closed()]);
    expect(performance.now() - begunMs).toBeLessThan(5_000);
  });

  it('waits for an answer that is under way, then lets go', async () => {
    const asked = Promise.withResolvers<Inbound>();
    const listening = await start((inbound) => {
      inbound.begin(200, []);
      inbound.write('begun ');
      asked.resolve(inbound);
    });
    const client = await connectTo(listening.port);
    client.send(post('a', [], path));
    const inbound = await asked.promise;
    await client.until((text) => text.includes('begun'));
    const closed = listening.close(20_000);
    await expect(connectTo(listening.port)).rejects.toThrow('ECONNREFUSED');
    inbound.end('ended');
    const [answer] = answersOf(await client.closed());
    expect(answer?.body).toBe('begun ended');
    await closed;
  });

  it('cuts what does not end in time, and the handler hears of it', async () => {
    const gone = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const listening = await start((inbound) => {
      inbound.onGone = () => gone.resolve();
      inbound.begin(200, []);
      inbound.write('begun');
      begun.resolve();
    });
    const client = await connectTo(listening.port);
    client.send(post('a', [], path));
    await begun.promise;
    await listening.close(50);
    await gone.promise;
    expect(answersOf(await client.closed())).toEqual([]);
  });
});

describe('closing at the door', () => {
  it('says in an answer that begins from then on that it is the last one', async () => {
    const asked = Promise.withResolvers<Inbound>();
    const listening = await start((inbound) => asked.resolve(inbound));
    const client = await connectTo(listening.port);
    client.send(post('a'));
    const inbound = await asked.promise;
    const closed = listening.close(20_000);
    inbound.respond(200, [], Buffer.from('late'));
    const [answer] = answersOf(await client.closed());
    expect([answer?.body, answer?.headers.get('connection')]).toEqual(['late', 'close']);
    await closed;
  });

  it('answers a request whose head was on its way, as the last one', async () => {
    const listening = await start((inbound) => inbound.respond(200, [], Buffer.from('ok')));
    const client = await connectTo(listening.port);
    const bytes = post('a');
    client.send(bytes.subarray(0, 20));
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    const closed = listening.close(20_000);
    client.send(bytes.subarray(20));
    const [answer] = answersOf(await client.closed());
    expect([answer?.body, answer?.headers.get('connection')]).toEqual(['ok', 'close']);
    await closed;
  });

  it('sends a large answer whole before it lets go', async () => {
    const asked = Promise.withResolvers<Inbound>();
    const listening = await start((inbound) => asked.resolve(inbound));
    const client = await connectTo(listening.port);
    client.socket.pause();
    client.send(post('a'));
    const inbound = await asked.promise;
    const body = Buffer.alloc(20 * 1024 * 1024, 'x');
    inbound.respond(200, [], body);
    const closed = listening.close(20_000);
    client.socket.resume();
    const text = await client.closed();
    expect(answersOf(text)[0]?.body.length).toBe(body.length);
    await closed;
  });
});
