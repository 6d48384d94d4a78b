// What the door takes for plain, by examples; and that whatever it takes node's own parser reads alike,
// by a sample of what `npm run prove:parsers` does at length.

import { describe, expect, it } from 'vitest';
import { proveHeads } from '../../scripts/prove/parsers/heads.ts';
import { type Head, type IsHot, type Reading } from '../../src/door/head.ts';
import { readHead, repeatsHead } from '../../src/door/head.ts';

const isHot: IsHot = (method, path) => method === 'POST' && path === '/v1/hot';

const read = (lines: readonly string[], first = 'POST /v1/hot HTTP/1.1'): Reading =>
  readHead(Buffer.from(`${[first, ...lines].join('\r\n')}\r\n\r\n`, 'latin1'), isHot);

function accept(lines: readonly string[], first?: string): Head {
  const reading = read(lines, first);
  if (typeof reading === 'string') throw new Error(`The head is ${reading}.`);
  return reading;
}

const HOST = 'Host: hub';
const FIVE = 'Content-Length: 5';

describe('the head of a request', () => {
  it('is read: URL, headers, length, what becomes of the connection', () => {
    const lines = ['HOST: hub ', 'x-a:b', 'X-Empty:', 'X-C: \t d\te ', 'content-length:  12 \t'];
    const head = accept(lines, 'POST /v1/hot?beta=true&x=%20 HTTP/1.1');
    expect(head.url).toBe('/v1/hot?beta=true&x=%20');
    expect({ ...head.headers }).toEqual({ host: 'hub', 'x-a': 'b', 'x-empty': '', 'x-c': 'd\te' });
    expect([head.bodyLength, head.keepAlive]).toEqual([12, true]);
    expect(head.length).toBe(head.bytes.length);
    expect(accept([HOST, FIVE, 'connection: Close']).keepAlive).toBe(false);
    expect(accept([HOST, FIVE, 'Connection: Keep-Alive']).keepAlive).toBe(true);
  });

  it('has headers that are nobody else’s: no prototype, none inherited', () => {
    const { headers } = accept([HOST, FIVE, 'constructor: x', 'toString: y']);
    expect(headers['constructor']).toBe('x');
    expect(headers['hasOwnProperty']).toBeUndefined();
    expect(Object.getPrototypeOf(headers)).toBeNull();
  });

  it.each([
    ['another path', [HOST, FIVE], 'POST /v1/cold HTTP/1.1'],
    ['a path behind the hot one', [HOST, FIVE], 'POST /v1/hot/ HTTP/1.1'],
    ['another method', [HOST, FIVE], 'PUT /v1/hot HTTP/1.1'],
    ['a whole URL', [HOST, FIVE], 'POST http://hub/v1/hot HTTP/1.1'],
    ['a fragment', [HOST, FIVE], 'POST /v1/hot#a HTTP/1.1'],
    ['an escaped path', [HOST, FIVE], 'POST /v1/%68ot HTTP/1.1'],
    ['HTTP/1.0', [HOST, FIVE], 'POST /v1/hot HTTP/1.0'],
    ['two spaces', [HOST, FIVE], 'POST  /v1/hot HTTP/1.1'],
    ['no Host', [FIVE], undefined],
    ['an empty Host', ['Host:', FIVE], undefined],
    ['two Hosts', [HOST, HOST, FIVE], undefined],
    ['no length', [HOST], undefined],
    ['an empty length', [HOST, 'Content-Length:'], undefined],
    ['two lengths', [HOST, FIVE, FIVE], undefined],
    ['a list of lengths', [HOST, 'Content-Length: 5, 5'], undefined],
    ['a signed length', [HOST, 'Content-Length: +5'], undefined],
    ['a length with a zero before it', [HOST, 'Content-Length: 05'], undefined],
    ['a length of 16 digits', [HOST, 'Content-Length: 1000000000000000'], undefined],
    ['a transfer coding', [HOST, FIVE, 'Transfer-Encoding: identity'], undefined],
    ['an expectation', [HOST, FIVE, 'Expect: 100-continue'], undefined],
    ['an upgrade', [HOST, FIVE, 'Upgrade: h2c'], undefined],
    ['options of the connection', [HOST, FIVE, 'Connection: close, x'], undefined],
    ['options of a proxy', [HOST, FIVE, 'Proxy-Connection: close'], undefined],
    ['a header twice', [HOST, FIVE, 'x-a: b', 'X-A: b'], undefined],
    ['a prototype', [HOST, FIVE, '__proto__: x'], undefined],
    ['a folded line', [HOST, 'x-a: b', ' c', FIVE], undefined],
    ['a space before a colon', [HOST, 'Content-Length : 5'], undefined],
    ['a name that is no token', [HOST, FIVE, 'x(a): b'], undefined],
    ['a line without a colon', [HOST, FIVE, 'x'], undefined],
    ['a bare CR', [HOST, FIVE, 'x: a\rb'], undefined],
    ['a bare LF', [HOST, FIVE, 'x: a\nb'], undefined],
    ['a NUL', [HOST, FIVE, 'x: a\0'], undefined],
    ['a byte beyond ASCII', [HOST, FIVE, 'x: \xe9'], undefined],
    ['more than a hundred headers', [HOST, FIVE, ...many(99)], undefined],
    ['more than 16 KiB', [HOST, FIVE, `x: ${'a'.repeat(16 * 1024)}`], undefined],
  ])('is left to node:http when it has %s', (_, lines, first) => {
    expect(read(lines, first)).toBe('foreign');
  });

  it('is waited for while it is not whole, and no longer than it may become right', () => {
    const bytes = Buffer.from(`POST /v1/hot HTTP/1.1\r\n${HOST}\r\n${FIVE}\r\n\r\nabcde`);
    const length = bytes.indexOf('abcde');
    for (let end = 0; end < length; end++) {
      expect(readHead(bytes.subarray(0, end), isHot)).toBe('part');
    }
    expect(readHead(bytes.subarray(0, length), isHot)).toMatchObject({ length, bodyLength: 5 });
    for (const wrong of ['G', 'POST/', 'POST / HTTP/1.1\n', 'POST \x00', 'POST /\rx']) {
      expect(readHead(Buffer.from(wrong), isHot)).toBe('foreign');
    }
    expect(readHead(Buffer.from(`POST /${'a'.repeat(17_000)}`), isHot)).toBe('foreign');
  });

  it('takes no time to refuse that grows with the square of its length', () => {
    const blanks = Buffer.from(`POST /v1/hot HTTP/1.1\r\nx:${' '.repeat(15_000)}\x01\r\n\r\n`);
    const names = Buffer.from(`POST /v1/hot HTTP/1.1\r\n${'a'.repeat(15_000)}\r\n\r\n`);
    const begunMs = performance.now();
    for (let i = 0; i < 50; i++) {
      expect(readHead(blanks, isHot)).toBe('foreign');
      expect(readHead(names, isHot)).toBe('foreign');
    }
    expect(performance.now() - begunMs).toBeLessThan(1_000);
  });
});

describe('a head that repeats', () => {
  const head = (length: string, key = 'x'): Buffer =>
    Buffer.from(
      `POST /v1/hot HTTP/1.1\r\n${HOST}\r\nContent-Length: ${length}\r\nk: ${key}\r\n\r\n`,
    );
  const known = readHead(head('12'), isHot) as Head;

  it.each(['0', '7', '12', '99', '123456', '999999999999999'])(
    'is known again with a length of %s',
    (length) => {
      const bytes = Buffer.concat([head(length), Buffer.from('body')]);
      expect(repeatsHead(known, bytes)).toBe(true);
      expect(known).toMatchObject({ bodyLength: Number(length), length: bytes.length - 4 });
    },
  );

  it.each([
    ['another header', head('12', 'y')],
    ['a longer header', head('12', 'xx')],
    ['no digits', head('')],
    ['a zero before them', head('012')],
    ['a sign', head('-12')],
    ['a space within', head('1 2')],
    ['sixteen digits', head('1234567890123456')],
    ['less than all of it', head('12').subarray(0, -1)],
    ['the beginning only', head('12').subarray(0, 20)],
  ])('is read anew with %s', (_, bytes) => {
    expect(repeatsHead(known, bytes)).toBe(false);
  });
});

it('every head that the door takes is read alike by the parser of node', () => {
  const { violations, figures } = proveHeads(20_000, 20_261_124);
  expect(violations).toEqual([]);
  const [accepted = 0, count = 1] = figures[0]?.match(/\d+/g)?.map(Number) ?? [];
  expect(accepted / count).toBeGreaterThan(0.3);
});

function many(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `x-${index}: ${index}`);
}
