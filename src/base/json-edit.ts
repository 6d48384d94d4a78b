// Edits single top-level keys of a JSON text and leaves every other byte alone, so that a forwarded
// body keeps its numbers, its key order and its unknown fields. The text is known to be a valid JSON
// object (it has been parsed); where two parsers could read its keys differently, it is written anew
// from the parsed value, so that the next reader sees what was priced.

import type { JsonObject } from './json.ts';

export interface KeyEdit {
  readonly key: string;
  /** The new value as JSON text. */
  readonly json: string;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Applies the edits, if any; `parsed` must be what JSON.parse makes of `text`. */
export function editJson(text: string, parsed: JsonObject, edits: readonly KeyEdit[]): string {
  const spans = topLevelSpans(text);
  return spans ? splice(text, spans, edits) : rewrite(parsed, edits);
}

function splice(text: string, spans: ReadonlyMap<string, Span>, edits: readonly KeyEdit[]): string {
  const replaced = edits.flatMap((edit) => {
    const span = spans.get(edit.key);
    return span ? [{ ...span, json: edit.json }] : [];
  });
  const added = edits.filter((edit) => !spans.has(edit.key));
  let result = '';
  let at = text.indexOf('{') + 1;
  result += text.slice(0, at);
  result += added.map((edit) => `${JSON.stringify(edit.key)}:${edit.json}`).join(',');
  if (added.length > 0 && spans.size > 0) result += ',';
  for (const { start, end, json } of replaced.sort((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + json;
    at = end;
  }
  return result + text.slice(at);
}

function rewrite(parsed: JsonObject, edits: readonly KeyEdit[]): string {
  const kept = Object.entries(parsed).filter(([key]) => !edits.some((edit) => edit.key === key));
  const members = kept.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  for (const edit of edits) members.push(`${JSON.stringify(edit.key)}:${edit.json}`);
  return `{${members.join(',')}}`;
}

/**
 * Where the values of the top-level keys stand. Undefined when a key is written twice or with an
 * escape: parsers disagree about which of two values counts, and V8 14 itself misreads an escaped
 * key when it has seen one that holds a backslash at the same place.
 */
function topLevelSpans(text: string): ReadonlyMap<string, Span> | undefined {
  const spans = new Map<string, Span>();
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text[at] === '"') {
    const keyEnd = text.indexOf('"', at + 1);
    const key = text.slice(at + 1, keyEnd);
    if (key.includes('\\') || spans.has(key)) return undefined;
    const start = skipSpace(text, text.indexOf(':', keyEnd) + 1);
    const end = skipValue(text, start);
    spans.set(key, { start, end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return spans;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

function skipValue(text: string, from: number): number {
  if (text[from] === '"') return skipString(text, from);
  if (text[from] !== '{' && text[from] !== '[') {
    const end = /[,}\s]/g;
    end.lastIndex = from;
    return end.exec(text)?.index ?? text.length;
  }
  const marks = /["{}[\]]/g;
  let depth = 0;
  for (marks.lastIndex = from; ; ) {
    const mark = marks.exec(text);
    if (!mark) return text.length;
    if (mark[0] === '"') marks.lastIndex = skipString(text, mark.index);
    else if (mark[0] === '{' || mark[0] === '[') depth += 1;
    else if (--depth === 0) return mark.index + 1;
  }
}

/** The place after the string that opens at `from`; a quote counts unless escaped. */
function skipString(text: string, from: number): number {
  let at = from;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
}
