// Writes messages for Ollama's chat. Content is one text, images stand beside it as bare base64,
// arguments of calls are objects, and a result names the tool that was called.

import { isObject, parseJson, type JsonObject } from '../../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  ImagePart,
  ToolCallPart,
  ToolResult,
  UserPart,
} from '../../chat/request.ts';
import { invalid, untranslatable } from '../fields.ts';
import { resultImages, resultText } from '../tool-results.ts';

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeMessages(
  messages: readonly ChatMessage[],
  dropped: Set<string>,
): JsonObject[] {
  let calls: readonly ToolCallPart[] = [];
  return messages.flatMap((message) => {
    switch (message.role) {
      case 'system':
        return [{ role: 'system', content: joinTexts(message.content) }];
      case 'user':
        return [writeUser(message.content)];
      case 'assistant':
        calls = message.content.filter((part) => part.type === 'tool_call');
        return [writeAssistant(message.content, calls, dropped)];
      case 'tool':
        return writeResults(message.results, calls);
    }
  });
}

function joinTexts(parts: readonly { readonly text: string }[]): string {
  return parts.map(({ text }) => text).join('\n');
}

function writeUser(parts: readonly UserPart[]): JsonObject {
  const texts = parts.filter((part) => part.type === 'text');
  const images = parts.filter((part) => part.type === 'image');
  if (texts.length + images.length < parts.length) throw untranslatable('messages.content.type');
  return {
    role: 'user',
    content: joinTexts(texts),
    ...(images.length > 0 && { images: images.map(writeImage) }),
  };
}

/** The server fetches nothing, and neither does the hub. */
function writeImage({ source }: ImagePart): string {
  if (source.kind === 'url') throw untranslatable('messages.content.source.url');
  return source.data;
}

function writeAssistant(
  parts: readonly AssistantPart[],
  calls: readonly ToolCallPart[],
  dropped: Set<string>,
): JsonObject {
  const texts = parts.filter((part) => part.type === 'text' || part.type === 'refusal');
  // What carries a signature was made elsewhere, for this protocol has none.
  const thoughts = parts.filter((part) => part.type === 'thinking' && part.maker === undefined);
  const isForeign = parts.some((part) => 'maker' in part && part.maker !== undefined);
  if (isForeign) dropped.add('messages.thinking');
  const thinking = thoughts.map((part) => (part.type === 'thinking' ? part.text : '')).join('');
  return {
    role: 'assistant',
    content: joinTexts(texts),
    ...(thinking !== '' && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
  };
}

function writeCall({ id, name, argumentsJson }: ToolCallPart): JsonObject {
  const input = parseJson(argumentsJson);
  if (!isObject(input)) {
    throw invalid(
      'messages.tool_calls.function.arguments',
      'The arguments of an earlier tool call are not a JSON object.',
    );
  }
  return { id, type: 'function', function: { name, arguments: input } };
}

function writeResults(
  results: readonly ToolResult[],
  calls: readonly ToolCallPart[],
): JsonObject[] {
  const messages: JsonObject[] = results.map((result) => {
    const name = calls.find(({ id }) => id === result.callId)?.name;
    return {
      role: 'tool',
      tool_call_id: result.callId,
      ...(name !== undefined && { tool_name: name }),
      content: resultText(result),
    };
  });
  const images = resultImages(results).map(writeImage);
  if (images.length > 0) messages.push({ role: 'user', content: '', images });
  return messages;
}
