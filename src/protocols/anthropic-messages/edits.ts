// The declared edits of a Messages body that otherwise passes as it came. A thinking budget must
// stay below the output cap and be at least 1024, or the provider refuses the request; thinking
// and citations that Claude did not make would be refused as well, so they leave the history.

import { objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import type { BodyEdit, Headers, Noted, PassThroughEdits, Quirks } from '../protocol.ts';
import { isOwnSeal } from '../seals.ts';
import { searchOf } from '../web-search.ts';
import { isForeignCitation } from './citations.ts';
import { LEAST_BUDGET } from '../claude.ts';

/** Only the edits that change something. */
export function editRequest(
  body: JsonObject,
  edits: PassThroughEdits,
  { refusesThoughts, versionInBody }: Quirks,
): readonly BodyEdit[] {
  const list: BodyEdit[] = [];
  if (versionInBody !== undefined) {
    list.push({ key: 'model', json: undefined }, editKey('anthropic_version', versionInBody));
  } else if (body['model'] !== edits.model) list.push(editKey('model', edits.model));
  if (edits.outputCap !== undefined) list.push(...capEdits(body, edits.outputCap));
  const { tools } = body;
  if (Array.isArray(tools) && tools.some(isSearch)) list.push(searchEdit(tools));
  const messages = withoutForeign(body['messages'], refusesThoughts ? isThought : isForeign);
  if (messages === undefined) return list;
  const edit = editKey('messages', messages);
  list.push(refusesThoughts ? { ...edit, dropped: 'messages.thinking' } : edit);
  if (refusesThoughts && isInMidTurn(messages) && hasBudget(body)) {
    // A model with a budget goes on with calls only after their thoughts.
    list.push({ key: 'thinking', json: undefined, dropped: 'thinking' });
  }
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

function isSearch(tool: JsonValue): boolean {
  return searchOf(tool) !== undefined;
}

function searchEdit(tools: readonly JsonValue[]): BodyEdit {
  const names = new Set(tools.flatMap((tool) => searchOf(tool) ?? []));
  const kept = tools.filter((tool) => !isSearch(tool));
  return { ...editKey('tools', kept), dropped: [...names].join(',') };
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

/** Whether the newest message has results of calls. */
function isInMidTurn(messages: readonly JsonValue[]): boolean {
  const content = objectOf(messages.at(-1))?.['content'];
  return Array.isArray(content) && content.some((part) => typeOf(part) === 'tool_result');
}

function hasBudget(body: JsonObject): boolean {
  return typeOf(body['thinking'] ?? null) === 'enabled';
}

/** The messages without what may not stay there; undefined where there is nothing of it. */
function withoutForeign(
  messages: JsonValue | undefined,
  mustGo: (part: JsonValue) => boolean,
): JsonValue[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  let found = false;
  const left = messages.map((message) => {
    const content = objectOf(message)?.['content'];
    if (!Array.isArray(content)) return message;
    if (!content.some((part) => mustGo(part) || citesForeign(part))) return message;
    found = true;
    const kept = content.filter((part) => !mustGo(part));
    return { ...objectOf(message), content: kept.map(withOwnCitations) };
  });
  return found ? left.filter((message) => !isEmptied(message)) : undefined;
}

function citesForeign(value: JsonValue): boolean {
  const citations = objectOf(value)?.['citations'];
  return Array.isArray(citations) && citations.some(isForeignCitation);
}

function typeOf(value: JsonValue): JsonValue | undefined {
  return objectOf(value)?.['type'];
}

function isThought(value: JsonValue): boolean {
  const type = typeOf(value);
  return type === 'thinking' || type === 'redacted_thinking';
}

/** Whether it is a thought that Claude did not sign. */
function isForeign(value: JsonValue): boolean {
  if (!isThought(value)) return false;
  const part = objectOf(value);
  const opaque = part?.[typeOf(value) === 'thinking' ? 'signature' : 'data'];
  return typeof opaque === 'string' && !isOwnSeal(opaque);
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
