// Reads the messages of a Chat Completions body. The results of one turn's calls are gathered into
// one message in the order of the calls: clients send them as they finish, and a fixed order keeps
// prompt caches warm.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  TextPart,
  ToolCallPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  present,
  readArray,
  readName,
  readObject,
  readOptionalArray,
  readOptionalString,
  readString,
  untranslatable,
} from '../fields.ts';
import { readCacheMark } from '../openai-breakpoints.ts';
import { readAnnotations } from './annotations.ts';
import { readAudio, readFile, readImage } from './media.ts';
import { readHistory } from './reasoning.ts';

const KNOWN_KEYS: ReadonlySet<string> = new Set(
  [
    'role content refusal tool_calls tool_call_id annotations',
    'reasoning reasoning_content reasoning_details',
  ].flatMap((line) => line.split(' ')),
);

/** Throws `invalid_request` or `unsupported_parameter`; notes dropped fields in `dropped`. */
export function decodeMessages(list: readonly JsonValue[], dropped: Set<string>): ChatMessage[] {
  const messages: ChatMessage[] = [];
  let results: ToolResult[] = [];
  let callOrder: string[] = [];

  function closeTurn(): void {
    if (results.length === 0) return;
    messages.push({ role: 'tool', results: inCallOrder(results, callOrder) });
    results = [];
  }

  for (const [i, value] of list.entries()) {
    const path = `messages[${i}]`;
    const message = readObject(value, path);
    noteUnknown(message, KNOWN_KEYS, 'messages', dropped);
    if (message['role'] === 'tool') {
      results.push(readResult(message, path, callOrder));
      continue;
    }
    closeTurn();
    const read = readMessage(message, path);
    callOrder = read.role === 'assistant' ? callIds(read.content) : [];
    messages.push(read);
  }
  closeTurn();
  if (messages.length === 0) throw invalid('messages', '`messages` must not be empty.');
  return messages;
}

function readMessage(message: JsonObject, path: string): ChatMessage {
  const content = message['content'];
  switch (message['role']) {
    case 'system':
    case 'developer':
      return { role: 'system', content: readTexts(content, `${path}.content`) };
    case 'user':
      return { role: 'user', content: readUserParts(content, `${path}.content`) };
    case 'assistant':
      return { role: 'assistant', content: readAssistant(message, path) };
    case 'function':
      throw untranslatable(`${path}.role`);
    default:
      throw invalid(`${path}.role`, `\`${path}.role\` is not a known role.`);
  }
}

function readUserParts(content: JsonValue | undefined, path: string): UserPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return readArray(content, path).map((value, j) => {
    const at = `${path}[${j}]`;
    const part = readObject(value, at);
    const cache = readCacheMark(part);
    if (part['type'] === 'text') return { ...readText(part, at), ...present({ cache }) };
    if (part['type'] === 'image_url') return { ...readImage(part, at), ...present({ cache }) };
    if (part['type'] === 'file') return { ...readFile(part, at), ...present({ cache }) };
    if (part['type'] === 'input_audio') return { ...readAudio(part, at), ...present({ cache }) };
    throw untranslatable(`${at}.type`);
  });
}

function readTexts(content: JsonValue | undefined, path: string): TextPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return readArray(content, path).map((value, j) => {
    const part = readObject(value, `${path}[${j}]`);
    if (part['type'] !== 'text') throw untranslatable(`${path}[${j}].type`);
    return { ...readText(part, `${path}[${j}]`), ...present({ cache: readCacheMark(part) }) };
  });
}

function readText(part: JsonObject, path: string): TextPart {
  return { type: 'text', text: readString(part['text'], `${path}.text`) };
}

function readAssistant(message: JsonObject, path: string): AssistantPart[] {
  if (isSet(message['function_call'])) throw untranslatable(`${path}.function_call`);
  if (isSet(message['audio'])) throw untranslatable(`${path}.audio`);
  const parts: AssistantPart[] = readHistory(message);
  const content = message['content'];
  if (typeof content === 'string') {
    if (content !== '') parts.push({ type: 'text', text: content });
  } else {
    for (const [j, value] of readOptionalArray(content, `${path}.content`).entries()) {
      parts.push(readAssistantPart(value, `${path}.content[${j}]`));
    }
  }
  cite(parts, message['annotations']);
  const refusal = readOptionalString(message['refusal'], `${path}.refusal`) ?? '';
  if (refusal !== '') parts.push({ type: 'refusal', text: refusal });
  const calls = readOptionalArray(message['tool_calls'], `${path}.tool_calls`);
  return [...parts, ...calls.map((call, j) => readCall(call, `${path}.tool_calls[${j}]`))];
}

/** The sources of an earlier answer belong to its text. */
function cite(parts: AssistantPart[], annotations: JsonValue | undefined): void {
  const citations = readAnnotations(annotations);
  const last = parts.at(-1);
  if (last?.type === 'text' && citations.length > 0) parts.splice(-1, 1, { ...last, citations });
}

function readAssistantPart(value: JsonValue, path: string): AssistantPart {
  const part = readObject(value, path);
  if (part['type'] === 'refusal') {
    return { type: 'refusal', text: readString(part['refusal'], `${path}.refusal`) };
  }
  if (part['type'] !== 'text') throw untranslatable(`${path}.type`);
  return { ...readText(part, path), ...present({ cache: readCacheMark(part) }) };
}

function readCall(value: JsonValue, path: string): ToolCallPart {
  const call = readObject(value, path);
  if (call['type'] === 'custom') return readCustomCall(call, path);
  if (isSet(call['type']) && call['type'] !== 'function') throw untranslatable(`${path}.type`);
  const called = readObject(call['function'], `${path}.function`);
  const json = readOptionalString(called['arguments'], `${path}.function.arguments`) ?? '';
  return {
    type: 'tool_call',
    id: readName(call['id'], `${path}.id`),
    name: readName(called['name'], `${path}.function.name`),
    argumentsJson: json.trim() === '' ? '{}' : json,
  };
}

function readCustomCall(call: JsonObject, path: string): ToolCallPart {
  const called = readObject(call['custom'], `${path}.custom`);
  return {
    type: 'tool_call',
    id: readName(call['id'], `${path}.id`),
    name: readName(called['name'], `${path}.custom.name`),
    argumentsJson: readString(called['input'], `${path}.custom.input`),
    custom: true,
  };
}

function readResult(message: JsonObject, path: string, callOrder: readonly string[]): ToolResult {
  const callId = readName(message['tool_call_id'], `${path}.tool_call_id`);
  if (!callOrder.includes(callId)) {
    throw invalid(
      `${path}.tool_call_id`,
      `\`${path}.tool_call_id\` names no call of the assistant message before it.`,
    );
  }
  const at = `${path}.content`;
  const content = message['content'];
  const parts = isSet(content) ? readUserParts(content, at) : [];
  if (!parts.every(isResultPart)) throw untranslatable(at);
  return {
    callId,
    content: parts,
    isError: false,
  };
}

function isResultPart(part: UserPart): part is ToolResult['content'][number] {
  return part.type !== 'audio';
}

function callIds(parts: readonly AssistantPart[]): string[] {
  return parts.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []));
}

function inCallOrder(results: readonly ToolResult[], order: readonly string[]): ToolResult[] {
  return results.toSorted((a, b) => order.indexOf(a.callId) - order.indexOf(b.callId));
}
