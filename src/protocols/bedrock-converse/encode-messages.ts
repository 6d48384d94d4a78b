// Writes messages for Converse. Roles take turns, so neighbours of one role are joined; the results
// of a turn stand first in the user message that answers it; blank texts, which Bedrock refuses, are
// left out, and so are thinking blocks that no model on Bedrock signed.

import type { JsonObject } from '../../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  TextPart,
  ToolCallPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import { invalid, untranslatable } from '../fields.ts';
import { asUserText, leadingSystemCount, plainId, readArguments } from '../history.ts';
import type { Quirks } from '../protocol.ts';
import type { CachePoints } from './cache-points.ts';
import { MAKER } from './maker.ts';
import { writeDocument, writeImage } from './media.ts';

/** What the writers of one request share. */
export interface Writing {
  readonly quirks: Quirks;
  readonly dropped: Set<string>;
  readonly cachePoints: CachePoints;
  readonly documentNames: Set<string>;
}

/** The blocks of the system messages before the first other message. */
export function encodeSystem(messages: readonly ChatMessage[], writing: Writing): JsonObject[] {
  return messages
    .slice(0, leadingSystemCount(messages))
    .flatMap((message) => (message.role === 'system' ? message.content : []))
    .flatMap((part) => writeText(part, writing));
}

/** The messages after the leading system messages. */
export function encodeMessages(messages: readonly ChatMessage[], writing: Writing): JsonObject[] {
  const written: { role: string; content: JsonObject[] }[] = [];
  for (const message of messages.slice(leadingSystemCount(messages))) {
    const { role, content } = writeMessage(message, writing);
    const last = written.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else written.push({ role, content });
  }
  if (written.length === 0) {
    throw invalid('messages', '`messages` must hold a user message with some content.');
  }
  return written;
}

/** Whether there are calls or results, with which Bedrock wants to see tools too. */
export function hasToolBlocks(messages: readonly ChatMessage[]): boolean {
  return messages.some(
    (message) =>
      message.role === 'tool' ||
      (message.role === 'assistant' && message.content.some(({ type }) => type === 'tool_call')),
  );
}

interface WrittenMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: JsonObject[];
}

function writeMessage(message: ChatMessage, writing: Writing): WrittenMessage {
  switch (message.role) {
    case 'system': {
      const isTaken = writing.quirks.systemInMessages === true;
      const content = isTaken ? message.content : message.content.map(asUserText);
      return {
        role: isTaken ? 'system' : 'user',
        content: content.flatMap((part) => writeText(part, writing)),
      };
    }
    case 'user':
      return {
        role: 'user',
        content: message.content.flatMap((part) => writeUserPart(part, writing)),
      };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content.flatMap((part) => writeAssistantPart(part, writing)),
      };
    case 'tool':
      return {
        role: 'user',
        content: message.results.flatMap((result) => writeResult(result, writing)),
      };
  }
}

function writeText({ text, cache, citations }: TextPart, writing: Writing): JsonObject[] {
  if (text.trim() === '') return [];
  if (citations !== undefined) writing.dropped.add('messages.content.citations');
  return [{ text }, ...writing.cachePoints.after(cache)];
}

function writeUserPart(part: UserPart, writing: Writing): JsonObject[] {
  if (part.type === 'text') return writeText(part, writing);
  return [writeMedia(part, writing), ...writing.cachePoints.after(part.cache)];
}

function writeMedia(part: Exclude<UserPart, TextPart>, writing: Writing): JsonObject {
  switch (part.type) {
    case 'image':
      return writeImage(part, writing.dropped);
    case 'file':
      return writeDocument(part, writing.documentNames);
    case 'audio':
      throw untranslatable('messages.content.type');
  }
}

function writeAssistantPart(part: AssistantPart, writing: Writing): JsonObject[] {
  switch (part.type) {
    case 'text':
      return writeText(part, writing);
    case 'refusal':
      return writeText({ type: 'text', text: part.text }, writing);
    case 'tool_call':
      return [writeCall(part), ...writing.cachePoints.after(part.cache)];
    case 'thinking':
      if (part.maker === MAKER && part.signature !== undefined) {
        const { text, signature } = part;
        return [{ reasoningContent: { reasoningText: { text, signature } } }];
      }
      break;
    case 'redacted_thinking':
      if (part.maker === MAKER) return [{ reasoningContent: { redactedContent: part.data } }];
  }
  writing.dropped.add('messages.reasoning');
  return [];
}

function writeCall(part: ToolCallPart): JsonObject {
  if (part.custom) throw untranslatable('messages.tool_calls.type');
  return {
    toolUse: { toolUseId: plainId(part.id), name: part.name, input: readArguments(part) },
  };
}

/** A mark inside a result stands behind it, for nothing in a result can be marked. */
function writeResult(result: ToolResult, writing: Writing): JsonObject[] {
  const content = result.content.flatMap((part) => {
    if (part.type !== 'text') return [writeMedia(part, writing)];
    return part.text.trim() === '' ? [] : [{ text: part.text }];
  });
  const marked = result.content.findLast(({ cache }) => cache !== undefined);
  return [
    {
      toolResult: {
        toolUseId: plainId(result.callId),
        content,
        ...(result.isError && { status: 'error' }),
      },
    },
    ...writing.cachePoints.after(result.cache ?? marked?.cache),
  ];
}
