// Edits single top-level keys of a JSON text and leaves every other byte alone, so that a forwarded
// body keeps its numbers, its key order and its unknown fields, and a large one is never copied. Where
// two parsers could read its keys differently, it is written anew from the parsed value, so that the
// next reader sees what was priced.

import type { Span, Spans } from './json-scan.ts';
import type { JsonObject } from './json.ts';

export interface KeyEdit {
  readonly key: string;
  /** The new value as JSON text; undefined takes the key out. */
  readonly json: string | undefined;
}

/** What of an edited text stands in the original, and what is new. */
export type Piece = Span | string;

/** The edited text, in pieces; `spans` must be those of its bytes. */
export function editJson(bytes: Buffer, spans: Spans, edits: readonly KeyEdit[]): Piece[] {
  if (edits.some(({ json }) => json === undefined)) return rebuild(spans, edits);
  const replaced: Replaced[] = [];
  let added = '';
  for (const { key, json } of edits) {
    const span = spans.get(key);
    if (json === undefined) continue;
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

/** The members that stay, their values as they are, with new commas between them. */
function rebuild(spans: Spans, edits: readonly KeyEdit[]): Piece[] {
  const pieces: Piece[] = [];
  const add = (key: string, value: Piece): void => {
    pieces.push(`${pieces.length === 0 ? '{' : ','}${JSON.stringify(key)}:`, value);
  };
  for (const [key, span] of spans) {
    // Keys are cut out of a text with one character a byte.
    const name = Buffer.from(key, 'latin1').toString('utf8');
    if (!edits.some((edit) => edit.key === name)) add(name, span);
  }
  for (const { key, json } of edits) if (json !== undefined) add(key, json);
  return pieces.length === 0 ? ['{}'] : [...pieces, '}'];
}

interface Replaced extends Span {
  readonly json: string;
}

/** An object written anew, with the edits. */
export function rewriteJson(parsed: JsonObject, edits: readonly KeyEdit[]): string {
  const kept = Object.entries(parsed).filter(([key]) => !edits.some((edit) => edit.key === key));
  const members = kept.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  for (const { key, json } of edits) {
    if (json !== undefined) members.push(`${JSON.stringify(key)}:${json}`);
  }
  return `{${members.join(',')}}`;
}
