// Writes messages for Cohere's chat. Thinking before calls goes back as the tool plan to models that
// do not think otherwise, and as content to those that do.

import type { JsonObject } from '../../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  ImagePart,
  ToolCallPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import { untranslatable } from '../fields.ts';
import { writeImage } from '../openai-chat/media.ts';
import type { Quirks } from '../protocol.ts';
import { resultImages, resultText } from '../tool-results.ts';

const DETAILS: ReadonlySet<string> = new Set(['auto', 'low', 'high']);

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeMessages(
  messages: readonly ChatMessage[],
  quirks: Quirks,
  dropped: Set<string>,
): JsonObject[] {
  return messages.flatMap((message) => {
    switch (message.role) {
      case 'system':
        return [{ role: 'system', content: writeTexts(message.content) }];
      case 'user':
        return [{ role: 'user', content: writeUserParts(message.content, dropped) }];
      case 'assistant':
        return [writeAssistant(message.content, quirks, dropped)];
      case 'tool':
        return writeResults(message.results, dropped);
    }
  });
}

function writeTexts(parts: readonly { readonly text: string }[]): string | JsonObject[] {
  const [only] = parts;
  if (parts.length <= 1) return only?.text ?? '';
  return parts.map(({ text }) => ({ type: 'text', text }));
}

function writeUserParts(parts: readonly UserPart[], dropped: Set<string>): string | JsonObject[] {
  const texts = parts.filter((part) => part.type === 'text');
  if (texts.length === parts.length) return writeTexts(texts);
  return parts.map((part) => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    if (part.type !== 'image') throw untranslatable('messages.content.type');
    return writePicture(part, dropped);
  });
}

/** An image as OpenAI has it, but in no finer detail than `high`. */
function writePicture({ detail, ...image }: ImagePart, dropped: Set<string>): JsonObject {
  if (detail === undefined) return writeImage(image);
  if (DETAILS.has(detail)) return writeImage({ ...image, detail });
  dropped.add('messages.content.detail');
  return writeImage(image);
}

function writeAssistant(
  parts: readonly AssistantPart[],
  { thinkingStyle }: Quirks,
  dropped: Set<string>,
): JsonObject {
  const calls = parts.filter((part) => part.type === 'tool_call');
  const texts = parts.filter((part) => part.type === 'text' || part.type === 'refusal');
  const thinking = parts.map((part) => ownThinking(part, dropped)).join('');
  const isThinker = thinkingStyle !== 'none';
  const isPlan = thinking !== '' && !isThinker && calls.length > 0;
  if (thinking !== '' && !isThinker && !isPlan) dropped.add('messages.thinking');
  const content =
    thinking !== '' && isThinker
      ? [{ type: 'thinking', thinking }, ...texts.map(({ text }) => ({ type: 'text', text }))]
      : writeTexts(texts);
  return {
    role: 'assistant',
    ...(content.length > 0 && { content }),
    ...(isPlan && { tool_plan: thinking }),
    ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
  };
}

/** What carries a signature was made elsewhere, for this protocol has none. */
function ownThinking(part: AssistantPart, dropped: Set<string>): string {
  if (part.type !== 'thinking' && part.type !== 'redacted_thinking') return '';
  if (part.maker !== undefined) dropped.add('messages.thinking');
  return part.type === 'thinking' && part.maker === undefined ? part.text : '';
}

function writeCall({ id, name, argumentsJson }: ToolCallPart): JsonObject {
  return { id, type: 'function', function: { name, arguments: argumentsJson } };
}

function writeResults(results: readonly ToolResult[], dropped: Set<string>): JsonObject[] {
  const messages: JsonObject[] = results.map((result) => ({
    role: 'tool',
    tool_call_id: result.callId,
    content: resultText(result),
  }));
  const images = resultImages(results).map((image) => writePicture(image, dropped));
  if (images.length > 0) messages.push({ role: 'user', content: images });
  return messages;
}
