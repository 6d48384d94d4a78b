// The declared edits of a Messages body that otherwise passes as it came. A thinking budget must
// stay below the output cap and be at least 1024, or the provider refuses the request; thinking
// and citations that Claude did not make would be refused as well, so they leave the history.

import { objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import type { BodyEdit, Headers, Noted, PassThroughEdits, Quirks } from '../protocol.ts';
import { isOwnSeal } from '../seals.ts';
import { isForeignCitation } from './citations.ts';
import { LEAST_BUDGET } from '../claude.ts';

/** Only the edits that change something. */
export function editRequest(
  body: JsonObject,
  edits: PassThroughEdits,
  { versionInBody }: Quirks,
): readonly BodyEdit[] {
  const list: BodyEdit[] = [];
  if (versionInBody !== undefined) {
    list.push({ key: 'model', json: undefined }, editKey('anthropic_version', versionInBody));
  } else if (body['model'] !== edits.model) list.push(editKey('model', edits.model));
  if (edits.outputCap !== undefined) list.push(...capEdits(body, edits.outputCap));
  const messages = withoutForeign(body['messages']);
  if (messages !== undefined) list.push(editKey('messages', messages));
  return list;
}

/** Of a question for the count of tokens, whose path names no model. */
export function editCount(
  body: JsonObject,
  edits: PassThroughEdits,
  quirks: Quirks,
): readonly BodyEdit[] {
  const list = editRequest(body, edits, quirks);
  if (quirks.versionInBody === undefined) return list;
  return [editKey('model', edits.model), ...list.filter(({ key }) => key !== 'model')];
}

/**
 * The version and the betas go together with the body, so the client's own pass on, except that
 * versions after 2023-06-01 refuse every sampling parameter, whatever its value.
 */
export function forwardHeaders(
  headers: Headers,
  body: JsonObject,
  { versionInBody, betas }: Quirks,
  noted: Noted,
): Record<string, string> {
  const forwarded: Record<string, string> = {};
  const beta = takenBetas(headers['anthropic-beta'], betas, noted);
  if (beta !== undefined) forwarded['anthropic-beta'] = beta;
  if (versionInBody !== undefined) return forwarded;
  const version = headers['anthropic-version'];
  if (typeof version === 'string') forwarded['anthropic-version'] = version;
  const isSampling = ['temperature', 'top_p', 'top_k'].some((key) => (body[key] ?? null) !== null);
  if (isSampling) forwarded['anthropic-version'] = '2023-06-01';
  return forwarded;
}

/** What of the header is taken; without a list, all of it. */
function takenBetas(
  header: Headers[string],
  betas: readonly string[] | undefined,
  noted: Noted,
): string | undefined {
  if (typeof header !== 'string') return undefined;
  if (betas === undefined) return header;
  const asked = header.split(',').map((beta) => beta.trim());
  const taken = asked.filter((beta) => betas.includes(beta));
  if (taken.length < asked.length) noted.dropped = [...noted.dropped, 'anthropic-beta'];
  return taken.length === 0 ? undefined : taken.join(',');
}

function capEdits(body: JsonObject, cap: number): BodyEdit[] {
  const asked = body['max_tokens'];
  if (typeof asked === 'number' && asked <= cap) return [];
  const thinking = objectOf(body['thinking']);
  const budget = thinking?.['budget_tokens'];
  const list = [editKey('max_tokens', cap)];
  if (thinking?.['type'] === 'enabled' && typeof budget === 'number' && budget >= cap) {
    const lowered =
      cap - 1 < LEAST_BUDGET ? { type: 'disabled' } : { ...thinking, budget_tokens: cap - 1 };
    list.push(editKey('thinking', lowered));
  }
  return list;
}

/** The messages without what Claude did not make; undefined where there is nothing of it. */
function withoutForeign(messages: JsonValue | undefined): JsonValue[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  let found = false;
  const kept = messages.map((message) => {
    const content = objectOf(message)?.['content'];
    if (!Array.isArray(content) || !content.some(holdsForeign)) return message;
    found = true;
    return { ...objectOf(message), content: content.filter(isOwn).map(withOwnCitations) };
  });
  return found ? kept.filter((message) => !isEmptied(message)) : undefined;
}

function holdsForeign(value: JsonValue): boolean {
  const citations = objectOf(value)?.['citations'];
  return !isOwn(value) || (Array.isArray(citations) && citations.some(isForeignCitation));
}

function isOwn(value: JsonValue): boolean {
  const part = objectOf(value);
  const type = part?.['type'];
  const key = type === 'thinking' ? 'signature' : type === 'redacted_thinking' ? 'data' : undefined;
  const opaque = key === undefined ? undefined : part?.[key];
  return typeof opaque !== 'string' || isOwnSeal(opaque);
}

function withOwnCitations(value: JsonValue): JsonValue {
  const part = objectOf(value);
  const citations = part?.['citations'];
  if (!Array.isArray(citations)) return value;
  const own = citations.filter((citation) => !isForeignCitation(citation));
  return { ...part, citations: own.length === 0 ? null : own };
}

function isEmptied(message: JsonValue): boolean {
  const content = objectOf(message)?.['content'];
  return Array.isArray(content) && content.length === 0;
}
