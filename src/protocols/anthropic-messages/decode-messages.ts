// Reads the messages of a Messages body. A user message that carries tool results becomes a tool
// message, its results in the order of the calls, followed by a user message with whatever else it
// held: so both protocols see one shape of a turn.

import { arrayOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type {
  AssistantPart,
  CacheMark,
  ChatMessage,
  TextPart,
  ThinkingPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  present,
  readArray,
  readFlag,
  readName,
  readObject,
  readString,
  untranslatable,
} from '../fields.ts';
import { readCitations } from './citations.ts';
import { hostedType, refuseUnfinished } from './hosted.ts';
import { readDocument, readImage } from './media.ts';
import { MAKER } from './maker.ts';
import { unwrapSeal } from '../seals.ts';

const PART_KEYS: ReadonlySet<string> = new Set(
  [
    'type text source title cache_control thinking signature data id name input',
    'tool_use_id content is_error context citations',
  ].flatMap((line) => line.split(' ')),
);

/** Throws `invalid_request` or `unsupported_parameter`; notes dropped fields in `dropped`. */
export function decodeMessages(list: readonly JsonValue[], dropped: Set<string>): ChatMessage[] {
  if (list.length === 0) throw invalid('messages', '`messages` must not be empty.');
  refuseUnfinished(list);
  let callOrder: string[] = [];
  return list.flatMap((value, i): ChatMessage[] => {
    const path = `messages[${i}]`;
    const message = readObject(value, path);
    noteUnknown(message, new Set(['role', 'content']), 'messages', dropped);
    const at = `${path}.content`;
    const content = message['content'];
    switch (message['role']) {
      case 'system':
        return [{ role: 'system', content: readTexts(content, at, dropped) }];
      case 'assistant': {
        const parts = readParts(content, at, dropped).flatMap((placed) =>
          readAssistantPart(placed.part, placed.path, dropped),
        );
        callOrder = parts.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []));
        return parts.length === 0 ? [] : [{ role: 'assistant', content: parts }];
      }
      case 'user':
        return readUser(readParts(content, at, dropped), callOrder, dropped);
      default:
        throw invalid(`${path}.role`, `\`${path}.role\` is not a known role.`);
    }
  });
}

interface PlacedPart {
  readonly part: JsonObject;
  readonly path: string;
}

/** Content as a list of parts; a bare string is one text. */
function readParts(
  content: JsonValue | undefined,
  path: string,
  dropped: Set<string>,
): PlacedPart[] {
  if (typeof content === 'string') return [{ part: { type: 'text', text: content }, path }];
  return readArray(content, path).map((value, j) => {
    const part = readObject(value, `${path}[${j}]`);
    noteUnknown(part, PART_KEYS, 'messages.content', dropped);
    return { part, path: `${path}[${j}]` };
  });
}

function readUser(
  parts: readonly PlacedPart[],
  callOrder: readonly string[],
  dropped: Set<string>,
): ChatMessage[] {
  const results = parts
    .filter(({ part }) => part['type'] === 'tool_result')
    .map(({ part, path }) => readResult(part, path, callOrder, dropped))
    .toSorted((a, b) => callOrder.indexOf(a.callId) - callOrder.indexOf(b.callId));
  const rest = parts
    .filter(({ part }) => part['type'] !== 'tool_result')
    .map(({ part, path }) => {
      const isCited = part['type'] === 'text' && isSet(part['citations']);
      if (isCited) dropped.add('messages.content.citations');
      return readUserPart(part, path);
    });
  const messages: ChatMessage[] = results.length > 0 ? [{ role: 'tool', results }] : [];
  if (rest.length > 0 || results.length === 0) messages.push({ role: 'user', content: rest });
  return messages;
}

function readUserPart(part: JsonObject, path: string): UserPart {
  const cache = present({ cache: readCacheMark(part) });
  switch (part['type']) {
    case 'text':
      return { ...readText(part, path), ...cache };
    case 'image':
      return { ...readImage(part, path), ...cache };
    case 'document':
      return { ...readDocument(part, path), ...cache };
    default:
      throw untranslatable(`${path}.type`);
  }
}

function readResult(
  part: JsonObject,
  path: string,
  callOrder: readonly string[],
  dropped: Set<string>,
): ToolResult {
  const callId = readName(part['tool_use_id'], `${path}.tool_use_id`);
  if (!callOrder.includes(callId)) {
    throw invalid(
      `${path}.tool_use_id`,
      `\`${path}.tool_use_id\` names no call of the assistant message before it.`,
    );
  }
  const at = `${path}.content`;
  const inner = isSet(part['content']) ? readParts(part['content'], at, dropped) : [];
  return {
    callId,
    content: inner.map((placed) => readResultPart(placed.part, placed.path)),
    isError: readFlag(part['is_error'], `${path}.is_error`) ?? false,
    ...present({ cache: readCacheMark(part) }),
  };
}

function readResultPart(part: JsonObject, path: string): ToolResult['content'][number] {
  const read = readUserPart(part, path);
  if (read.type === 'audio') throw untranslatable(`${path}.type`);
  return read;
}

/** One part, or none where it is what a provider did by itself. */
function readAssistantPart(part: JsonObject, path: string, dropped: Set<string>): AssistantPart[] {
  const cache = present({ cache: readCacheMark(part) });
  switch (part['type']) {
    case 'text': {
      const citations = readCitations(part['citations']);
      // Sources that are no web pages are known to nobody else.
      const isPartial = citations.length < arrayOf(part['citations']).length;
      if (isPartial) dropped.add('messages.content.citations');
      return [{ ...readText(part, path), ...(citations.length > 0 && { citations }), ...cache }];
    }
    case 'thinking':
      return [readThinking(part, path)];
    case 'redacted_thinking': {
      const { maker, data } = unwrapSeal(readString(part['data'], `${path}.data`), MAKER);
      return [{ type: 'redacted_thinking', data, maker }];
    }
    case 'tool_use':
      return [
        {
          type: 'tool_call',
          id: readName(part['id'], `${path}.id`),
          name: readName(part['name'], `${path}.name`),
          argumentsJson: JSON.stringify(readObject(part['input'] ?? {}, `${path}.input`)),
          ...cache,
        },
      ];
  }
  const hosted = hostedType(part);
  if (hosted === undefined) throw untranslatable(`${path}.type`);
  dropped.add(`messages.content.${hosted}`);
  return [];
}

function readThinking(part: JsonObject, path: string): ThinkingPart {
  const text = readString(part['thinking'], `${path}.thinking`);
  const sealed = part['signature'];
  if (typeof sealed !== 'string' || sealed === '') return { type: 'thinking', text };
  const { maker, data } = unwrapSeal(sealed, MAKER);
  return { type: 'thinking', text, signature: data, maker };
}

/** Text blocks alone, as `system` has them. */
export function readTexts(
  content: JsonValue | undefined,
  path: string,
  dropped: Set<string>,
): TextPart[] {
  return readParts(content, path, dropped).map((placed) => {
    if (placed.part['type'] !== 'text') throw untranslatable(`${placed.path}.type`);
    const cache = present({ cache: readCacheMark(placed.part) });
    return { ...readText(placed.part, placed.path), ...cache };
  });
}

function readText(part: JsonObject, path: string): TextPart {
  return { type: 'text', text: readString(part['text'], `${path}.text`) };
}

/** The breakpoint of a block, a tool or a result. */
export function readCacheMark(part: JsonObject): CacheMark | undefined {
  const mark = part['cache_control'];
  if (!isSet(mark)) return undefined;
  return { ttl: readObject(mark, 'cache_control')['ttl'] === '1h' ? '1h' : '5m' };
}
