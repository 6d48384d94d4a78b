// Writes messages for a Chat Completions provider.

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
import type { Quirks } from '../protocol.ts';
import { resultImages, resultText } from '../tool-results.ts';
import { writeFile, writeImage } from './media.ts';
import { writeHistory, type ReasoningPart } from './reasoning.ts';

/** OpenAI's bound, and Anthropic's too. */
const MAX_BREAKPOINTS = 4;

export function encodeMessages(
  messages: readonly ChatMessage[],
  quirks: Quirks,
  dropped: Set<string>,
): JsonObject[] {
  const marks = markBreakpoints(dropped);
  return messages.flatMap((message) => {
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
}

type MarkWriter = (cache: CacheMark | undefined) => JsonObject;

/** Writes at most four breakpoints, the client's first ones; lifetimes have no counterpart. */
function markBreakpoints(dropped: Set<string>): MarkWriter {
  let written = 0;
  return (cache) => {
    if (cache === undefined) return {};
    if (cache.ttl === '1h') dropped.add('cache_control.ttl');
    if (written === MAX_BREAKPOINTS) {
      dropped.add('cache_control');
      return {};
    }
    written += 1;
    return { prompt_cache_breakpoint: { mode: 'explicit' } };
  };
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
    if (part.type === 'audio') throw untranslatable('messages.content.type');
    const media = part.type === 'image' ? writeImage(part) : writeFile(part);
    return { ...media, ...marks(part.cache) };
  });
}

function writeAssistant(
  parts: readonly AssistantPart[],
  quirks: Quirks,
  marks: MarkWriter,
  dropped: Set<string>,
): JsonObject {
  const texts = parts.filter((part) => part.type === 'text');
  const calls = parts.filter((part) => part.type === 'tool_call');
  const refusal = parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
  const thoughts = parts.filter((part): part is ReasoningPart => part.type.endsWith('thinking'));
  const reasoning = writeHistory(thoughts);
  const isForeign = thoughts.length > 0 && Object.keys(reasoning).length === 0;
  if (isForeign) dropped.add('messages.thinking');
  if (calls.some((call) => call.cache)) dropped.add('messages.tool_use.cache_control');
  const mustReason = quirks.reasoningInHistory === true && calls.length > 0;
  return {
    role: 'assistant',
    content: texts.length === 0 ? null : writeTexts(texts, marks),
    ...(mustReason && { reasoning_content: '' }),
    ...reasoning,
    ...(refusal !== '' && { refusal }),
    ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
  };
}

function writeCall({ id, name, argumentsJson }: ToolCallPart): JsonObject {
  return { id, type: 'function', function: { name, arguments: argumentsJson } };
}

function writeResults(results: readonly ToolResult[], dropped: Set<string>): JsonObject[] {
  if (results.some((result) => result.cache)) dropped.add('messages.tool_result.cache_control');
  const images = resultImages(results).map(writeImage);
  const messages: JsonObject[] = results.map((result) => ({
    role: 'tool',
    tool_call_id: result.callId,
    content: resultText(result),
  }));
  if (images.length > 0) messages.push({ role: 'user', content: images });
  return messages;
}
