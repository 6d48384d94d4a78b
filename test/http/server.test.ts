import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Inbound } from '../../src/http/inbound.ts';
import { type Listening, isGatewayPath, listen } from '../../src/http/server.ts';

const say = (text: string) => (_: IncomingMessage, response: ServerResponse) => {
  response.end(text);
};
const handlers = {
  gateway: (inbound: Inbound) => inbound.respond(200, [], Buffer.from('gateway')),
  pages: say('pages'),
};

/** Sends raw bytes; resolves to all that comes back until the server closes. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('the listening socket', () => {
  let listening: Listening;
  beforeAll(async () => {
    listening = await listen({ host: '127.0.0.1', port: 0, handlers });
  });
  afterAll(() => listening.close(0));

  it.each([
    ['/v1', 'gateway'],
    ['/v1/chat/completions', 'gateway'],
    ['/v1?x=1', 'gateway'],
    ['/v1beta/models/x:generateContent', 'gateway'],
    ['/v1beta', 'gateway'],
    ['/api/hello', 'gateway'],
    ['/api/event_logging/v2/batch', 'gateway'],
    ['/v10/models', 'pages'],
    ['/v1beta2', 'pages'],
    ['/', 'pages'],
    ['/api/v1/session', 'pages'],
    ['/api/hello2', 'pages'],
    ['/x?next=/v1/models', 'pages'],
  ])('gives %s to the %s', async (path, expected) => {
    const response = await fetch(`http://127.0.0.1:${listening.port}${path}`);
    expect(await response.text()).toBe(expected);
    expect(isGatewayPath(path)).toBe(expected === 'gateway');
  });

  it('answers what is not HTTP with 400 and hangs up', async () => {
    const answer = await exchange(listening.port, 'not http at all\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toMatch(/connection: close/i);
  });

  it('answers an oversized head with 431', async () => {
    const head = `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`;
    expect(await exchange(listening.port, head)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('says in a sentence that its port is in use', async () => {
    const { port } = listening;
    await expect(listen({ host: '127.0.0.1', port, handlers })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use by another program; set PORT to a free one.`,
    );
  });

  it('says in a sentence that its address is not of this machine', async () => {
    await expect(listen({ host: '192.0.2.1', port: 0, handlers })).rejects.toThrow(
      "192.0.2.1 is not one of this machine's",
    );
  });
});

describe('closing', () => {
  it('lets an answer that runs end, and takes no new connection', async () => {
    const started = Promise.withResolvers<Inbound>();
    const slow = {
      ...handlers,
      gateway: (inbound: Inbound) => {
        inbound.begin(200, []);
        inbound.write('begun ');
        started.resolve(inbound);
      },
    };
    const listening = await listen({ host: '127.0.0.1', port: 0, handlers: slow });
    const url = `http://127.0.0.1:${listening.port}`;
    const answer = fetch(`${url}/v1`, { headers: { connection: 'close' } });
    const inbound = await started.promise;
    const closed = listening.close(20_000);
    await expect(fetch(url)).rejects.toThrow();
    inbound.end('ended');
    expect(await (await answer).text()).toBe('begun ended');
    await closed;
  });

  it('cuts what does not end in time', async () => {
    const stuck = {
      ...handlers,
      gateway: (inbound: Inbound) => {
        inbound.begin(200, []);
        inbound.write('begun');
      },
    };
    const listening = await listen({ host: '127.0.0.1', port: 0, handlers: stuck });
    const answer = await fetch(`http://127.0.0.1:${listening.port}/v1`);
    await listening.close(50);
    await expect(answer.text()).rejects.toThrow();
  });
});
