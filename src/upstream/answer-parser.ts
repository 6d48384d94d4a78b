// Reads a provider's answer off its connection as it comes, read by read: the head, then the body
// without its framing, then the end. Strict, for what two parsers read differently is how answers are
// smuggled; without copies: the payloads of chunks are moved together within the read buffer itself.
// https://www.rfc-editor.org/rfc/rfc9112#section-6

import { type AnswerHead, areTrailers, parseHead } from './answer-head.ts';

const MAX_HEAD_BYTES = 32 * 1024;
const MAX_TRAILER_BYTES = 8 * 1024;
/** Of all chunks together; nobody is known to send any. */
const MAX_EXTENSION_BYTES = 4 * 1024;
const MAX_SIZE_DIGITS = 13;
const MAX_INTERIMS = 16;

export interface AnswerParser {
  /** The head, once it was read; interim answers are skipped. */
  head: AnswerHead | undefined;
  /** The bytes of the last read that hold its part of the body. */
  from: number;
  to: number;
  isComplete: boolean;
  /** Whether nothing came that should not be there: trailers, bytes after the end. */
  isClean: boolean;
  /** Why this is no answer; nothing more is read then. */
  fault: string | undefined;
  state: State;
  /** Of the body or of the chunk, still to come. */
  left: number;
  digits: number;
  extension: string;
  extensionBytes: number;
  interims: number;
  /** The beginning of a head or of trailers whose end has not come yet. */
  held: Buffer | undefined;
  section: string;
}

type State = (typeof STATES)[keyof typeof STATES];

const STATES = {
  head: 0,
  length: 1,
  untilClose: 2,
  chunkSize: 3,
  chunkExtension: 4,
  chunkSizeEnd: 5,
  chunkData: 6,
  chunkDataEnd: 7,
  chunkLineEnd: 8,
  lastLine: 9,
  lastLineEnd: 10,
  trailers: 11,
  complete: 12,
  failed: 13,
} as const;

const SECTION_END = Buffer.from('\r\n\r\n');
const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const NO_DIGIT = 255;
const HEX = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase());
  return digit < 0 ? NO_DIGIT : digit;
});
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const ONE_EXTENSION = `${TOKEN}(?:=(?:${TOKEN}|"[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]*"))?`;
const EXTENSIONS = new RegExp(`^${ONE_EXTENSION}(?:;${ONE_EXTENSION})*$`);
const BARE_LINE_FEED = /[^\r]\n/;
const BEGINNING = 'HTTP/1.';

export function createParser(): AnswerParser {
  return {
    head: undefined,
    from: 0,
    to: 0,
    isComplete: false,
    isClean: true,
    fault: undefined,
    state: STATES.head,
    left: 0,
    digits: 0,
    extension: '',
    extensionBytes: 0,
    interims: 0,
    held: undefined,
    section: '',
  };
}

/** Makes it ready for the next answer of a connection whose last one ended well. */
export function resetParser(parser: AnswerParser): void {
  parser.head = undefined;
  parser.from = 0;
  parser.to = 0;
  parser.isComplete = false;
  parser.state = STATES.head;
  parser.extensionBytes = 0;
  parser.interims = 0;
}

/**
 * Takes the first `end` bytes of what was read. Afterwards the parser says what they were; the body's
 * part of them stands in `read` from `from` to `to`, moved together where it came in chunks.
 */
export function parseRead(parser: AnswerParser, read: Buffer, end: number): void {
  parser.from = 0;
  parser.to = 0;
  let at = 0;
  if (parser.state === STATES.head) at = takeHead(parser, read, end);
  switch (parser.state) {
    case STATES.head:
    case STATES.failed:
      return;
    case STATES.length:
      return takeLength(parser, at, end);
    case STATES.untilClose:
      parser.from = at;
      parser.to = end;
      return;
    case STATES.complete:
      if (at < end) parser.isClean = false;
      return;
    default:
      takeChunks(parser, read, at, end);
  }
}

/** The provider has closed its side: the end of a body without a length, too early for any other. */
export function parseEnd(parser: AnswerParser): void {
  parser.from = 0;
  parser.to = 0;
  if (parser.state === STATES.complete || parser.state === STATES.failed) return;
  if (parser.state === STATES.untilClose) complete(parser);
  else fail(parser, 'the connection was closed before the end of the answer');
}

function fail(parser: AnswerParser, fault: string): void {
  parser.fault = fault;
  parser.state = STATES.failed;
}

function complete(parser: AnswerParser): void {
  parser.isComplete = true;
  parser.state = STATES.complete;
}

/** Where the body begins; interim answers before the head are skipped. */
function takeHead(parser: AnswerParser, read: Buffer, end: number): number {
  let at = 0;
  while (at < end && parser.state === STATES.head) {
    const fresh = end - at;
    at = takeSection(parser, read, at, end, MAX_HEAD_BYTES);
    if (at < 0) {
      if (parser.held && !isBeginning(parser.held, fresh)) fail(parser, 'the answer is no HTTP');
      return end;
    }
    const head = parseHead(parser.section);
    if (!head) fail(parser, 'the head of the answer is malformed');
    else if (head.status >= 200) begin(parser, head);
    else if (++parser.interims > MAX_INTERIMS) fail(parser, 'the answer does not come to its head');
  }
  return at;
}

function begin(parser: AnswerParser, head: AnswerHead): void {
  parser.head = head;
  parser.left = head.contentLength;
  if (head.framing === 'chunked') {
    parser.digits = 0;
    parser.state = STATES.chunkSize;
  } else if (head.framing === 'until-close') parser.state = STATES.untilClose;
  else if (parser.left === 0) complete(parser);
  else parser.state = STATES.length;
}

/** What can still become a head, so that no provider is waited for in vain; `fresh` bytes are new. */
function isBeginning(held: Buffer, fresh: number): boolean {
  const text = held.toString('latin1', 0, BEGINNING.length);
  const news = held.toString('latin1', Math.max(0, held.length - fresh - 1));
  return BEGINNING.startsWith(text) && !BARE_LINE_FEED.test(news);
}

/**
 * Gathers lines up to an empty one into `section`, the last line end included. Returns where the bytes
 * go on behind the empty line, or -1 while it has not come.
 */
function takeSection(
  parser: AnswerParser,
  read: Buffer,
  at: number,
  end: number,
  maxBytes: number,
): number {
  const { held } = parser;
  const bytes = held ? Buffer.concat([held, read.subarray(at, end)]) : read;
  const start = held ? 0 : at;
  const stop = held ? bytes.length : end;
  const found = bytes.indexOf(SECTION_END, held ? Math.max(0, held.length - 3) : at);
  // Behind `end` a read buffer holds what an earlier read left.
  const isFound = found >= 0 && found + SECTION_END.length <= stop;
  if ((isFound ? found + SECTION_END.length : stop) - start > maxBytes) {
    parser.held = undefined;
    fail(parser, 'the head or the trailers of the answer are too large');
    return -1;
  }
  if (!isFound) {
    parser.held = held ? bytes : Buffer.from(read.subarray(at, end));
    return -1;
  }
  parser.section = bytes.toString('latin1', start, found + 2);
  parser.held = undefined;
  return found + SECTION_END.length - (held ? held.length - at : 0);
}

function takeLength(parser: AnswerParser, at: number, end: number): void {
  const to = Math.min(end, at + parser.left);
  parser.from = at;
  parser.to = to;
  parser.left -= to - at;
  if (parser.left > 0) return;
  complete(parser);
  if (to < end) parser.isClean = false;
}

function takeChunks(parser: AnswerParser, read: Buffer, from: number, end: number): void {
  let at = from;
  while (at < end) {
    switch (parser.state) {
      case STATES.chunkSize:
        takeSizeByte(parser, read[at]!);
        at += 1;
        break;
      case STATES.chunkExtension:
        at = takeExtension(parser, read, at, end);
        break;
      case STATES.chunkSizeEnd:
        if (read[at] !== LF) return fail(parser, 'a line of the answer does not end');
        parser.state = parser.left > 0 ? STATES.chunkData : STATES.lastLine;
        at += 1;
        break;
      case STATES.chunkData:
        at = takeChunkData(parser, read, at, end);
        break;
      case STATES.chunkDataEnd:
      case STATES.lastLineEnd:
      case STATES.chunkLineEnd:
        takeLineEnd(parser, read[at]!);
        at += 1;
        break;
      case STATES.lastLine:
        if (read[at] !== CR) parser.state = STATES.trailers;
        else {
          parser.state = STATES.lastLineEnd;
          at += 1;
        }
        break;
      case STATES.trailers:
        at = takeTrailers(parser, read, at, end);
        break;
      case STATES.complete:
        parser.isClean = false;
        return;
      default:
        return;
    }
  }
}

function takeSizeByte(parser: AnswerParser, byte: number): void {
  const digit = HEX[byte]!;
  if (digit !== NO_DIGIT) {
    parser.left = parser.left * 16 + digit;
    parser.digits += 1;
    if (parser.digits > MAX_SIZE_DIGITS) fail(parser, 'a chunk of the answer is too large');
  } else if (parser.digits > 0 && byte === CR) parser.state = STATES.chunkSizeEnd;
  else if (parser.digits > 0 && byte === SEMICOLON) parser.state = STATES.chunkExtension;
  else fail(parser, 'the size of a chunk is malformed');
}

/** Extensions mean nothing to the hub, but must be ones: another parser may look for them. */
function takeExtension(parser: AnswerParser, read: Buffer, at: number, end: number): number {
  const cr = read.indexOf(CR, at);
  const isEnded = cr >= 0 && cr < end;
  const to = isEnded ? cr : end;
  parser.extensionBytes += to - at;
  if (parser.extensionBytes > MAX_EXTENSION_BYTES) {
    fail(parser, 'the extensions of chunks are too long');
    return end;
  }
  parser.extension += read.toString('latin1', at, to);
  if (!isEnded) return end;
  if (!EXTENSIONS.test(parser.extension)) fail(parser, 'the extension of a chunk is malformed');
  else parser.state = STATES.chunkSizeEnd;
  parser.extension = '';
  return cr + 1;
}

function takeChunkData(parser: AnswerParser, read: Buffer, at: number, end: number): number {
  const to = Math.min(end, at + parser.left);
  if (parser.to === parser.from) {
    parser.from = at;
    parser.to = to;
  } else {
    // A read with many events becomes one piece, which goes to the client in one write.
    read.copyWithin(parser.to, at, to);
    parser.to += to - at;
  }
  parser.left -= to - at;
  if (parser.left === 0) parser.state = STATES.chunkDataEnd;
  return to;
}

function takeLineEnd(parser: AnswerParser, byte: number): void {
  const isReturn = parser.state === STATES.chunkDataEnd;
  if (byte !== (isReturn ? CR : LF)) fail(parser, 'a line of the answer does not end');
  else if (isReturn) parser.state = STATES.chunkLineEnd;
  else if (parser.state === STATES.lastLineEnd) complete(parser);
  else {
    parser.digits = 0;
    parser.state = STATES.chunkSize;
  }
}

/** Trailers are not passed on, but what is not made of fields is no trailer. */
function takeTrailers(parser: AnswerParser, read: Buffer, at: number, end: number): number {
  const next = takeSection(parser, read, at, end, MAX_TRAILER_BYTES);
  if (next < 0) return end;
  parser.isClean = false;
  if (areTrailers(parser.section)) complete(parser);
  else fail(parser, 'the trailers of the answer are malformed');
  return next;
}
