// A whole Chat Completions reply, written from the folded events. `system_fingerprint` is null and
// present because some clients' schemas require the key.

import type { JsonObject } from '../../base/json.ts';
import { foldAnswer } from '../../chat/answer.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { AssistantPart } from '../../chat/request.ts';
import type { AnswerContext } from '../protocol.ts';
import { writeFinish } from './finish.ts';
import { writeAnswerDetail, type ReasoningPart } from './reasoning.ts';
import { writeUsage } from './usage.ts';

/** Throws the HubError of an `error` event. */
export function encodeReply(events: readonly ChatEvent[], context: AnswerContext): JsonObject {
  const answer = foldAnswer(events);
  const message = writeMessage(answer.parts);
  const usage = writeUsage(answer.usage);
  return {
    id: `chatcmpl-${context.requestId}`,
    object: 'chat.completion',
    created: context.createdSeconds,
    model: context.model,
    choices: [
      {
        index: 0,
        message,
        logprobs: null,
        finish_reason: writeFinish(answer.finish, message['refusal'] !== null),
      },
    ],
    ...(usage !== undefined && { usage }),
    system_fingerprint: null,
  };
}

function writeMessage(parts: readonly AssistantPart[]): JsonObject {
  const text = textOf(parts, 'text');
  const refusal = textOf(parts, 'refusal');
  const calls = parts.filter((part) => part.type === 'tool_call');
  const isEmpty = calls.length === 0 && refusal === '';
  return {
    role: 'assistant',
    content: text === '' && !isEmpty ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...writeReasoning(parts),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, argumentsJson }) => ({
        id,
        type: 'function',
        function: { name, arguments: argumentsJson },
      })),
    }),
  };
}

function textOf(parts: readonly AssistantPart[], type: 'text' | 'refusal' | 'thinking'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('');
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
