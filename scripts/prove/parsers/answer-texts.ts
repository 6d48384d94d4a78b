// Answers as providers give them, and what was ever done to an answer to make two parsers read it
// differently. Texts stand for bytes, one character each.

import type { Random } from '../random.ts';

/** Common lines first: most answers are good, or differ from a good one in a single place. */
const STATUS_LINES = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200 OK',
  'HTTP/1.1 429 Too Many Requests',
  'HTTP/1.1 500 Internal Server Error',
  'HTTP/1.1 200 ',
  'HTTP/1.1 200',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 400 \u00e4 \t odd',
];
const ODD_STATUS_LINES = [
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 102 Processing',
  'HTTP/1.1 199 Odd',
  'HTTP/2.0 200 OK',
  'HTTP/0.9 200 OK',
  'HTTP/1.2 200 OK',
  'HTTP/1.1  200 OK',
  'HTTP/1.1 20 OK',
  'HTTP/1.1 2000 OK',
  'HTTP/1.1 600 Odd',
  'HTTP/1.1 099 Odd',
  'HTTP/1.1\t200 OK',
  'http/1.1 200 OK',
  'HTTP/1.1 200\tOK',
  'HTTP/1.1 200 O\u0000K',
  'HTTP/1.1 200 O\u007fK',
  'HTTP/11 200 OK',
  'ICY 200 OK',
  'RTSP/1.0 200 OK',
  '\r\nHTTP/1.1 200 OK',
  ' HTTP/1.1 200 OK',
  '',
];
const FIELDS = [
  'Content-Type: application/json',
  'content-type: text/event-stream; charset=utf-8',
  'Date: Mon, 23 Nov 2026 20:00:00 GMT',
  'server: cloudflare',
  'CF-RAY: 8f0c-FRA',
  'set-cookie: __cf_bm=abc; path=/; HttpOnly',
  'x-request-id: req_0123456789',
  'Connection: keep-alive',
  'connection: close',
  'Connection: Keep-Alive',
  'Keep-Alive: timeout=5, max=100',
  'retry-after: 7',
  'Retry-After:\t 12\t',
  'content-encoding: identity',
  'x-empty:',
  'x-spaces:    ',
  'x-high: \u00e9\u00ff',
  'alt-svc: h3=":443"; ma=86400',
];
const ODD_FIELDS = [
  'content-encoding: gzip',
  'Connection: keep-alive, close',
  'Connection: close, keep-alive',
  'Connection: upgrade',
  'Connection: keep-alive, upgrade\r\nUpgrade: h2c',
  'Connection: ',
  'Connection: closed',
  'connection: x\r\nconnection: close',
  'Proxy-Connection: close',
  'upgrade: websocket',
  'name : value',
  ' name: value',
  '\tfolded',
  'x-folded: a\r\n b',
  'no-colon',
  ': no-name',
  'x\u00e9: y',
  'x(y): z',
  'x"y: z',
  'x-nul: a\u0000b',
  'x-del: a\u007fb',
  'x-vt: a\u000bb',
  'x-cr: a\rb',
  'x-lf: a\nb',
  'x-bs: a\bb',
  'content-type: text/plain',
  'retry-after: 1\r\nretry-after: 2',
  'trailer: x-a',
  'Expect: 100-continue',
];
const LENGTH_FAULTS = [
  '',
  '+5',
  '-5',
  '5 ',
  ' 5',
  '\t5',
  '5\t',
  '05',
  '0x5',
  '5,5',
  '5, 5',
  '5 5',
  '5\u00a0',
  '5\u000b',
  '1e1',
  '999999999999999',
  '9999999999999999999',
  '18446744073709551616',
  '18446744073709551621',
];
const CODINGS = [
  'chunked ',
  'Chunked',
  'CHUNKED',
  '\tchunked',
  'chunked\t',
  'gzip',
  'gzip, chunked',
  'chunked, gzip',
  'chunked, chunked',
  'chunked,',
  ',chunked',
  'identity',
  'xchunked',
  'chunkedx',
  'chunk',
  '"chunked"',
  'chunked;q=1',
  '',
];
const SIZE_FAULTS = [
  '',
  ' 5',
  '5 ',
  '\t5',
  '5\t',
  '+5',
  '-5',
  '0x5',
  '5_',
  'g',
  '5\u0000',
  'ffffffffffffffff',
  '10000000000000005',
  'fffffffffffff',
  '5,5',
];
const EXTENSIONS = [
  ';a',
  ';a=b',
  ';a="b c"',
  ';a=b;c=d',
  '; a=b',
  ';a =b',
  ';a= b',
  ';',
  ';;',
  ';=b',
  ';a=',
  ';a="b\\"c"',
  ';a="b',
  ';a="b"c',
  ';a=\u00e9',
  ';a="\u00e9"',
  ';a="\t"',
  ';a\nb',
  ';a\u0000',
  ';a=b ',
  ' ;a=b',
  ';a=(b)',
];
const TRAILERS = [
  'x-a: b',
  'x-a:b\r\nx-c: d',
  'content-length: 5',
  'Transfer-Encoding: chunked',
  'Connection: close',
  'name : value',
  ' folded',
  'no-colon',
  'x-nul: \u0000',
  'x-lf: a\nb',
];
const INTERIMS = [
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
  'HTTP/1.1 102 Processing\r\n\r\n',
  'HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\n',
  'HTTP/1.1 103 Odd\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 103 Odd\r\nConnection: close\r\n\r\n',
  'HTTP/1.0 100 Continue\r\n\r\n',
  'HTTP/1.1 104 Odd\r\n\r\n',
  'HTTP/1.1 150 Odd\r\nContent-Length: 2\r\n\r\n',
];
const PIECES = [
  '',
  'a',
  'hello',
  '{"id":"chatcmpl-1","choices":[]}',
  'data: {"x":1}\n\n',
  'data: [DONE]\n\n',
  '\r\n',
  '0\r\n\r\n',
  '5\r\nhello\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  '\u0000\u00ff\u0080',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
];
const SURPLUS = [
  'x',
  '\r\n',
  '\n',
  ' ',
  'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  '0\r\n\r\n',
];
const ODD_LINE_ENDS = ['\n', '\r', '\r\r\n', '\n\r', '\r\n ', ' \r\n', '\r\n\u0000'];
const NEWCOMERS = ['\r', '\n', '\r\n', '\u0000', ' ', '\t', ':', ';', '0', '5', 'f', ',', '\u00a0'];

/** One whole answer or what looks like one; some are followed by more. */
export function randomAnswer(random: Random): string {
  const end = random.chance(40) ? pick(random, ODD_LINE_ENDS) : '\r\n';
  let head = pick(random, random.chance(24) ? ODD_STATUS_LINES : STATUS_LINES) + end;
  for (let i = random.below(7); i > 0; i--) head += pick(random, FIELDS) + end;
  if (random.chance(12)) head += pick(random, ODD_FIELDS) + end;
  const framed = randomBody(random, end);
  let text = `${head}${framed.field}${end}${framed.body}`;
  if (random.chance(16)) text = pick(random, INTERIMS) + text;
  if (random.chance(20)) text += pick(random, SURPLUS);
  return random.chance(5) ? mutate(random, text) : text;
}

interface Framed {
  /** Lines of the head. */
  readonly field: string;
  readonly body: string;
}

function randomBody(random: Random, end: string): Framed {
  const kind = random.below(16);
  if (kind < 6) return lengthBody(random, end);
  if (kind < 13) return chunkedBody(random, end);
  if (kind < 15) return { field: '', body: randomText(random, 3) };
  const length = lengthBody(random, end);
  const chunked = chunkedBody(random, end);
  return { field: `${length.field}${chunked.field}`, body: pick(random, [length, chunked]).body };
}

function lengthBody(random: Random, end: string): Framed {
  const body = randomText(random, 3);
  const name = pick(random, ['Content-Length', 'content-length', 'CONTENT-LENGTH']);
  let field = `${name}: ${random.chance(20) ? pick(random, LENGTH_FAULTS) : body.length}${end}`;
  if (random.chance(40)) field += `${name}: ${random.chance(2) ? body.length : 5}${end}`;
  return { field, body };
}

function chunkedBody(random: Random, end: string): Framed {
  const coding = random.chance(16) ? pick(random, CODINGS) : 'chunked';
  const field = `Transfer-Encoding: ${coding}${end}`;
  let body = '';
  for (let i = random.below(6); i > 0; i--) {
    const data = randomText(random, 2);
    if (data !== '') body += `${sizeOf(random, data.length)}${end}${data}${end}`;
  }
  body += sizeOf(random, 0) + end;
  if (random.chance(16)) body += pick(random, TRAILERS) + end;
  const isTwice = random.chance(40);
  return { field: isTwice ? field + field : field, body: body + end };
}

function sizeOf(random: Random, bytes: number): string {
  if (random.chance(60)) return pick(random, SIZE_FAULTS);
  let size = bytes.toString(16);
  if (random.chance(8)) size = size.toUpperCase();
  if (random.chance(20)) size = '0'.repeat(random.below(16)) + size;
  return random.chance(24) ? size + pick(random, EXTENSIONS) : size;
}

function randomText(random: Random, most: number): string {
  let text = '';
  for (let i = random.below(most + 1); i > 0; i--) text += pick(random, PIECES);
  return random.chance(30) ? text.repeat(20) : text;
}

/** In one place: a byte or some go, come, change, or stand twice. */
function mutate(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const to = Math.min(text.length, at + 1 + random.below(random.chance(4) ? 24 : 2));
  const before = text.slice(0, at);
  switch (random.below(6)) {
    case 0:
      return before;
    case 1:
      return before + text.slice(to);
    case 2:
      return before + text.slice(at, to) + text.slice(at);
    case 3:
      return before + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 4:
      return before + String.fromCharCode(random.below(256)) + text.slice(at);
    default:
      return before + pick(random, NEWCOMERS) + text.slice(at);
  }
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)]!;
}
