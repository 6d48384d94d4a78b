// Edits single top-level keys of a JSON text and leaves every other byte alone, so that a forwarded
// body keeps its numbers, its key order and its unknown fields, and a large one is never copied. Where
// two parsers could read its keys differently, it is written anew from the parsed value, so that the
// next reader sees what was priced.

import type { Span, Spans } from './json-scan.ts';
import type { JsonObject } from './json.ts';

export interface KeyEdit {
  readonly key: string;
  /** The new value as JSON text. */
  readonly json: string;
}

/** What of an edited text stands in the original, and what is new. */
export type Piece = Span | string;

/** The edited text, in pieces; `spans` must be those of its bytes. */
export function editJson(bytes: Buffer, spans: Spans, edits: readonly KeyEdit[]): Piece[] {
  const replaced: Replaced[] = [];
  let added = '';
  for (const { key, json } of edits) {
    const span = spans.get(key);
    if (span) replaced.push({ start: span.start, end: span.end, json });
    else added += `${added && ','}${JSON.stringify(key)}:${json}`;
  }
  const pieces: Piece[] = [];
  let at = 0;
  if (added !== '') {
    at = bytes.indexOf('{') + 1;
    pieces.push({ start: 0, end: at }, spans.size > 0 ? `${added},` : added);
  }
  if (replaced.length > 1) replaced.sort((a, b) => a.start - b.start);
  for (const { start, end, json } of replaced) {
    pieces.push({ start: at, end: start }, json);
    at = end;
  }
  pieces.push({ start: at, end: bytes.length });
  return pieces;
}

interface Replaced extends Span {
  readonly json: string;
}

/** An object written anew, with the edits. */
export function rewriteJson(parsed: JsonObject, edits: readonly KeyEdit[]): string {
  const kept = Object.entries(parsed).filter(([key]) => !edits.some((edit) => edit.key === key));
  const members = kept.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  for (const edit of edits) members.push(`${JSON.stringify(edit.key)}:${edit.json}`);
  return `{${members.join(',')}}`;
}
