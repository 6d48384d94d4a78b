// Which conversation a request belongs to, as far as it can be told. Its turns should go to the same
// account of the same provider: prompt caches live there, and thinking signatures may hold there only.

import { hash } from 'node:crypto';
import { withoutMarks } from '../base/json-scan.ts';
import { type JsonObject, type JsonValue, arrayOf, objectOf } from '../base/json.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Session ids that clients send of themselves: Claude Code, Codex, and whoever wants to be sure. */
const SESSION_HEADERS = Object.freeze([
  'x-inferencehub-session',
  'x-claude-code-session-id',
  'session_id',
  'session-id',
  'x-session-id',
]);
const INSTRUCTIONS = ['system', 'instructions', 'systemInstruction', 'system_instruction'];
const TURNS = ['messages', 'input', 'contents', 'prompt'];
/** The system prompt may stand among the messages. */
const FIRST_TURNS = 2;

/**
 * A text that is the same for all turns of a conversation: the client's own word, or else how the
 * conversation begins, by which many may look alike; undefined where nothing tells.
 */
export function conversationOf(headers: Headers, body: JsonObject): string | undefined {
  const named = SESSION_HEADERS.map((name) => headers[name]).find(isText) ?? keyOf(body);
  if (named !== undefined) return `session ${named}`;
  const beginning = [
    ...INSTRUCTIONS.map((key) => body[key]),
    ...TURNS.map((key) => firstOf(body[key])),
  ].filter((part) => part !== undefined);
  if (beginning.length === 0) return undefined;
  // What is cut short in an outline is told by its length, and the mark is this process's own.
  return `prefix ${withoutMarks(JSON.stringify(beginning))}`;
}

/** A number from 0 to 1, exclusive, that is the same for the same texts on every node. */
export function spread(conversation: string, key: string): number {
  const digest = hash('sha1', `${key}\n${conversation}`, 'buffer');
  return (digest.readUIntBE(0, 6) + 1) / (2 ** 48 + 1);
}

function keyOf(body: JsonObject): string | undefined {
  const user = objectOf(body['metadata'])?.['user_id'];
  return [body['prompt_cache_key'], body['session_id'], user].find(isText);
}

function firstOf(turns: JsonValue | undefined): JsonValue | undefined {
  if (typeof turns === 'string') return turns;
  return Array.isArray(turns) ? arrayOf(turns).slice(0, FIRST_TURNS) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
