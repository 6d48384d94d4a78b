// The frame reader: any split, any line end, and the bytes kept exactly.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSse, readSse, type SseEvent } from '../../src/base/sse.ts';

function readAll(chunks: readonly Buffer[]): SseEvent[] {
  const reader = readSse();
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
}

function fields(events: readonly SseEvent[]): [string, string][] {
  return events.map(({ name, data }) => [name, data]);
}

function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...chunks, bytes.subarray(at)];
}

const STREAM = [
  'event: greeting\ndata: {"text":"grüß 𝄞 dich"}\n\n',
  ': a comment\n\n',
  'data:no space\ndata: second line\nid: 7\nretry: 10\nunknown: x\n\n',
  'data\n\n',
  'data: [DONE]\n\n',
].join('');

const EXPECTED: [string, string][] = [
  ['greeting', '{"text":"grüß 𝄞 dich"}'],
  ['', ''],
  ['', 'no space\nsecond line'],
  ['', ''],
  ['', '[DONE]'],
];

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
])('a stream with %s line ends', (_, lineEnd) => {
  const bytes = Buffer.from(STREAM.replaceAll('\n', lineEnd));

  it('reads the same events at every split into two', () => {
    for (let at = 0; at <= bytes.length; at++) {
      const events = readAll([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(fields(events.filter((event) => !isBlank(event)))).toEqual(EXPECTED);
    }
  });

  it('reads the same events byte by byte', () => {
    const events = readAll([...bytes].map((byte) => Buffer.from([byte])));
    expect(fields(events.filter((event) => !isBlank(event)))).toEqual(EXPECTED);
  });

  it('keeps every byte in the raw events', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 40 });
    fc.assert(
      fc.property(lengths, (sizes) => {
        const events = readAll(cut(bytes, sizes));
        expect(Buffer.concat(events.map(({ raw }) => raw)).equals(bytes)).toBe(true);
      }),
    );
  });
});

/** The half of a CRLF that came after its event had already been given out. */
function isBlank({ raw }: SseEvent): boolean {
  return /^[\r\n]*$/.test(raw.toString());
}

describe('the frame reader', () => {
  it('gives an event as soon as its blank line is complete', () => {
    const reader = readSse();
    expect(reader.push(Buffer.from('data: a\n'))).toEqual([]);
    expect(fields(reader.push(Buffer.from('\n')))).toEqual([['', 'a']]);
  });

  it('gives an event that ends in lone CRs without waiting for more', () => {
    const reader = readSse();
    expect(fields(reader.push(Buffer.from('data: a\r\r')))).toEqual([['', 'a']]);
    expect(fields(reader.push(Buffer.from('\ndata: b\r\r')))).toEqual([['', 'b']]);
  });

  it('gives a last event that has no blank line after it', () => {
    const reader = readSse();
    reader.push(Buffer.from('event: last\ndata: x'));
    expect(fields(reader.end())).toEqual([['last', 'x']]);
    expect(reader.end()).toEqual([]);
  });

  it('passes over blank lines before an event and a byte order mark', () => {
    expect(fields(readAll([Buffer.from('\uFEFFdata: a\n\n\n\n\ndata: b\n\n')]))).toEqual([
      ['', 'a'],
      ['', 'b'],
    ]);
  });

  it('keeps only one leading space out of a value', () => {
    expect(fields(readAll([Buffer.from('data:  two\n\n')]))).toEqual([['', ' two']]);
  });

  it('leaves events that it gave out untouched while it reads on', () => {
    const reader = readSse();
    reader.push(Buffer.from('data: fir'));
    const [first] = reader.push(Buffer.from('st\n\ndata: sec'));
    reader.push(Buffer.from('ond\n\ndata: third'));
    reader.push(Buffer.alloc(10_000, 'x'));
    expect(first?.raw.toString()).toBe('data: first\n\n');
  });

  it('refuses an event of more than 32 MiB', () => {
    const reader = readSse();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const fill = (): void => {
      for (let i = 0; i < 34; i++) reader.push(chunk);
    };
    expect(fill).toThrowError(expect.objectContaining({ code: 'upstream_failed' }));
  });

  it('reads a large event from many small chunks in linear time', () => {
    const chunk = Buffer.alloc(1024, 'x');
    const reader = readSse();
    const startedMs = performance.now();
    reader.push(Buffer.from('data: '));
    for (let i = 0; i < 24_000; i++) reader.push(chunk);
    const events = reader.push(Buffer.from('\n\n'));
    expect(events[0]?.data.length).toBe(24_000 * 1024);
    // Copying what is held for each of the chunks would move 280 GB.
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('reads a flood of blank lines in linear time', () => {
    const startedMs = performance.now();
    const events = readAll([Buffer.alloc(2_000_000, '\n'), Buffer.from('data: x\n\n')]);
    expect(fields(events)).toEqual([['', 'x']]);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});

describe('formatSse', () => {
  it('writes what the reader reads', () => {
    const text = formatSse('{"a":1}', 'note') + formatSse('[DONE]');
    expect(fields(readAll([Buffer.from(text)]))).toEqual([
      ['note', '{"a":1}'],
      ['', '[DONE]'],
    ]);
  });
});
