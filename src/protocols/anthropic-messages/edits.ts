// The declared edits of a Messages body that otherwise passes as it came. A thinking budget must
// stay below the output cap and be at least 1024, or the provider refuses the request; thinking
// blocks that Claude did not make would be refused as well, so they are taken out of the history.

import { objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import type { BodyEdit, Headers, PassThroughEdits } from '../protocol.ts';
import { isOwnSeal } from '../seals.ts';

const LEAST_BUDGET = 1024;

/** Only the edits that change something. */
export function editRequest(body: JsonObject, edits: PassThroughEdits): readonly BodyEdit[] {
  const list: BodyEdit[] = [];
  if (body['model'] !== edits.model) list.push(editKey('model', edits.model));
  if (edits.outputCap !== undefined) list.push(...capEdits(body, edits.outputCap));
  const messages = withoutForeignThinking(body['messages']);
  if (messages !== undefined) list.push(editKey('messages', messages));
  return list;
}

/**
 * The version and the betas go together with the body, so the client's own pass on, except that
 * versions after 2023-06-01 refuse every sampling parameter, whatever its value.
 */
export function forwardHeaders(headers: Headers, body: JsonObject): Record<string, string> {
  const forwarded: Record<string, string> = {};
  for (const name of ['anthropic-version', 'anthropic-beta']) {
    const value = headers[name];
    if (typeof value === 'string') forwarded[name] = value;
  }
  const isSampling = ['temperature', 'top_p', 'top_k'].some((key) => (body[key] ?? null) !== null);
  if (isSampling) forwarded['anthropic-version'] = '2023-06-01';
  return forwarded;
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

/** The messages without foreign thinking blocks; undefined where there are none. */
function withoutForeignThinking(messages: JsonValue | undefined): JsonValue[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  let found = false;
  const kept = messages.map((message) => {
    const content = objectOf(message)?.['content'];
    if (!Array.isArray(content) || !content.some(isForeign)) return message;
    found = true;
    return { ...objectOf(message), content: content.filter((part) => !isForeign(part)) };
  });
  return found ? kept.filter((message) => !isEmptied(message)) : undefined;
}

function isForeign(value: JsonValue): boolean {
  const part = objectOf(value);
  if (part?.['type'] === 'thinking') {
    return typeof part['signature'] === 'string' && !isOwnSeal(part['signature']);
  }
  return (
    part?.['type'] === 'redacted_thinking' &&
    typeof part['data'] === 'string' &&
    !isOwnSeal(part['data'])
  );
}

function isEmptied(message: JsonValue): boolean {
  const content = objectOf(message)?.['content'];
  return Array.isArray(content) && content.length === 0;
}
