// The reader of Amazon's event streams against frames of Amazon's own encoder: any split, both
// checksums, every kind of header, and nothing that it would throw at.

import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MALFORMED, readAwsEventStream } from '../../src/base/aws-event-stream.ts';
import type { SseEvent } from '../../src/base/sse.ts';
import { errorFrame, eventFrame, exceptionFrame, frame } from '../support/bedrock-frames.ts';

function readAll(...chunks: readonly Buffer[]): SseEvent[] {
  const reader = readAwsEventStream();
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
}

const named = (events: readonly SseEvent[]) => events.map(({ name, data }) => [name, data]);

const FRAMES = [
  eventFrame('messageStart', { role: 'assistant' }),
  eventFrame('contentBlockDelta', { delta: { text: 'Grüße 🌧' } }),
  exceptionFrame('throttlingException', 'slow down'),
  errorFrame('InternalError', 'not "here"'),
];
const STREAM = Buffer.concat(FRAMES);
const EXPECTED = [
  ['messageStart', '{"role":"assistant","p":"abcdefghij"}'],
  ['contentBlockDelta', '{"delta":{"text":"Grüße 🌧"},"p":"abcdefghij"}'],
  ['exception:throttlingException', '{"message":"slow down"}'],
  ['error:InternalError', '{"message":"not \\"here\\""}'],
];

function prelude(length: number, headersLength: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(headersLength, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  return bytes;
}

/** A frame whose checksums hold, whatever its headers are. */
function checkedFrame(headers: Buffer): Buffer {
  const bytes = Buffer.concat([prelude(headers.length + 16, headers.length), headers]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return Buffer.concat([bytes, checksum]);
}

describe('reading an event stream', () => {
  it('gives events, exceptions and errors their names and payloads, and keeps their bytes', () => {
    const events = readAll(STREAM);
    expect(named(events)).toEqual(EXPECTED);
    expect(events.map(({ raw }) => raw)).toEqual(FRAMES);
  });

  it('gives the same at every split into two, and byte by byte', () => {
    for (let at = 0; at <= STREAM.length; at++) {
      expect(named(readAll(STREAM.subarray(0, at), STREAM.subarray(at)))).toEqual(EXPECTED);
    }
    const bytes = Array.from(STREAM, (byte) => Buffer.from([byte]));
    const events = readAll(...bytes);
    expect(named(events)).toEqual(EXPECTED);
    expect(events.map(({ raw }) => raw)).toEqual(FRAMES);
  });

  it('passes over headers of every kind', () => {
    const bytes = frame(
      {
        yes: { type: 'boolean', value: true },
        no: { type: 'boolean', value: false },
        byte: { type: 'byte', value: -1 },
        short: { type: 'short', value: 300 },
        integer: { type: 'integer', value: 70_000 },
        binary: { type: 'binary', value: Buffer.alloc(300, 7) },
        time: { type: 'timestamp', value: new Date(0) },
        uuid: { type: 'uuid', value: '12345678-1234-1234-1234-123456789abc' },
        ':message-type': { type: 'string', value: 'event' },
        ':event-type': { type: 'string', value: 'metadata' },
      },
      '{}',
    );
    expect(named(readAll(bytes))).toEqual([['metadata', '{}']]);
  });

  it('holds back half a frame, and drops it at the end', () => {
    expect(readAll(STREAM.subarray(0, STREAM.length - 1))).toHaveLength(3);
    expect(readAll(STREAM.subarray(0, 5))).toEqual([]);
  });

  it('reads what the encoder writes, in any pieces', () => {
    const payloads = fc.array(fc.tuple(fc.string(), fc.string({ unit: 'grapheme' })));
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });
    fc.assert(
      fc.property(payloads, sizes, (list, lengths) => {
        const bytes = Buffer.concat(list.map(([type, words]) => eventFrame(type, { words })));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = lengths[i % lengths.length]!;
          chunks.push(bytes.subarray(at, at + length));
          at += length;
        }
        const read = readAll(...chunks).map(({ name, data }) => [name, JSON.parse(data).words]);
        expect(read).toEqual(list);
      }),
    );
  });
});

describe('a stream that cannot be believed', () => {
  const good = FRAMES[0]!;

  it('ends at the first bit that is another, wherever it is', () => {
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = Buffer.from(good);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      const names = readAll(good, Buffer.concat([bad, good])).map(({ name }) => name);
      expect(names, `bit ${bit}`).toEqual(['messageStart', MALFORMED]);
    }
  });

  it('gives nothing after it', () => {
    const bad = Buffer.from(good);
    bad[20]! ^= 1;
    expect(readAll(bad, good, good).map(({ name }) => name)).toEqual([MALFORMED]);
  });

  it.each([
    ['is larger than any', 33 * 1024 * 1024, 0],
    ['is smaller than any', 15, 0],
    ['has more headers than bytes', 40, 25],
  ])('is not waited for where a frame %s', (_, length, headersLength) => {
    expect(readAll(prelude(length, headersLength))).toMatchObject([{ name: MALFORMED }]);
  });

  it('ends at headers that are none, though both checksums hold', () => {
    const kind = '\r:message-type\x07\x00\x05event';
    const read = (headers: string) => readAll(checkedFrame(Buffer.from(kind + headers, 'latin1')));
    expect(read('')).toMatchObject([{ name: '' }]);
    for (const headers of [
      '\x05abc',
      '\x01a\x07\x00\x05abc',
      '\x01a\x0a',
      '\x01a\x07\x00',
      '\x01a\x05',
    ]) {
      expect(read(headers), headers).toMatchObject([{ name: MALFORMED }]);
    }
  });

  it('ends where a frame is of no known kind', () => {
    const odd = frame({ ':message-type': { type: 'string', value: 'odd' } }, '{}');
    expect(readAll(odd).map(({ name }) => name)).toEqual([MALFORMED]);
    expect(readAll(frame({}, '{}')).map(({ name }) => name)).toEqual([MALFORMED]);
  });

  it('never makes the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (headers) => {
        expect(() => readAll(checkedFrame(Buffer.from(headers)))).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        expect(() => readAll(...chunks.map((chunk) => Buffer.from(chunk)))).not.toThrow();
      }),
    );
  });
});
