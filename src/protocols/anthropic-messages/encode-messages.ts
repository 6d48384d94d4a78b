// Writes messages for a Messages provider. Leading system messages are the top-level `system`; the
// results of a turn stand first in the user message that answers it; blank texts, which Anthropic
// refuses, are left out, and so are thinking blocks that Claude did not sign.

import type { JsonObject } from '../../base/json.ts';
import type {
  AssistantPart,
  CacheMark,
  ChatMessage,
  TextPart,
  ToolCallPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import { invalid } from '../fields.ts';
import { asUserText, leadingSystemCount, plainId, readArguments } from '../history.ts';
import type { Quirks } from '../protocol.ts';
import { type MessagesDropped, refuse } from './drops.ts';
import { writeDocument, writeImage } from './media.ts';
import { MAKER } from './maker.ts';

/** The blocks of the system messages before the first other message. */
export function encodeSystem(messages: readonly ChatMessage[]): JsonObject[] {
  return messages
    .slice(0, leadingSystemCount(messages))
    .flatMap((message) => (message.role === 'system' ? writeTexts(message.content) : []));
}

/** The messages after the leading system messages. */
export function encodeMessages(
  messages: readonly ChatMessage[],
  quirks: Quirks,
  dropped: MessagesDropped,
): JsonObject[] {
  const written: JsonObject[] = [];
  let afterResults = false;
  for (const message of messages.slice(leadingSystemCount(messages))) {
    const { role, content } = writeMessage(message, quirks, dropped);
    const last = written.at(-1);
    if (content.length === 0) continue;
    // What the user adds to results must stand behind them in one message.
    if (afterResults && role === 'user' && Array.isArray(last?.['content'])) {
      last['content'] = [...last['content'], ...content];
    } else written.push({ role, content });
    afterResults = message.role === 'tool' || (afterResults && role === 'user');
  }
  if (written.length === 0) {
    throw invalid('messages', '`messages` must hold a user message with some content.');
  }
  return written;
}

interface WrittenMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: JsonObject[];
}

function writeMessage(
  message: ChatMessage,
  quirks: Quirks,
  dropped: MessagesDropped,
): WrittenMessage {
  switch (message.role) {
    case 'system':
      return quirks.systemInMessages === true
        ? { role: 'system', content: writeTexts(message.content) }
        : { role: 'user', content: writeTexts(message.content.map(asUserText)) };
    case 'user':
      return { role: 'user', content: message.content.flatMap(writeUserPart) };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content.flatMap((part) => writeAssistantPart(part, dropped)),
      };
    case 'tool':
      return { role: 'user', content: message.results.map(writeResult) };
  }
}

function writeTexts(parts: readonly TextPart[]): JsonObject[] {
  return parts.flatMap(writeText);
}

function writeText({ text, cache }: TextPart): JsonObject[] {
  return text.trim() === '' ? [] : [{ type: 'text', text, ...writeCacheMark(cache) }];
}

function writeUserPart(part: UserPart): JsonObject[] {
  if (part.type === 'text') return writeText(part);
  if (part.type === 'audio') throw refuse('messages.content.type');
  const block = part.type === 'image' ? writeImage(part) : writeDocument(part);
  return [{ ...block, ...writeCacheMark(part.cache) }];
}

function writeAssistantPart(part: AssistantPart, dropped: MessagesDropped): JsonObject[] {
  switch (part.type) {
    case 'text':
      // Claude takes back only the citations that it made, by a key that it alone can read.
      if (part.citations) dropped.add('messages.annotations');
      return writeText(part);
    case 'refusal':
      return writeText({ type: 'text', text: part.text });
    case 'tool_call':
      return [writeCall(part)];
    case 'thinking':
      if (part.maker === MAKER && part.signature !== undefined) {
        return [{ type: 'thinking', thinking: part.text, signature: part.signature }];
      }
      break;
    case 'redacted_thinking':
      if (part.maker === MAKER) return [{ type: 'redacted_thinking', data: part.data }];
  }
  dropped.add('messages.reasoning');
  return [];
}

function writeCall(part: ToolCallPart): JsonObject {
  if (part.custom) throw refuse('messages.tool_calls.type');
  const { name, cache } = part;
  const input = readArguments(part);
  return { type: 'tool_use', id: plainId(part.id), name, input, ...writeCacheMark(cache) };
}

function writeResult(result: ToolResult): JsonObject {
  const content = result.content.flatMap(writeUserPart);
  return {
    type: 'tool_result',
    tool_use_id: plainId(result.callId),
    ...(content.length > 0 && { content }),
    ...(result.isError && { is_error: true }),
    ...writeCacheMark(result.cache),
  };
}

function writeCacheMark(cache: CacheMark | undefined): JsonObject {
  return cache === undefined ? {} : { cache_control: { type: 'ephemeral', ttl: cache.ttl } };
}
