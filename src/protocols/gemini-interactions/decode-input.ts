// Reads the input of an interaction: a text, contents, or the steps of a whole conversation, which are
// gathered into turns. The turns that the API's preview had, with roles, are read alike.

import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  TextPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  readArray,
  readFlag,
  readName,
  readObject,
  readOptionalArray,
  readOptionalString,
  readString,
  untranslatable,
} from '../fields.ts';
import { unwrapBlock } from '../seals.ts';
import { gatherTurns, type Turns } from '../turns.ts';
import { MAKER } from './maker.ts';
import { MEDIA, readMedia } from './media.ts';

const KEYS: ReadonlySet<string> = new Set(
  [
    'type role content text data uri mime_type summary signature id name arguments call_id result',
    'is_error',
  ].flatMap((line) => line.split(' ')),
);

type Speaker = 'user' | 'model';

/** What is read goes here. */
interface Reading {
  readonly turns: Turns;
  /** Contents of the user's that stand beside each other are one message. */
  readonly said: UserPart[];
  readonly dropped: Set<string>;
}

/** Throws `invalid_request` or `unsupported_parameter`; notes dropped fields in `dropped`. */
export function decodeInput(input: JsonValue | undefined, dropped: Set<string>): ChatMessage[] {
  const reading: Reading = { turns: gatherTurns(), said: [], dropped };
  if (typeof input === 'string') reading.said.push({ type: 'text', text: input });
  else if (isObject(input)) readItem(input, 'input', 'user', reading);
  else readItems(readArray(input, 'input'), 'input', 'user', reading);
  closeMessage(reading);
  const messages = reading.turns.close();
  if (messages.length === 0) throw invalid('input', '`input` must not be empty.');
  return messages;
}

function readItems(
  list: readonly JsonValue[],
  path: string,
  speaker: Speaker,
  reading: Reading,
): void {
  list.forEach((value, i) => {
    readItem(readObject(value, `${path}[${i}]`), `${path}[${i}]`, speaker, reading);
  });
}

/** A step, a turn or a content, which tells by its type what it is. */
function readItem(item: JsonObject, path: string, speaker: Speaker, reading: Reading): void {
  const { turns, dropped } = reading;
  noteUnknown(item, KEYS, 'input', dropped);
  const type = item['type'] ?? roleOf(item, path);
  if (type === 'user_input' || type === 'model_output') {
    closeMessage(reading);
    const next = type === 'user_input' ? 'user' : 'model';
    readContent(item['content'], `${path}.content`, next, reading);
    closeMessage(reading);
  } else if (type === 'thought' || type === 'function_call') {
    closeMessage(reading);
    turns.say(type === 'thought' ? readThought(item, path) : [readCall(item, path)]);
  } else if (type === 'function_result') {
    turns.answer(readResult(item, path, dropped), `${path}.call_id`);
  } else if (speaker === 'model') {
    turns.say([readText(item, path)]);
  } else reading.said.push(readUserPart(item, path));
}

/** A turn of the preview by the type of the step that it is now. */
function roleOf({ role }: JsonObject, path: string): 'user_input' | 'model_output' {
  if (role === 'user') return 'user_input';
  if (role === 'model') return 'model_output';
  throw invalid(`${path}.type`, `\`${path}.type\` is required.`);
}

function readContent(
  content: JsonValue | undefined,
  path: string,
  speaker: Speaker,
  reading: Reading,
): void {
  const list = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  readItems(readOptionalArray(list, path), path, speaker, reading);
}

function closeMessage({ said, turns }: Reading): void {
  const content = said.splice(0);
  if (content.length > 0) turns.add({ role: 'user', content });
}

function readUserPart(content: JsonObject, path: string): UserPart {
  return MEDIA.has(content['type']) ? readMedia(content, path) : readText(content, path);
}

function readText(content: JsonObject, path: string): TextPart {
  if (content['type'] !== 'text') throw untranslatable(`${path}.type`);
  return { type: 'text', text: readString(content['text'], `${path}.text`) };
}

function readThought(step: JsonObject, path: string): AssistantPart[] {
  const summary = readOptionalArray(step['summary'], `${path}.summary`).map((value, i) => {
    const at = `${path}.summary[${i}]`;
    return readText(readObject(value, at), at).text;
  });
  const text = summary.join('');
  const sealed = readOptionalString(step['signature'], `${path}.signature`) ?? '';
  if (sealed === '') return text === '' ? [] : [{ type: 'thinking', text }];
  const block = unwrapBlock(sealed, MAKER);
  return [block.type === 'thinking' ? { ...block, text } : block];
}

function readCall(step: JsonObject, path: string): AssistantPart {
  const args = readObject(step['arguments'] ?? {}, `${path}.arguments`);
  return {
    type: 'tool_call',
    id: readName(step['id'], `${path}.id`),
    name: readName(step['name'], `${path}.name`),
    argumentsJson: JSON.stringify(args),
  };
}

function readResult(step: JsonObject, path: string, dropped: Set<string>): ToolResult {
  const callId = readName(step['call_id'], `${path}.call_id`);
  const isError = readFlag(step['is_error'], `${path}.is_error`) === true;
  const { result } = step;
  if (!Array.isArray(result)) return { callId, content: resultText(result), isError };
  const content = result.map((value, i) => {
    const at = `${path}.result[${i}]`;
    const item = readObject(value, at);
    noteUnknown(item, KEYS, 'input.result', dropped);
    const part = readUserPart(item, at);
    if (part.type === 'audio') throw untranslatable(`${at}.type`);
    return part;
  });
  return { callId, content, isError };
}

/** Any value that a function gave back. */
function resultText(result: JsonValue | undefined): TextPart[] {
  if (!isSet(result) || result === '') return [];
  return [{ type: 'text', text: typeof result === 'string' ? result : JSON.stringify(result) }];
}
