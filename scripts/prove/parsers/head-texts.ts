// Heads as clients send them, and everything that was ever done to a head to make two parsers read it
// differently. Texts stand for bytes, one character each.

import type { Random } from '../random.ts';

/** One request on the wire, in the parts that tricks are played on. */
interface Draft {
  method: string;
  url: string;
  version: string;
  /** Each a whole line without its end. */
  lines: string[];
  lineEnd: string;
  body: string;
}

export const HOT_PATHS: ReadonlySet<string> = new Set([
  '/v1/chat/completions',
  '/v1/messages',
  '/v1/embeddings',
]);

const URLS = [...HOT_PATHS, '/v1/messages?beta=true', '/v1/chat/completions?a=%20&b=c.d~e-f_'];

const CLIENTS: readonly (readonly string[])[] = [
  [
    'Host: api.example.com',
    'Accept: application/json',
    'Content-Type: application/json',
    'User-Agent: OpenAI/JS 6.10.0',
    'X-Stainless-Lang: js',
    'X-Stainless-Retry-Count: 0',
    'Authorization: Bearer sk-test-0123456789abcdef',
    'accept-language: *',
    'sec-fetch-mode: cors',
    'accept-encoding: gzip, deflate',
    'Connection: keep-alive',
  ],
  [
    'Host: 127.0.0.1:3000',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Connection: keep-alive',
    'Accept: application/json',
    'Content-Type: application/json',
    'User-Agent: Anthropic/Python 0.70.0',
    'x-api-key: sk-test-0123456789abcdef',
    'anthropic-version: 2023-06-01',
    'anthropic-beta: a-2025-01-01,b-2025-02-02',
    'idempotency-key: stainless-python-retry-4f2c',
  ],
  ['Host: hub', 'User-Agent: curl/8.5.0', 'Accept: */*', 'Content-Type: application/json'],
  ['Host: hub', 'User-Agent: Go-http-client/1.1', 'Accept-Encoding: gzip'],
  ['Host: [::1]:3000', 'user-agent: okhttp/5.0', 'content-type: application/json; charset=utf-8'],
  ['host: hub', 'cookie: a=b; c="d e"', 'origin: null', 'dnt: 1', "x-odd!#$%&'*+-.^_`|~: ok"],
  ['HOST:hub', 'CONNECTION:close', 'x-empty:', 'x-space:   ', 'x-tab:\ta\tb \t '],
];

const LENGTHS = ['0', '1', '5', '12', '40', '2048', '65536', '1048576', '999999999999999'];
const WRONG_LENGTHS = [
  '',
  '-1',
  '+5',
  '0x5',
  '5a',
  '5 5',
  '5,5',
  '5, 5',
  '5;5',
  '05',
  '00',
  '5.0',
  '1e1',
  '\u0035\u00a0',
  '"5"',
  'five',
  '9999999999999999',
  '18446744073709551615',
  '18446744073709551616',
  '18446744073709551621',
  '99999999999999999999999',
  '4294967301',
];
const CODINGS = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding:chunked\x00',
  ' Transfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding\x00: chunked',
  'Transfer-\r\n Encoding: chunked',
  'TRANSFER-ENCODING: chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: ',
  'Transfer-Encoding',
];
const ODD_LINES = [
  'Expect: 100-continue',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  'Connection: upgrade',
  'Connection: close, keep-alive',
  'Connection: keep-alive, close',
  'Connection: content-length',
  'Connection: CLOSE',
  'Connection: ',
  'Connection: close\t',
  'Proxy-Connection: close',
  'Proxy-Connection: keep-alive',
  'Keep-Alive: timeout=5',
  'TE: trailers',
  'Trailer: content-length',
  'Host: other',
  'Host:',
  'Host: a b',
  '__proto__: x',
  'constructor: x',
  'Content-Length : 5',
  'Content-Length\t: 5',
  ' Content-Length: 5',
  '\tfolded',
  ' folded',
  '',
  ':',
  ': no name',
  'no colon',
  'na me: x',
  'näme: x',
  'x: \x7f',
  'x: \x00',
  'x: \x08',
  'x: \xff\x80',
  'x: é',
  'x: a\rb',
  'x: a\nb',
  'x: a\r\r',
  'x\r: a',
  'x(y): a',
  'x[y]: a',
  'x{y}: a',
  '"x": a',
  'x/y: a',
  'x@y: a',
  'Set-Cookie: a=b',
  'Content-Encoding: gzip',
];
const WRONG_URLS = [
  'http://hub/v1/messages',
  '//hub/v1/messages',
  '*',
  'hub:443',
  '/v1/messages#a',
  '/v1/messages?a#b',
  '/v1/messages HTTP/1.1 x',
  '/v1/mess ages',
  '/v1/messages\t',
  '/v1/messages/',
  '/v1//messages',
  '/v1/./messages',
  '/v1/%6dessages',
  '/V1/messages',
  '/v1/messages\x00',
  '/v1/messages?\xff',
  '/v1/messages?a=\x7f',
  '/v1/messages?a="b"',
  '/v1/messages;a',
  'v1/messages',
  '',
];
const METHODS = ['GET', 'post', 'Post', 'PUT', 'POSTX', 'POS', 'M-SEARCH', 'PRI', 'CONNECT', ''];
const VERSIONS = [
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'HTTP/1.1 ',
  ' HTTP/1.1',
  'HTTP/1.10',
  'HTTP/11',
  'http/1.1',
  'HTTP/1,1',
  'ICE/1.0',
  'HTTP/1.1\t',
  '',
];
const LINE_ENDS = [
  '\n',
  '\r',
  '\r\r\n',
  '\n\r',
  ' \r\n',
  '\r\n\r\n',
  '\x00\r\n',
  '\r\n ',
  '\u0085',
];
const BYTES = ['\x00', '\t', '\n', '\r', ' ', ':', ',', '\x0b', '\x7f', '\x80', '\xff', '0', 'A'];
const NEXT = [
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
  '0\r\n\r\n',
  '\r\n',
  'x',
];

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)]!;
}

/** The bytes of one connection's first read, and perhaps more than that. */
export function randomText(random: Random): string {
  const draft = randomDraft(random);
  let tricks = random.chance(2) ? 0 : 1 + random.below(3);
  for (; tricks > 0; tricks--) pick(random, TRICKS)(draft, random);
  let text = write(draft);
  for (let flaws = random.chance(6) ? 1 + random.below(3) : 0; flaws > 0; flaws--) {
    text = spoil(text, random);
  }
  return text;
}

/** The same head again with another length, mostly a right one, and perhaps with a flaw. */
export function repeatText(text: string, random: Random): string {
  const length = random.chance(6) ? pick(random, WRONG_LENGTHS) : pick(random, LENGTHS);
  const again = text.replace(/^(content-length:[ \t]*)[^\r\n]*/im, `$1${length}`);
  return random.chance(4) ? spoil(again, random) : again;
}

function randomDraft(random: Random): Draft {
  const lines = [...pick(random, CLIENTS)];
  const length = random.chance(8) ? pick(random, LENGTHS) : String(random.below(60));
  const name = pick(random, ['Content-Length: ', 'content-length: ', 'CONTENT-LENGTH:']);
  const place = random.chance(3) ? random.below(lines.length + 1) : lines.length;
  lines.splice(place, 0, `${name}${length}${random.chance(9) ? ' \t' : ''}`);
  return {
    method: 'POST',
    url: pick(random, URLS),
    version: 'HTTP/1.1',
    lines,
    lineEnd: '\r\n',
    // Now and then less than was announced: the rest comes later.
    body: '{'.repeat(Number(length) > 100 || random.chance(5) ? random.below(3) : Number(length)),
  };
}

const TRICKS: readonly ((draft: Draft, random: Random) => void)[] = [
  (draft, random) => void (draft.method = pick(random, METHODS)),
  (draft, random) => void (draft.url = pick(random, WRONG_URLS)),
  (draft, random) => void (draft.version = pick(random, VERSIONS)),
  (draft, random) => insertLine(draft, random, pick(random, ODD_LINES)),
  (draft, random) => insertLine(draft, random, pick(random, ODD_LINES)),
  (draft, random) => insertLine(draft, random, pick(random, CODINGS)),
  (draft, random) => insertLine(draft, random, `Content-Length: ${pick(random, WRONG_LENGTHS)}`),
  (draft, random) => insertLine(draft, random, `Content-Length: ${pick(random, LENGTHS)}`),
  (draft, random) => {
    const wrong = `Content-Length: ${pick(random, WRONG_LENGTHS)}`;
    draft.lines = draft.lines.map((line) => (/^content-length/i.test(line) ? wrong : line));
  },
  (draft, random) => insertLine(draft, random, pick(random, draft.lines)),
  (draft, random) => void draft.lines.splice(random.below(draft.lines.length), 1),
  (draft, random) => {
    const place = random.below(draft.lines.length);
    draft.lines[place] = `${draft.lines[place]}${pick(random, LINE_ENDS)}x: y`;
  },
  (draft, random) => void (draft.lineEnd = pick(random, LINE_ENDS)),
  (draft, random) => insertLine(draft, random, `x-long: ${'a'.repeat(random.below(20_000))}`),
  (draft, random) => {
    const count = random.below(130);
    for (let i = 0; i < count; i++) draft.lines.push(`x-${i}: ${i}`);
  },
  (draft, random) => void (draft.body += pick(random, NEXT)),
  (draft) => void (draft.lines = []),
];

function insertLine(draft: Draft, random: Random, line: string): void {
  draft.lines.splice(random.below(draft.lines.length + 1), 0, line);
}

function write({ method, url, version, lines, lineEnd, body }: Draft): string {
  const start = `${method} ${url} ${version}${lineEnd}`;
  return `${start}${lines.map((line) => `${line}${lineEnd}`).join('')}${lineEnd}${body}`;
}

function spoil(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at) + pick(random, BYTES) + text.slice(at);
    case 1:
      return text.slice(0, at) + pick(random, BYTES) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random.below(4));
    case 3:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 4:
      return text.slice(0, at);
    default:
      return text.slice(0, at) + text.slice(random.below(at + 1), at) + text.slice(at);
  }
}
