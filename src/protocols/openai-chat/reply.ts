// A whole Chat Completions reply, written from the folded events. `system_fingerprint` is null and
// present because some clients' schemas require the key.

import type { JsonObject } from '../../base/json.ts';
import { type Answer, foldAnswers } from '../../chat/answer.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { AssistantPart, ToolCallPart } from '../../chat/request.ts';
import type { AnswerContext } from '../protocol.ts';
import { writeAnnotation } from './annotations.ts';
import { writeFinish } from './finish.ts';
import { writeLogprobs } from './logprobs.ts';
import { writeAnswerDetail, type ReasoningPart } from './reasoning.ts';
import { writeUsage } from './usage.ts';

/** Throws the HubError of an `error` event. */
export function encodeReply(events: readonly ChatEvent[], context: AnswerContext): JsonObject {
  const answers = foldAnswers(events);
  const usage = writeUsage(answers[0]?.usage);
  return {
    id: `chatcmpl-${context.requestId}`,
    object: 'chat.completion',
    created: context.createdSeconds,
    model: context.model,
    choices: answers.map(writeChoice),
    ...(usage !== undefined && { usage }),
    system_fingerprint: null,
  };
}

function writeChoice({ parts, logprobs, finish }: Answer, index: number): JsonObject {
  const message = writeMessage(parts);
  return {
    index,
    message,
    logprobs: logprobs.length === 0 ? null : writeLogprobs(logprobs),
    finish_reason: writeFinish(finish, message['refusal'] !== null),
  };
}

function writeMessage(parts: readonly AssistantPart[]): JsonObject {
  const text = textOf(parts, 'text');
  const refusal = textOf(parts, 'refusal');
  const calls = parts.filter((part) => part.type === 'tool_call');
  const annotations = writeAnnotations(parts);
  const isEmpty = calls.length === 0 && refusal === '';
  return {
    role: 'assistant',
    content: text === '' && !isEmpty ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...(annotations.length > 0 && { annotations }),
    ...writeReasoning(parts),
    ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
  };
}

function writeCall({ id, name, argumentsJson, custom }: ToolCallPart): JsonObject {
  return custom
    ? { id, type: 'custom', custom: { name, input: argumentsJson } }
    : { id, type: 'function', function: { name, arguments: argumentsJson } };
}

function textOf(parts: readonly AssistantPart[], type: 'text' | 'refusal' | 'thinking'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('');
}

function writeAnnotations(parts: readonly AssistantPart[]): JsonObject[] {
  let length = 0;
  return parts.flatMap((part) => {
    if (part.type !== 'text') return [];
    const start = length;
    length += part.text.length;
    return (part.citations ?? []).map((citation) => writeAnnotation(citation, start, length));
  });
}

function writeReasoning(parts: readonly AssistantPart[]): JsonObject {
  const text = textOf(parts, 'thinking');
  const details = parts
    .filter((part): part is ReasoningPart => part.type.endsWith('thinking'))
    .map((part, i) => writeAnswerDetail(part, i))
    .filter((detail) => detail !== undefined);
  return {
    ...(text !== '' && { reasoning_content: text }),
    ...(details.length > 0 && { reasoning_details: details }),
  };
}
