// Writes messages for a Chat Completions provider. Tool messages hold text alone there, so images
// and files of results follow in a user message, and a failed call is told by its text.

import type { JsonObject } from '../../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  TextPart,
  ToolCallPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import { type MarkWriter, markBreakpoints } from '../openai-breakpoints.ts';
import type { Quirks } from '../protocol.ts';
import type { ChatDropped } from './drops.ts';
import { writeAudio, writeFile, writeImage } from './media.ts';
import { type ReasoningPart, type WrittenHistory, writeHistory } from './reasoning.ts';
import { orderTurns } from './turn-order.ts';

export function encodeMessages(
  messages: readonly ChatMessage[],
  quirks: Quirks,
  dropped: ChatDropped,
): JsonObject[] {
  const marks = markBreakpoints(quirks, dropped);
  const written = messages.flatMap((message): JsonObject[] => {
    switch (message.role) {
      case 'system':
        return message.content.length === 0
          ? []
          : [{ role: 'system', content: writeTexts(message.content, marks) }];
      case 'user':
        return [{ role: 'user', content: writeUserParts(message.content, marks) }];
      case 'assistant':
        return [writeAssistant(message.content, quirks, marks, dropped)];
      case 'tool':
        return writeResults(message.results, dropped);
    }
  });
  return orderTurns(written, quirks);
}

function writeTexts(parts: readonly TextPart[], marks: MarkWriter): string | JsonObject[] {
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.cache === undefined) return only.text;
  return parts.map(({ text, cache }) => ({ type: 'text', text, ...marks(cache) }));
}

function writeUserParts(parts: readonly UserPart[], marks: MarkWriter): string | JsonObject[] {
  const texts = parts.filter((part) => part.type === 'text');
  if (texts.length === parts.length) return texts.length === 0 ? '' : writeTexts(texts, marks);
  return parts.map((part) => {
    if (part.type === 'text') return { type: 'text', text: part.text, ...marks(part.cache) };
    return { ...writeMedia(part), ...marks(part.cache) };
  });
}

function writeMedia(part: Exclude<UserPart, TextPart>): JsonObject {
  switch (part.type) {
    case 'image':
      return writeImage(part);
    case 'file':
      return writeFile(part);
    case 'audio':
      return writeAudio(part);
  }
}

function writeAssistant(
  parts: readonly AssistantPart[],
  quirks: Quirks,
  marks: MarkWriter,
  dropped: ChatDropped,
): JsonObject {
  const texts = parts.filter((part) => part.type === 'text');
  const calls = parts.filter((part) => part.type === 'tool_call');
  const refusal = parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
  const thoughts = parts.filter((part): part is ReasoningPart => part.type.endsWith('thinking'));
  const reasoning = writeHistory(thoughts, quirks.reasoningField);
  if (reasoning.isPartial) dropped.add('messages.thinking');
  // Where an earlier answer took its words from; another model has no use for it.
  if (texts.some((text) => text.citations)) dropped.add('messages.citations');
  if (calls.some((call) => call.cache)) dropped.add('messages.tool_use.cache_control');
  const { reasoningInHistory } = quirks;
  const mustReason =
    reasoningInHistory === 'always' || (reasoningInHistory === 'with_calls' && calls.length > 0);
  return {
    role: 'assistant',
    content: writeAnswerText(texts, reasoning, marks),
    ...(mustReason && { reasoning_content: '' }),
    ...reasoning.fields,
    ...(refusal !== '' && { refusal }),
    ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
  };
}

function writeAnswerText(
  texts: readonly TextPart[],
  { parts, tagged }: WrittenHistory,
  marks: MarkWriter,
): string | JsonObject[] | null {
  const [first, ...rest] = texts;
  if (tagged !== '') {
    const text = tagged + (first?.text ?? '');
    return writeTexts([{ type: 'text', ...first, text }, ...rest], marks);
  }
  const written = first === undefined ? null : writeTexts(texts, marks);
  if (parts.length === 0) return written;
  const said = typeof written === 'string' ? [{ type: 'text', text: written }] : (written ?? []);
  return [...parts, ...said];
}

function writeCall({ id, name, argumentsJson, custom }: ToolCallPart): JsonObject {
  if (custom) return { id, type: 'custom', custom: { name, input: argumentsJson } };
  return { id, type: 'function', function: { name, arguments: argumentsJson } };
}

function writeResults(results: readonly ToolResult[], dropped: ChatDropped): JsonObject[] {
  if (results.some((result) => result.cache)) dropped.add('messages.tool_result.cache_control');
  const media = results.flatMap((result) =>
    result.content.filter((part) => part.type !== 'text').map(writeMedia),
  );
  const messages: JsonObject[] = results.map((result) => ({
    role: 'tool',
    tool_call_id: result.callId,
    content: resultText(result),
  }));
  if (media.length > 0) messages.push({ role: 'user', content: media });
  return messages;
}

function resultText({ content, isError }: ToolResult): string {
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const media = content.find((part) => part.type !== 'text');
  const text = texts.length === 0 && media ? `The ${media.type} follows.` : texts.join('\n');
  return isError ? `Error: ${text}` : text;
}
