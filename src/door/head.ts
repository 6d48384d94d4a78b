// The head of a request, read strictly: only what every parser in the world reads alike is taken, and
// the rest is left to node's own parser. What is taken here is held to that parser, head by head, by
// scripts/prove/parsers/heads.ts; https://www.rfc-editor.org/rfc/rfc9112#section-11.2 says why.

import type { RequestHeaders } from '../http/inbound.ts';

export interface Head {
  /** Path and query, as they came. */
  readonly url: string;
  /** Lower-case names, each once; without `content-length`, so that repeated heads share them. */
  readonly headers: RequestHeaders;
  readonly keepAlive: boolean;
  /** What came, with its empty line; kept to know it again. */
  readonly bytes: Buffer;
  /** Where the digits of the Content-Length begin in `bytes`, and where they end. */
  readonly digitsAt: number;
  readonly digitsEnd: number;
  /** In bytes, like `bodyLength`: both are of the request at hand, all else is of its likes too. */
  length: number;
  bodyLength: number;
}

/** `part`: not whole yet. `foreign`: not for this parser, be it right or wrong. */
export type Reading = Head | 'part' | 'foreign';

export type IsHot = (method: string, path: string) => boolean;

export const MAX_HEAD_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
const MAX_DIGITS = 15;
const ZERO = 48;

const METHOD = 'POST';
const START = Buffer.from(`${METHOD} `);
// No part of these can be read in two ways, so that they take linear time.
const REQUEST_LINE = /POST (\/[\w\-./:~]*)(\?[\w\-.~%=&]*)? HTTP\/1\.1\r\n/y;
const HEADER_LINE = /([!#$%&'*+\-.^`|~\w]+):([\t\x20-\x7e]*)\r\n/y;
const NEVER_IN_HEAD = /[^\r]\n|\r[^\n]|[^\t\r\n\x20-\x7e]/;
const LENGTH = /^(?:0|[1-9]\d{0,14})$/;

/** Headers that say how the message is framed or what becomes of the connection, or need more care. */
const FOREIGN: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'te',
  'trailer',
  'expect',
  'upgrade',
  'http2-settings',
  'proxy-connection',
  'keep-alive',
  'set-cookie',
  '__proto__',
]);

/** Reads the head at the beginning of `bytes`. */
export function readHead(bytes: Buffer, isHot: IsHot): Reading {
  const started = Math.min(bytes.length, START.length);
  if (bytes.compare(START, 0, started, 0, started) !== 0) return 'foreign';
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  if (end < 0) return mayBecomeHead(bytes) ? 'part' : 'foreign';
  if (end + 4 > MAX_HEAD_BYTES) return 'foreign';
  const text = bytes.toString('latin1', 0, end + 2);
  REQUEST_LINE.lastIndex = 0;
  const line = REQUEST_LINE.exec(text);
  if (!line || !isHot(METHOD, line[1] ?? '')) return 'foreign';
  const fields = readFields(text, REQUEST_LINE.lastIndex);
  if (!fields) return 'foreign';
  return {
    url: `${line[1]}${line[2] ?? ''}`,
    headers: fields.headers,
    keepAlive: fields.keepAlive,
    bytes: copyOf(bytes, end + 4),
    digitsAt: fields.digitsAt,
    digitsEnd: fields.digitsEnd,
    length: end + 4,
    bodyLength: Number(text.slice(fields.digitsAt, fields.digitsEnd)),
  };
}

/** In memory of its own: a slice would keep all alive that it is cut from, for as long as it is. */
function copyOf(bytes: Buffer, length: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(length);
  bytes.copy(copy, 0, 0, length);
  return copy;
}

/** Nothing that node's parser would refuse at once is waited with. */
function mayBecomeHead(bytes: Buffer): boolean {
  return bytes.length < MAX_HEAD_BYTES && !NEVER_IN_HEAD.test(bytes.toString('latin1'));
}

type Fields = Pick<Head, 'headers' | 'keepAlive' | 'digitsAt' | 'digitsEnd'>;

function readFields(text: string, start: number): Fields | undefined {
  const headers = Object.create(null) as Record<string, string>;
  let digitsAt = 0;
  let digitsEnd = 0;
  let count = 0;
  for (HEADER_LINE.lastIndex = start; HEADER_LINE.lastIndex < text.length; ) {
    const valueEnd = HEADER_LINE.exec(text);
    const name = valueEnd?.[1]?.toLowerCase();
    const raw = valueEnd?.[2];
    if (name === undefined || raw === undefined) return undefined;
    // Only spaces and tabs can be there to be trimmed.
    const value = raw.trim();
    count += 1;
    if (count > MAX_HEADERS || FOREIGN.has(name) || headers[name] !== undefined) return undefined;
    if (name === 'content-length') {
      if (digitsEnd > 0 || !LENGTH.test(value)) return undefined;
      digitsAt = HEADER_LINE.lastIndex - 2 - raw.trimStart().length;
      digitsEnd = digitsAt + value.length;
    } else {
      headers[name] = value;
    }
  }
  const connection = headers['connection']?.toLowerCase() ?? 'keep-alive';
  if (connection !== 'keep-alive' && connection !== 'close') return undefined;
  if (digitsEnd === 0 || !headers['host']) return undefined;
  return { headers, keepAlive: connection !== 'close', digitsAt, digitsEnd };
}

/**
 * Whether `bytes` begin with the same head again, but for the number of its Content-Length; if so,
 * `length` and `bodyLength` are of the new one.
 */
export function repeatsHead(head: Head, bytes: Buffer): boolean {
  const { bytes: known, digitsAt, digitsEnd } = head;
  if (bytes.length <= digitsAt) return false;
  if (bytes.compare(known, 0, digitsAt, 0, digitsAt) !== 0) return false;
  let at = digitsAt;
  let value = 0;
  for (const most = Math.min(bytes.length, digitsAt + MAX_DIGITS); at < most; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const digits = at - digitsAt;
  if (digits === 0 || (digits > 1 && bytes[digitsAt] === ZERO)) return false;
  const end = at + known.length - digitsEnd;
  if (bytes.length < end || end > MAX_HEAD_BYTES) return false;
  if (bytes.compare(known, digitsEnd, known.length, at, end) !== 0) return false;
  head.length = end;
  head.bodyLength = value;
  return true;
}
