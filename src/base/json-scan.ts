// One pass over a JSON object's text, hopping from quote to quote: where its top-level values stand, how
// deep it is nested, and its outline, which is the same text with its long strings cut short. Parsing
// the outline costs a fraction of parsing a prompt, which is nearly all long strings. What stands in a
// cut string tells the original's length behind a random mark, so no text that is sent can pretend one.

import { randomBytes } from 'node:crypto';

/** Strings up to here stay whole: names are among the top-level ones, and texts below those. */
const LONG = 256;
const LONG_BELOW = 64;
/** What of a longer one is kept: enough to tell a data URL by. */
const KEPT = 24;
/** In ASCII, for an outline is still one when it is read as UTF-8. */
const MARK = `~${randomBytes(12).toString('base64url')}:`;

const NOT_PLAIN = /[\\\x80-\xff]/;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const SPACE = 32;

/** From `start` up to and without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Spans = ReadonlyMap<string, Span>;

export interface JsonScan {
  /** To be parsed: a text that is no JSON has an outline that is none. */
  readonly outline: string;
  /**
   * Where the values of the top-level keys stand. Undefined when a key is written twice or with an
   * escape: parsers disagree about which of two values counts, and V8 14 itself misreads an escaped
   * key when it has seen one with a backslash at the same place.
   */
  readonly spans: Spans | undefined;
  /** How deep objects and lists are nested. */
  readonly depth: number;
}

/** Scans a text in which each character is one byte. What it finds in a text that is no JSON is nothing. */
export function scanJson(text: string): JsonScan {
  const spans = new Map<string, Span>();
  let isPlain = true;
  let outline = '';
  let copied = 0;
  let depth = 0;
  let deepest = 0;
  let key: string | undefined;
  /** Where the value of the key begins, or just before it. */
  let valueStart = -1;

  function endValue(at: number): void {
    if (key === undefined || valueStart < 0) return;
    spans.set(key, trim(text, valueStart, at));
    key = undefined;
    valueStart = -1;
  }

  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const close = closingQuote(text, at);
      if (close < 0) break;
      if (depth === 1 && key === undefined) {
        key = text.slice(at + 1, close);
        if (spans.has(key) || key.includes('\\')) isPlain = false;
      } else if (close - at > (depth === 1 ? LONG : LONG_BELOW)) {
        outline += text.slice(copied, at + 1) + cut(text, at + 1, close);
        copied = close;
      }
      at = close;
    } else if (code === COMMA || code === COLON) {
      if (depth !== 1) continue;
      if (code === COMMA) endValue(at);
      else valueStart = at + 1;
    } else if ((code | 32) === 123) {
      // Both opening brackets, and below both closing ones, differ in this one bit.
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if ((code | 32) === 125) {
      if (depth === 1) endValue(at);
      depth -= 1;
    }
  }
  return {
    outline: copied === 0 ? text : outline + text.slice(copied),
    spans: isPlain ? spans : undefined,
    depth: deepest,
  };
}

/** How long a string of a parsed outline was in the text, in bytes where it was cut. */
export function originalLength(value: string): number {
  const mark = value.lastIndexOf(MARK);
  return mark < 0 ? value.length : Number(value.slice(mark + MARK.length));
}

/** A text of an outline that reads the same in every process. */
export function withoutMarks(json: string): string {
  return json.replaceAll(MARK, '~');
}

/** Whether something of this text, made from a parsed outline, is missing. */
export function isOutlined(json: string): boolean {
  return json.includes(MARK);
}

/** Where the string ends that opens at `open`; a quote counts unless escaped. -1: nowhere. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return -1;
}

/** Neither an escape nor a letter must be cut in two, so what begins with other signs keeps nothing. */
function cut(text: string, start: number, end: number): string {
  const head = text.slice(start, start + KEPT);
  return (NOT_PLAIN.test(head) ? '' : head) + MARK + String(end - start);
}

function trim(text: string, from: number, to: number): Span {
  let start = from;
  let end = to;
  while (start < end && text.charCodeAt(start) <= SPACE) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= SPACE) end -= 1;
  return { start, end };
}
