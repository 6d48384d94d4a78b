// A whole Completions reply, written from the folded events.

import type { JsonObject } from '../../base/json.ts';
import { type Answer, foldAnswers } from '../../chat/answer.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { AssistantPart } from '../../chat/request.ts';
import { writeUsage } from '../openai-chat/usage.ts';
import type { AnswerContext } from '../protocol.ts';
import { writeFinish } from './finish.ts';
import { writeLogprobs } from './logprobs.ts';

/** Throws the HubError of an `error` event. */
export function encodeReply(events: readonly ChatEvent[], context: AnswerContext): JsonObject {
  const answers = foldAnswers(events);
  const usage = writeUsage(answers[0]?.usage);
  return {
    id: `cmpl-${context.requestId}`,
    object: 'text_completion',
    created: context.createdSeconds,
    model: context.model,
    choices: answers.map(writeChoice),
    ...(usage !== undefined && { usage }),
  };
}

function writeChoice({ parts, logprobs, finish }: Answer, index: number): JsonObject {
  const text = textOf(parts, ['text', 'refusal']);
  const thinking = textOf(parts, ['thinking']);
  return {
    index,
    text,
    ...(thinking !== '' && { reasoning_content: thinking }),
    logprobs: writeLogprobs(logprobs, 0),
    finish_reason: writeFinish(finish, text !== ''),
  };
}

function textOf(parts: readonly AssistantPart[], types: readonly string[]): string {
  return parts
    .map((part) => ('text' in part && types.includes(part.type) ? part.text : ''))
    .join('');
}
