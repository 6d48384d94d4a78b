// The order of roles that some providers insist on, and the form of call ids. A message that may not
// stand where it does keeps its place as the user's words; nothing is moved, for that would change
// what came before what.

import { createHash } from 'node:crypto';
import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { Quirks } from '../protocol.ts';

const NINE = /^[a-zA-Z0-9]{9}$/;
const ID_LENGTH = 9;
/** What stands for the turn that a client left out; providers refuse an empty one. */
const ASSENT = 'OK.';

/** The messages as the provider takes them. */
export function orderTurns(messages: readonly JsonObject[], quirks: Quirks): JsonObject[] {
  const ordered: JsonObject[] = [];
  for (const message of messages.map((each) => withIds(each, quirks))) {
    const last = ordered.at(-1);
    const written = quirks.systemFirst && !isOpening(last) ? asUser(message) : message;
    if (quirks.assistantAfterResults && last?.['role'] === 'tool' && written['role'] === 'user') {
      ordered.push({ role: 'assistant', content: ASSENT });
    }
    const isSecond = last?.['role'] === 'user' && written['role'] === 'user';
    if (quirks.alternatingTurns && isSecond) {
      ordered[ordered.length - 1] = {
        ...last,
        content: joined(last['content'], written['content']),
      };
    } else ordered.push(written);
  }
  return ordered;
}

/** Whether only system messages have come so far. */
function isOpening(last: JsonObject | undefined): boolean {
  return last === undefined || last['role'] === 'system';
}

function asUser(message: JsonObject): JsonObject {
  if (message['role'] !== 'system') return message;
  const { content } = message;
  if (typeof content === 'string') return { role: 'user', content: marked(content) };
  const parts = partsOf(content).map((part) => {
    const text = isObject(part) ? part['text'] : undefined;
    return isObject(part) && typeof text === 'string' ? { ...part, text: marked(text) } : part;
  });
  return { role: 'user', content: parts };
}

/** As in the other protocols, so that a model reads it as an instruction all the same. */
function marked(text: string): string {
  return `<system>\n${text}\n</system>`;
}

function joined(first: JsonValue | undefined, second: JsonValue | undefined): JsonValue {
  if (typeof first === 'string' && typeof second === 'string') return `${first}\n\n${second}`;
  return [...partsOf(first), ...partsOf(second)];
}

function partsOf(content: JsonValue | undefined): JsonValue[] {
  if (Array.isArray(content)) return content;
  return typeof content === 'string' ? [{ type: 'text', text: content }] : [];
}

function withIds(message: JsonObject, quirks: Quirks): JsonObject {
  if (quirks.nineCharacterIds !== true) return message;
  const { tool_calls: calls, tool_call_id: id } = message;
  return {
    ...message,
    ...(Array.isArray(calls) && { tool_calls: calls.map(withShortId) }),
    ...(typeof id === 'string' && { tool_call_id: shortId(id) }),
  };
}

function withShortId(call: JsonValue): JsonValue {
  if (!isObject(call) || typeof call['id'] !== 'string') return call;
  return { ...call, id: shortId(call['id']) };
}

/** The same nine characters for the same id, so that results find their calls in every turn. */
function shortId(id: string): string {
  if (NINE.test(id)) return id;
  const digest = createHash('sha256').update(id).digest();
  return BigInt(`0x${digest.toString('hex')}`)
    .toString(36)
    .slice(-ID_LENGTH);
}
