// Writes messages as the input of a Responses provider: one item for each stretch of text, call,
// result and block of reasoning, in their order. Instructions stay items too, so that those in
// mid-conversation keep their place. Reasoning that OpenAI did not make is left out.

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
import { untranslatable } from '../fields.ts';
import { type MarkWriter, markBreakpoints } from '../openai-breakpoints.ts';
import type { Quirks } from '../protocol.ts';
import { writeFile, writeImage } from './media.ts';
import { writeReasoning } from './reasoning.ts';

export function encodeInput(
  messages: readonly ChatMessage[],
  quirks: Quirks,
  dropped: Set<string>,
): JsonObject[] {
  const marks = markBreakpoints(quirks, dropped);
  const customCalls = new Set<string>();
  return messages.flatMap((message): JsonObject[] => {
    switch (message.role) {
      case 'system':
      case 'user':
        return message.content.length === 0
          ? []
          : [writeMessage(message.role, message.content, marks)];
      case 'assistant':
        noteCustomCalls(message.content, customCalls);
        return writeAssistant(message.content, dropped);
      case 'tool':
        return message.results.map((result) =>
          writeResult(result, customCalls.has(result.callId), marks, dropped),
        );
    }
  });
}

function writeMessage(
  role: 'system' | 'user',
  parts: readonly UserPart[],
  marks: MarkWriter,
): JsonObject {
  return { type: 'message', role, content: parts.map((part) => writePart(part, marks)) };
}

function writePart(part: UserPart, marks: MarkWriter): JsonObject {
  return { ...writeContent(part), ...marks(part.cache) };
}

function writeContent(part: UserPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image':
      return writeImage(part);
    case 'file':
      return writeFile(part);
    case 'audio':
      throw untranslatable('messages.content.type');
  }
}

function noteCustomCalls(parts: readonly AssistantPart[], customCalls: Set<string>): void {
  for (const part of parts) {
    if (part.type !== 'tool_call') continue;
    // Ids may come again in a later turn.
    if (part.custom) customCalls.add(part.id);
    else customCalls.delete(part.id);
  }
}

function writeAssistant(parts: readonly AssistantPart[], dropped: Set<string>): JsonObject[] {
  const items: JsonObject[] = [];
  let content: JsonObject[] | undefined;
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'refusal') {
      if (content === undefined) {
        content = [];
        items.push({ type: 'message', role: 'assistant', content });
      }
      content.push(writeSaid(part, dropped));
      continue;
    }
    content = undefined;
    if (part.type === 'tool_call') {
      noteCache(part.cache, 'messages.tool_use', dropped);
      items.push(writeCall(part));
      continue;
    }
    const item = writeReasoning(part);
    if (item !== undefined) items.push(item);
    else dropped.add('messages.reasoning');
  }
  return items;
}

function writeSaid(
  part: Extract<AssistantPart, { type: 'text' | 'refusal' }>,
  dropped: Set<string>,
): JsonObject {
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text };
  noteCache(part.cache, 'messages', dropped);
  if (part.citations !== undefined) dropped.add('messages.content.citations');
  return { type: 'output_text', text: part.text };
}

function writeCall({ id, name, argumentsJson, custom }: ToolCallPart): JsonObject {
  return custom
    ? { type: 'custom_tool_call', call_id: id, name, input: argumentsJson }
    : { type: 'function_call', call_id: id, name, arguments: argumentsJson };
}

function writeResult(
  result: ToolResult,
  isCustom: boolean,
  marks: MarkWriter,
  dropped: Set<string>,
): JsonObject {
  noteCache(result.cache, 'messages.tool_result', dropped);
  return {
    type: isCustom ? 'custom_tool_call_output' : 'function_call_output',
    call_id: result.callId,
    output: writeOutput(result, marks),
  };
}

/** A failed call is told by its text, for there is no other place. */
function writeOutput({ content, isError }: ToolResult, marks: MarkWriter): string | JsonObject[] {
  const failure: TextPart[] = isError ? [{ type: 'text', text: 'Error:' }] : [];
  const [only, ...more] = content;
  if (only === undefined || (only.type === 'text' && more.length === 0 && !only.cache)) {
    return [...failure, ...(only?.type === 'text' ? [only] : [])].map(({ text }) => text).join(' ');
  }
  return [...failure, ...content].map((part) => writePart(part, marks));
}

/** Breakpoints stand on parts of what is read, and nowhere else. */
function noteCache(cache: CacheMark | undefined, place: string, dropped: Set<string>): void {
  if (cache !== undefined) dropped.add(`${place}.cache_control`);
}
