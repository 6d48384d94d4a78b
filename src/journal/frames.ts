// How a record stands in a file: `<checksum> <length> <line>` and a line end, the first two in hex.
// The checksum covers the bytes, their length and their place (segment and position), so a line
// that was changed, cut, copied or moved is found; and because a frame proves itself wherever it
// begins, whatever stands behind a damaged place is found again.

import { isAscii } from 'node:buffer';
import { crc32 } from 'node:zlib';

const CHECKSUM_DIGITS = 8;
const LENGTH_DIGITS = 6;
const HEAD_BYTES = CHECKSUM_DIGITS + 1 + LENGTH_DIGITS + 1;
/** Everything of a frame that is not the record. */
export const FRAME_BYTES = HEAD_BYTES + 1;
const HEAD = /^[0-9a-f]{8} [0-9a-f]{6} $/;
const HEAD_SAMPLE = '00000000 000000 ';
const SPACE = 32;
const LINE_END = 10;
const HEX_DIGITS = Buffer.from('0123456789abcdef');
/** No UTF-16 unit takes more bytes than this in UTF-8. */
const MOST_BYTES_A_UNIT = 3;
/** Odd, so that different segments start their checksums at different values. */
const SEGMENT_FACTOR = 0x9e37_79b1;
const LENGTH_FACTOR = 0x85eb_ca6b;

export interface ParsedFrames {
  readonly records: readonly string[];
  /** How many bytes the records take; what follows is no whole, sound frame. */
  readonly bytes: number;
}

/** Makes frames into the same memory again and again; the result holds until the next call. */
export function createFramer(): (
  records: readonly string[],
  segment: number,
  position: number,
) => Buffer {
  let memory = Buffer.alloc(0);
  return (records, segment, position) => {
    let most = 0;
    for (const record of records) most += record.length * MOST_BYTES_A_UNIT + FRAME_BYTES;
    if (most > memory.length) memory = Buffer.allocUnsafeSlow(most * 2);
    let at = 0;
    for (const record of records) at = writeFrame(memory, at, record, segment, position + at);
    return memory.subarray(0, at);
  };
}

/** One frame that stands at this place. */
export function frameRecord(record: string, segment: number, position: number): Buffer {
  return createFramer()([record], segment, position);
}

/** The sound frames from the beginning of `bytes`, which stand at `position`, up to `limit`. */
export function parseFrames(
  bytes: Buffer,
  segment: number,
  position: number,
  limit: number,
): ParsedFrames {
  const ends: number[] = [];
  let at = 0;
  while (ends.length < limit) {
    const end = frameEnd(bytes, at, segment, position + at);
    if (end === undefined) break;
    ends.push(end);
    at = end;
  }
  return { records: recordsOf(bytes.subarray(0, at), ends), bytes: at };
}

/** Parts of one text, where each byte is a sign: they cost a third of texts of their own. */
function recordsOf(bytes: Buffer, ends: readonly number[]): string[] {
  const text = isAscii(bytes) ? bytes.toString('latin1') : undefined;
  let next = 0;
  return ends.map((end) => {
    const [begin, last] = [next + HEAD_BYTES, end - 1];
    next = end;
    return text?.slice(begin, last) ?? bytes.toString('utf8', begin, last);
  });
}

/** Where in `bytes` the first sound frame begins that is not at its very beginning. */
export function findFrame(bytes: Buffer, segment: number, position: number): number | undefined {
  for (let at = 1; at + FRAME_BYTES <= bytes.length; at++) {
    if (frameEnd(bytes, at, segment, position + at) !== undefined) return at;
  }
  return undefined;
}

/**
 * Whether a write that a crash cut short can have left these bytes at a file's end: the beginning of
 * one frame, which has no line end, and zeros where the file was made longer before it was filled.
 */
export function isTornFrame(bytes: Buffer): boolean {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  if (bytes.subarray(0, end).includes(LINE_END)) return false;
  const head = bytes.toString('latin1', 0, Math.min(end, HEAD_BYTES));
  if (!HEAD.test(head + HEAD_SAMPLE.slice(head.length))) return false;
  return end < HEAD_BYTES || end < HEAD_BYTES + lengthAt(bytes, 0) + 1;
}

function writeFrame(
  into: Buffer,
  at: number,
  record: string,
  segment: number,
  position: number,
): number {
  const begin = at + HEAD_BYTES;
  const length = into.write(record, begin, 'utf8');
  const end = begin + length;
  writeHex(into, at, CHECKSUM_DIGITS, checksumOf(into, begin, end, segment, position));
  into[at + CHECKSUM_DIGITS] = SPACE;
  writeHex(into, at + CHECKSUM_DIGITS + 1, LENGTH_DIGITS, length);
  into[begin - 1] = SPACE;
  into[end] = LINE_END;
  return end + 1;
}

/** The end of the frame that begins at `at`, or undefined when there is no whole, sound one. */
function frameEnd(
  bytes: Buffer,
  at: number,
  segment: number,
  position: number,
): number | undefined {
  // Cheap signs first: after a damaged place this is asked of every byte.
  if (bytes[at + CHECKSUM_DIGITS] !== SPACE || bytes[at + HEAD_BYTES - 1] !== SPACE)
    return undefined;
  const begin = at + HEAD_BYTES;
  const end = begin + lengthAt(bytes, at);
  if (!(end < bytes.length) || bytes[end] !== LINE_END) return undefined;
  const checksum = checksumOf(bytes, begin, end, segment, position);
  return checksum === readHex(bytes, at, CHECKSUM_DIGITS) ? end + 1 : undefined;
}

function lengthAt(bytes: Buffer, at: number): number {
  return readHex(bytes, at + CHECKSUM_DIGITS + 1, LENGTH_DIGITS);
}

/** Lower-case digits, as `writeHex` writes them; NaN for anything else. */
function readHex(bytes: Buffer, at: number, digits: number): number {
  let value = 0;
  for (let place = at; place < at + digits; place++) {
    const code = bytes[place] ?? 0;
    if (code >= 0x30 && code <= 0x39) value = value * 16 + code - 0x30;
    else if (code >= 0x61 && code <= 0x66) value = value * 16 + code - 0x57;
    else return Number.NaN;
  }
  return value;
}

function checksumOf(
  bytes: Buffer,
  begin: number,
  end: number,
  segment: number,
  position: number,
): number {
  const place =
    (Math.imul(segment, SEGMENT_FACTOR) + Math.imul(end - begin, LENGTH_FACTOR) + position) >>> 0;
  return crc32(bytes.subarray(begin, end), place);
}

/** The lowest digits, with leading zeros. */
function writeHex(into: Buffer, at: number, digits: number, value: number): void {
  for (let i = digits - 1, rest = value; i >= 0; i--, rest >>>= 4) {
    into[at + i] = HEX_DIGITS[rest & 15] ?? 0;
  }
}
