// The reader of lines: any split, both line ends, and the bytes kept exactly.

import { describe, expect, it } from 'vitest';
import { readNdjson } from '../../src/base/ndjson.ts';
import type { SseEvent } from '../../src/base/sse.ts';

function readAll(...chunks: readonly Buffer[]): SseEvent[] {
  const reader = readNdjson();
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
}

const LINES = ['{"text":"grüß 𝄞 dich"}', '{"text":"a\\nb"}', '{"done":true}'];

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
])('lines that end with %s', (_, lineEnd) => {
  const bytes = Buffer.from(LINES.join(lineEnd) + lineEnd);

  it('are the same at every split into two, and byte by byte', () => {
    const single = readAll(...[...bytes].map((byte) => Buffer.from([byte])));
    expect(single.map(({ data }) => data)).toEqual(LINES);
    for (let at = 0; at <= bytes.length; at++) {
      const events = readAll(bytes.subarray(0, at), bytes.subarray(at));
      expect(events.map(({ data }) => data)).toEqual(LINES);
      expect(Buffer.concat(events.map(({ raw }) => raw))).toEqual(bytes);
    }
  });

  it('may be blank, and the last one may have no end', () => {
    const text = `${lineEnd}${LINES[0]}${lineEnd} ${lineEnd}${LINES[1]}`;
    expect(readAll(Buffer.from(text)).map(({ data }) => data)).toEqual(LINES.slice(0, 2));
  });
});

it('a line that begins with a byte order mark is read without it', () => {
  expect(readAll(Buffer.from('\uFEFF{}\n')).map(({ data }) => data)).toEqual(['{}']);
});

it('a line beyond all measure is not believed', () => {
  const reader = readNdjson();
  const megabyte = Buffer.alloc(1024 * 1024, 'a');
  const push = () => {
    for (let i = 0; i <= 32; i++) reader.push(megabyte);
  };
  expect(push).toThrowError(expect.objectContaining({ code: 'upstream_failed' }));
});
