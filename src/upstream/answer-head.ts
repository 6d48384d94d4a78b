// The head of a provider's answer, read strictly: whatever is taken here, Node's own parser takes with
// the same meaning (`npm run prove:parsers`); much that it would take is refused. Only what the hub
// acts on is kept. https://www.rfc-editor.org/rfc/rfc9112

/** How the end of a body is known, and its length where that is how. */
export type Framing = 'none' | 'length' | 'chunked' | 'until-close';

export interface AnswerHead {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** Whether a content coding was used other than `identity`. */
  readonly encoded: boolean;
  readonly framing: Framing;
  readonly contentLength: number;
  /** Whether the provider lets the connection be used again after this answer. */
  readonly keepsAlive: boolean;
  /** The provider's hint of how long it keeps an idle connection; undefined without one. */
  readonly keepAliveSeconds: number | undefined;
}

/** Bytes that may stand in no head: controls and DEL, but for the tab and the line ends. */
// oxlint-disable-next-line no-control-regex -- refusing them is the purpose
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const DIGITS = /^\d{1,15}$/;
const KEEP_ALIVE_TIMEOUT = /(?:^|[,; \t])timeout=(\d{1,9})(?:$|[,; \t])/i;
const TAB = 9;
const SPACE = 32;
const ZERO = 48;
const COLON = 58;

/** By character code: whether it may stand in a name, https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const IS_TOKEN = Uint8Array.from({ length: 256 }, (_, code) =>
  Number(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code))),
);

/**
 * `text` is the head as Latin-1, from the status line to the line end of its last field, without the
 * empty line. Undefined where it is not one that the hub would act on.
 */
export function parseHead(text: string): AnswerHead | undefined {
  if (FORBIDDEN.test(text)) return undefined;
  const status = readStatus(text);
  if (status === undefined) return undefined;
  const fields = newFields();
  let at = text.indexOf('\n') + 1;
  while (at < text.length) {
    const next = readField(text, at, fields);
    if (next === undefined) return undefined;
    at = next;
  }
  return judge(status, text.charCodeAt(7) - ZERO, fields);
}

/** Whether this is fields alone, each on its line: the trailers after a chunked body. */
export function areTrailers(text: string): boolean {
  if (FORBIDDEN.test(text)) return false;
  const fields = newFields();
  let at = 0;
  while (at < text.length) {
    const next = readField(text, at, fields);
    if (next === undefined) return false;
    at = next;
  }
  // What frames the message may not come after it, https://www.rfc-editor.org/rfc/rfc9110#section-6.5.1
  return fields.contentLength === undefined && fields.transferEncoding === undefined;
}

/** `HTTP/1.1 200 OK`; the words are optional, the versions are 1.0 and 1.1. */
function readStatus(text: string): number | undefined {
  const lf = text.indexOf('\n');
  if (lf < 13 || text.indexOf('\r') !== lf - 1 || !text.startsWith('HTTP/1.')) return undefined;
  const minor = text.charCodeAt(7) - ZERO;
  if ((minor !== 0 && minor !== 1) || text.charCodeAt(8) !== SPACE) return undefined;
  if (lf > 13 && text.charCodeAt(12) !== SPACE) return undefined;
  const hundreds = text.charCodeAt(9) - ZERO;
  const tens = text.charCodeAt(10) - ZERO;
  const ones = text.charCodeAt(11) - ZERO;
  const isStatus = hundreds >= 1 && hundreds <= 5 && isDigit(tens) && isDigit(ones);
  return isStatus ? hundreds * 100 + tens * 10 + ones : undefined;
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}

/** The fields that the hub acts on, as they stand; what they mean together is judged at the end. */
interface Fields {
  contentType: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  contentEncoding: string | undefined;
  connection: string | undefined;
  keepAlive: string | undefined;
  retryAfter: string | undefined;
  /** A field that must stand once stands twice. */
  conflicting: boolean;
}

function newFields(): Fields {
  return {
    contentType: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    contentEncoding: undefined,
    connection: undefined,
    keepAlive: undefined,
    retryAfter: undefined,
    conflicting: false,
  };
}

/** Where the next line begins; undefined where this one is no field, folded lines included. */
function readField(text: string, at: number, fields: Fields): number | undefined {
  const lf = text.indexOf('\n', at);
  if (lf < 0 || text.indexOf('\r', at) !== lf - 1) return undefined;
  let colon = at;
  while (IS_TOKEN[text.charCodeAt(colon)] === 1) colon += 1;
  if (colon === at || text.charCodeAt(colon) !== COLON) return undefined;
  switch (colon - at) {
    case 10:
    case 11:
    case 12:
    case 14:
    case 16:
    case 17:
      keep(text.slice(at, colon).toLowerCase(), text, colon + 1, lf - 1, fields);
  }
  return lf + 1;
}

function keep(name: string, text: string, from: number, to: number, fields: Fields): void {
  switch (name) {
    case 'connection':
    // A relic that some parsers obey; https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2.2
    case 'proxy-connection':
      fields.connection = joined(fields.connection, valueOf(text, from, to));
      break;
    case 'keep-alive':
      fields.keepAlive ??= valueOf(text, from, to);
      break;
    case 'retry-after':
      fields.retryAfter ??= valueOf(text, from, to);
      break;
    case 'content-type':
      fields.contentType ??= valueOf(text, from, to);
      break;
    case 'content-length':
      fields.conflicting ||= fields.contentLength !== undefined;
      fields.contentLength = strictValueOf(text, from, to);
      break;
    case 'content-encoding':
      fields.contentEncoding = joined(fields.contentEncoding, valueOf(text, from, to));
      break;
    case 'transfer-encoding':
      fields.conflicting ||= fields.transferEncoding !== undefined;
      fields.transferEncoding = strictValueOf(text, from, to);
  }
}

/** Without the spaces and tabs around it, and no others: `trim` knows more of them. */
function valueOf(text: string, from: number, to: number): string {
  let first = from;
  let last = to;
  while (first < last && isSpace(text.charCodeAt(first))) first += 1;
  while (last > first && isSpace(text.charCodeAt(last - 1))) last -= 1;
  return text.slice(first, last);
}

/** Parsers differ on tabs around what frames a message, so that they are no part of any good one. */
function strictValueOf(text: string, from: number, to: number): string {
  const value = valueOf(text, from, to);
  return text.slice(from, to).includes('\t') ? '\t' : value;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}

function joined(earlier: string | undefined, value: string): string {
  return earlier === undefined ? value : `${earlier},${value}`;
}

function judge(status: number, minor: number, fields: Fields): AnswerHead | undefined {
  const { contentLength, transferEncoding } = fields;
  const isChunked = transferEncoding !== undefined;
  // One statement of the length at the most: two that differ are how answers are smuggled.
  if (fields.conflicting || (isChunked && contentLength !== undefined)) return undefined;
  if (isChunked && (minor === 0 || transferEncoding.toLowerCase() !== 'chunked')) return undefined;
  if (contentLength !== undefined && !DIGITS.test(contentLength)) return undefined;
  const length = contentLength === undefined ? -1 : Number(contentLength);
  // Never asked for: the connection would not speak HTTP any more.
  if (status === 101) return undefined;
  const isBodiless = status < 200 || status === 204 || status === 304;
  if (isBodiless && (isChunked || (length > 0 && status !== 304))) return undefined;
  const framing = isBodiless ? 'none' : framingOf(isChunked, length);
  const keepsAlive = minor === 1 && framing !== 'until-close' && isKept(fields.connection);
  // What closes the connection cannot be interim.
  if (status < 200 && !keepsAlive) return undefined;
  const timeout = fields.keepAlive && KEEP_ALIVE_TIMEOUT.exec(fields.keepAlive)?.[1];
  return {
    status,
    contentType: fields.contentType ?? '',
    retryAfter: fields.retryAfter,
    encoded: (fields.contentEncoding ?? 'identity').toLowerCase() !== 'identity',
    framing,
    contentLength: framing === 'length' ? length : 0,
    keepsAlive,
    keepAliveSeconds: timeout ? Number(timeout) : undefined,
  };
}

function framingOf(isChunked: boolean, length: number): Framing {
  if (isChunked) return 'chunked';
  return length >= 0 ? 'length' : 'until-close';
}

/** Anything but the plain word costs the connection its second use, never an answer. */
function isKept(connection: string | undefined): boolean {
  return connection === undefined || connection.toLowerCase() === 'keep-alive';
}
