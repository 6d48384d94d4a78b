// Writes messages as the steps of a conversation that is sent whole. What the model said stands in steps
// of their own in the order in which it was said; thoughts go back to Google's models alone.

import type { JsonObject } from '../../base/json.ts';
import type { AssistantPart, ChatMessage, ToolResult, UserPart } from '../../chat/request.ts';
import { invalid, present } from '../fields.ts';
import { asUserText, leadingSystemCount, readArguments } from '../history.ts';
import { MAKER } from './maker.ts';
import { writeMedia } from './media.ts';

/** The system messages before the first other one; undefined where they say nothing. */
export function encodeSystem(messages: readonly ChatMessage[]): string | undefined {
  const texts = messages
    .slice(0, leadingSystemCount(messages))
    .flatMap((message) => (message.role === 'system' ? message.content : []))
    .map(({ text }) => text)
    .filter((text) => text !== '');
  return texts.length === 0 ? undefined : texts.join('\n\n');
}

/** The messages after the leading system messages. */
export function encodeInput(messages: readonly ChatMessage[], dropped: Set<string>): JsonObject[] {
  const first = leadingSystemCount(messages);
  const steps = messages.slice(first).flatMap((message, i, all) => {
    noteHints(message, dropped);
    switch (message.role) {
      case 'system':
        return writeUser(message.content.map(asUserText));
      case 'user':
        return writeUser(message.content);
      case 'assistant':
        return message.content.flatMap((part) => writePart(part, dropped));
      case 'tool':
        return message.results.map((result) => writeResult(result, all.slice(0, i)));
    }
  });
  if (steps.length > 0) return steps;
  throw invalid('messages', '`messages` must hold a user message with some content.');
}

function writeUser(parts: readonly UserPart[]): JsonObject[] {
  const content = writeContents(parts);
  return content.length === 0 ? [] : [{ type: 'user_input', content }];
}

function writeContents(parts: readonly UserPart[]): JsonObject[] {
  return parts.flatMap((part) => {
    if (part.type !== 'text') return [writeMedia(part)];
    return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  });
}

function writePart(part: AssistantPart, dropped: Set<string>): JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      if (part.text === '') return [];
      return [{ type: 'model_output', content: [{ type: 'text', text: part.text }] }];
    case 'tool_call': {
      const { id, name } = part;
      return [{ type: 'function_call', id, name, arguments: readArguments(part) }];
    }
    case 'thinking': {
      if (part.maker !== MAKER || part.signature === undefined) break;
      const summary = part.text === '' ? undefined : [{ type: 'text', text: part.text }];
      return [{ type: 'thought', ...present({ summary }), signature: part.signature }];
    }
    case 'redacted_thinking':
  }
  dropped.add('messages.reasoning');
  return [];
}

function writeResult(
  { callId, content, isError }: ToolResult,
  before: readonly ChatMessage[],
): JsonObject {
  const [part = { type: 'text' as const, text: '' }, ...others] = content;
  const isText = part.type === 'text' && others.length === 0;
  return {
    type: 'function_result',
    call_id: callId,
    ...present({ name: nameOf(callId, before) }),
    result: isText ? part.text : writeContents(content),
    ...(isError && { is_error: true }),
  };
}

/** The name of the nearest call with this id: ids may come again in later turns. */
function nameOf(callId: string, before: readonly ChatMessage[]): string | undefined {
  for (const message of before.toReversed()) {
    if (message.role !== 'assistant') continue;
    for (const part of message.content) {
      if (part.type === 'tool_call' && part.id === callId) return part.name;
    }
  }
  return undefined;
}

/** Citations, details and names of files have no field. */
function noteHints(message: ChatMessage, dropped: Set<string>): void {
  const parts =
    message.role === 'tool' ? message.results.flatMap(({ content }) => content) : message.content;
  for (const part of parts) {
    if ('citations' in part && part.citations) dropped.add('messages.content.citations');
    if ('detail' in part && part.detail && part.detail !== 'auto') {
      dropped.add('messages.content.detail');
    }
    if (part.type === 'file' && part.name !== undefined) dropped.add('messages.content.filename');
  }
}
