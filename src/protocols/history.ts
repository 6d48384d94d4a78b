// What encoders of conversations share where a protocol is stricter than OpenAI's: instructions stand
// before the conversation, arguments are objects, ids are of plain characters.

import { isObject, parseJson, type JsonObject } from '../base/json.ts';
import type { ChatMessage, TextPart, ToolCallPart } from '../chat/request.ts';
import { invalid } from './fields.ts';

/** How many system messages stand before the first other one. */
export function leadingSystemCount(messages: readonly ChatMessage[]): number {
  const first = messages.findIndex((message) => message.role !== 'system');
  return first < 0 ? messages.length : first;
}

/** Keeps the place of an instruction where a system message may not stand in mid-conversation. */
export function asUserText(part: TextPart): TextPart {
  return part.text.trim() === '' ? part : { ...part, text: `<system>\n${part.text}\n</system>` };
}

/** The arguments of an earlier call; throws where the model did not write an object. */
export function readArguments({ argumentsJson }: ToolCallPart): JsonObject {
  const input = parseJson(argumentsJson);
  if (isObject(input)) return input;
  throw invalid(
    'messages.tool_calls.function.arguments',
    'The arguments of an earlier tool call are not a JSON object.',
  );
}

/** For protocols whose ids are of letters, digits, underscore and hyphen only. */
export function plainId(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, '_');
}
