// What is not plain goes to node:http with every byte: the same bytes sent to a server with the door
// and to one without it bring the same answers, right requests and wrong ones alike.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOT, type Served, answers, connectTo, echo, echoOf, post, serve } from './world.ts';

let door: Served;
let node: Served;
beforeAll(async () => {
  const limits = { headersTimeout: 600, requestTimeout: 600, maxHeaderSize: 32 * 1024 };
  door = await serve('fast door', (inbound) => void echo(inbound), limits);
  node = await serve('node:http', (inbound) => void echo(inbound), limits);
});
afterAll(async () => {
  await door.close();
  await node.close();
});

/** All that comes back for these bytes until the server closes, but for dates and header order. */
async function converse(served: Served, pieces: readonly (string | Buffer)[]): Promise<string> {
  const client = await connectTo(served.port);
  for (const piece of pieces) {
    client.send(piece);
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  }
  const text = await client.closed();
  return text
    .replaceAll(/\r\nDate: [^\r]+/g, '')
    .replaceAll(
      /\r\ncontent-length: (\d+)(\r\nConnection: [^\r]+(?:\r\nKeep-Alive: [^\r]+)?)/gi,
      '$2\r\nLength: $1',
    )
    .replaceAll(/\r\ncontent-length: /gi, '\r\nLength: ');
}

const LAST = 'Connection: close';
const head = (lines: readonly string[], first = `POST ${HOT} HTTP/1.1`): string =>
  `${[first, ...lines].join('\r\n')}\r\n\r\n`;
const HOST = 'Host: hub';
const FIVE = 'Content-Length: 5';

const ODD: Readonly<Record<string, readonly (string | Buffer)[]>> = {
  'a GET': [head([HOST, LAST], 'GET / HTTP/1.1')],
  'a path that is not hot': [post('abc', [LAST], '/v1/cold')],
  'a chunked body': [`${head([HOST, LAST, 'Transfer-Encoding: chunked'])}3\r\nabc\r\n0\r\n\r\n`],
  'no length': [head([HOST, LAST])],
  'no Host': [`${head([LAST, FIVE])}abcde`],
  'two Hosts': [`${head([HOST, HOST, LAST, FIVE])}abcde`],
  'HTTP/1.0': [`${head([HOST, FIVE], `POST ${HOT} HTTP/1.0`)}abcde`],
  'HTTP/0.9': [`POST ${HOT}\r\n\r\n`],
  'an expectation': [head([HOST, LAST, FIVE, 'Expect: 100-continue']), 'abcde'],
  'an upgrade that nobody wants': [`${head([HOST, FIVE, 'Upgrade: h2c', LAST])}abcde`],
  'several requests at once': [Buffer.concat([post('1'), post('22'), post('333', [LAST])])],
  'a head in twenty pieces': [...head([HOST, LAST, FIVE]).split(/(?<=[a-z]{3})/), 'abcde'],
  'a plain one, then a chunked one': [
    post('plain'),
    `${head([HOST, LAST, 'Transfer-Encoding: chunked'])}3\r\nabc\r\n0\r\n\r\n`,
  ],
  'a plain one, then a GET in pieces': [
    post('plain'),
    'GE',
    `T / HTTP/1.1\r\nHost: a\r\n${LAST}\r\n`,
    '\r\n',
  ],
  'empty lines before it': [`\r\n\r\n${head([HOST, LAST, FIVE])}abcde`],
  'one header twice': [`${head([HOST, LAST, FIVE, 'X-A: 1', 'x-a: 2'])}abcde`],
  'a header of 17 KB': [`${head([HOST, LAST, FIVE, `X-A: ${'a'.repeat(17_000)}`])}abcde`],
  'a header of 17 KB in pieces': [
    `POST ${HOT} HTTP/1.1\r\nX-A: ${'a'.repeat(9_000)}`,
    `${'a'.repeat(8_000)}\r\n${HOST}\r\n${LAST}\r\n${FIVE}\r\n\r\nabcde`,
  ],
};

const WRONG: Readonly<Record<string, readonly (string | Buffer)[]>> = {
  'no HTTP at all': ['hello\r\n\r\n'],
  'a TLS greeting': [Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, 13, 10, 13, 10])],
  'a length and chunks': [`${head([HOST, FIVE, 'Transfer-Encoding: chunked'])}0\r\n\r\n`],
  'two lengths': [`${head([HOST, FIVE, 'Content-Length: 6'])}abcde`],
  'the same length twice': [`${head([HOST, FIVE, FIVE])}abcde`],
  'a length of -5': [`${head([HOST, 'Content-Length: -5'])}abcde`],
  'a length of 0x5': [`${head([HOST, 'Content-Length: 0x5'])}abcde`],
  'a length of +5': [`${head([HOST, 'Content-Length: +5'])}abcde`],
  'a length beyond 64 bits': [`${head([HOST, 'Content-Length: 18446744073709551621'])}abcde`],
  'a length that is too short, in one read': [`${head([HOST, 'Content-Length: 3'])}abcde\r\n\r\n`],
  'a length that is too short, in two': [
    `${head([HOST, 'Content-Length: 3'])}abc`,
    'de fg\r\n\r\n',
  ],
  'line ends without CR': [`POST ${HOT} HTTP/1.1\nHost: hub\nContent-Length: 5\n\nabcde`],
  'one line end without CR': [`POST ${HOT} HTTP/1.1\r\n${HOST}\nX: y\r\n${FIVE}\r\n\r\nabcde`],
  'a CR in a value': [`${head([HOST, FIVE, 'X: a\rb'])}abcde`],
  'a folded line': [`${head([HOST, FIVE, 'X: a', ' b'])}abcde`],
  'a space before a colon': [`${head([HOST, 'Content-Length : 5'])}abcde`],
  'a NUL in a value': [`${head([HOST, FIVE, 'X: a\0b'])}abcde`],
  'a NUL in a name': [`${head([HOST, FIVE, 'X\0: a'])}abcde`],
  'a name with a space': [`${head([HOST, FIVE, 'X Y: a'])}abcde`],
  'a method in small letters': [head([HOST, FIVE], `post ${HOT} HTTP/1.1`)],
  'a version that is none': [head([HOST, FIVE], `POST ${HOT} HTTP/9.9`)],
  'a head of 40 KB': [head([HOST, FIVE, `X: ${'a'.repeat(40_000)}`])],
  'a head of 40 KB in small pieces': [
    `POST ${HOT} HTTP/1.1\r\n`,
    ...Array.from({ length: 40 }, (_, i) => `X-${i}: ${'a'.repeat(1_000)}\r\n`),
  ],
  'a plain request, then no HTTP': [post('plain'), 'hello\r\n\r\n'],
};

describe('a connection that is handed over', () => {
  it.each(Object.entries(ODD))('is answered as by node:http: %s', async (_, pieces) => {
    const wanted = await converse(node, pieces);
    expect(wanted).toMatch(/^HTTP\/1\.1 [1-4]\d\d /);
    const before = door.counts.node;
    expect(await converse(door, pieces)).toBe(wanted);
    if (wanted.includes(' 200 ')) expect(door.counts.node).toBeGreaterThan(before);
  });

  it.each(Object.entries(WRONG))('is refused and closed as by node:http: %s', async (_, pieces) => {
    const wanted = await converse(node, pieces);
    expect(wanted).toMatch(/HTTP\/1\.1 4(?:00|31) [^\r]+\r\nConnection: close\r\n\r\n$/);
    expect(await converse(door, pieces)).toBe(wanted);
  });

  it('stays with node:http and loses nothing, wherever the network cuts the bytes', async () => {
    const bytes = Buffer.concat([
      post('a', ['X-First: 1']),
      Buffer.from(head([HOST, 'Transfer-Encoding: chunked'])),
      Buffer.from('3\r\nabc\r\n0\r\n\r\n'),
      post('zz'),
    ]);
    const wanted = ['a', 'abc', 'zz'].map((body) => echoOf(HOT, Buffer.from(body)));
    for (let at = 1; at < bytes.length; at++) {
      const client = await connectTo(door.port);
      client.send(bytes.subarray(0, at));
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
      client.send(bytes.subarray(at));
      expect((await answers(client, 3)).map(({ body }) => body)).toEqual(wanted);
      client.socket.destroy();
    }
  });
});
