// The raw client's parser of answers: generated ones against Node's own parser, and by hand those that
// it must refuse although they come close.

import { describe, expect, it } from 'vitest';
import { proveAnswers } from '../../scripts/prove/parsers/answers.ts';
import { createParser, parseEnd, parseRead } from '../../src/upstream/answer-parser.ts';

const ANSWERS = 20_000;
const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n`;

interface Parsed {
  readonly fault: boolean;
  readonly body: string;
  readonly isComplete: boolean;
  readonly isReusable: boolean;
}

function parse(...reads: readonly string[]): Parsed {
  const parser = createParser();
  let body = '';
  for (const text of reads) {
    const read = Buffer.from(text, 'latin1');
    parseRead(parser, read, read.length);
    body += read.toString('latin1', parser.from, parser.to);
  }
  const isReusable = parser.isComplete && parser.isClean && parser.head?.keepsAlive === true;
  parseEnd(parser);
  return { fault: parser.fault !== undefined, body, isComplete: parser.isComplete, isReusable };
}

describe('the parser of answers', () => {
  it('reads nothing otherwise than the parser of node', () => {
    const seed = Date.now() % 1_000_000;
    console.info(`answers: seed ${seed}`);
    expect(proveAnswers(ANSWERS, seed).violations).toEqual([]);
  });

  it('moves the chunks of a read together into one piece', () => {
    const read = Buffer.from(`${CHUNKED}\r\n3\r\nabc\r\n4\r\ndefg\r\n1\r\nh\r\n2\r\nij`);
    const parser = createParser();
    parseRead(parser, read, read.length);
    expect(read.toString('latin1', parser.from, parser.to)).toBe('abcdefghij');
    expect(parser.isComplete).toBe(false);
  });

  it.each([
    ['two lengths', `${OK}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok`],
    ['a list of lengths', `${OK}Content-Length: 2, 2\r\n\r\nok`],
    ['a length that is no number', `${OK}Content-Length: 0x2\r\n\r\nok`],
    ['a length and chunks', `${CHUNKED}Content-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
    ['chunks twice', `${CHUNKED}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
    ['another coding', `${OK}Transfer-Encoding: gzip\r\n\r\nok`],
    ['a coding before chunks', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['chunks where there is no body', 'HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a folded line', `${OK}X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n`],
    ['a bare line feed', `${OK}X-A: b\nContent-Length: 0\r\n\r\n`],
    ['a bare carriage return', `${OK}X-A: b\rContent-Length: 0\r\n\r\n`],
    ['a NUL', `${OK}X-A: \0\r\nContent-Length: 0\r\n\r\n`],
    ['a space before a colon', `${OK}Content-Length : 0\r\n\r\n`],
    ['a field without a name', `${OK}: 0\r\nContent-Length: 0\r\n\r\n`],
    ['a size that is no number', `${CHUNKED}\r\n0x2\r\nok\r\n0\r\n\r\n`],
    ['no size', `${CHUNKED}\r\n\r\nok\r\n0\r\n\r\n`],
    ['a negative size', `${CHUNKED}\r\n-2\r\nok\r\n0\r\n\r\n`],
    ['a size beyond all numbers', `${CHUNKED}\r\n${'f'.repeat(17)}\r\nok\r\n0\r\n\r\n`],
    ['a chunk longer than its size', `${CHUNKED}\r\n2\r\noky\r\n0\r\n\r\n`],
    ['trailers that frame', `${CHUNKED}\r\n0\r\nContent-Length: 5\r\n\r\n`],
    ['trailers that are none', `${CHUNKED}\r\n0\r\nno colon\r\n\r\n`],
    ['trailers without a bound', `${CHUNKED}\r\n0\r\n${'X-A: b\r\n'.repeat(2_000)}\r\n`],
    ['extensions without a bound', `${CHUNKED}\r\n0${';a=b'.repeat(2_000)}\r\n\r\n`],
    ['a head without a bound', `${OK}X-A: ${'b'.repeat(33_000)}\r\nContent-Length: 0\r\n\r\n`],
    ['another protocol', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['a changed protocol', 'HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n'],
    ['interim answers without an end', 'HTTP/1.1 102 Wait\r\n\r\n'.repeat(20)],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a body that breaks off', `${OK}Content-Length: 5\r\n\r\nok`],
    ['chunks that break off', `${CHUNKED}\r\n2\r\nok\r\n`],
  ])('refuses %s', (_, text) => {
    for (const reads of [[text], text.length < 1_000 ? text.split('') : [text]]) {
      expect(parse(...reads)).toMatchObject({ fault: true, isComplete: false, isReusable: false });
    }
  });

  it.each([
    ['after bytes behind the end', `${OK}Content-Length: 2\r\n\r\nok!`],
    ['after trailers', `${CHUNKED}\r\n2\r\nok\r\n0\r\nX-A: b\r\n\r\n`],
    ['that is to be closed', `${OK}Connection: close\r\nContent-Length: 2\r\n\r\nok`],
    [
      'that is to be closed among others',
      `${OK}Connection: a, Close\r\nContent-Length: 2\r\n\r\nok`,
    ],
    ['in HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['without a length', `${OK}\r\nok`],
  ])('does not let a connection be used again %s', (_, text) => {
    expect(parse(text)).toEqual({ fault: false, body: 'ok', isComplete: true, isReusable: false });
  });

  it.each([
    ['a length', `${OK}Content-Length: 2\r\n\r\nok`],
    ['chunks', `${CHUNKED}\r\n1;a="b c"\r\no\r\n0001\r\nk\r\n0\r\n\r\n`],
  ])('lets a connection be used again after %s, wherever it is split', (_, text) => {
    const expected = { fault: false, body: 'ok', isComplete: true, isReusable: true };
    for (let at = 0; at < text.length; at++) {
      expect(parse(text.slice(0, at), text.slice(at))).toEqual(expected);
    }
    expect(parse(...text.split(''))).toEqual(expected);
  });
});
