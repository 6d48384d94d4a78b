// Writes events as a Completions stream. The finish is held back until the end, because upstreams may
// still send text and usage after theirs. Thinking has no field here; it goes out in the one that
// chat servers use. Calls cannot occur, for no request of this protocol has tools.

import { formatSse } from '../../base/sse.ts';
import type { JsonObject } from '../../base/json.ts';
import type { FinishReason, TokenLogprob } from '../../chat/events.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { DONE } from '../openai-chat/decode-events.ts';
import { encodeErrorEvent } from '../openai-chat/errors.ts';
import { writeUsage } from '../openai-chat/usage.ts';
import type { AnswerContext, EventEncoder } from '../protocol.ts';
import { writeFinish } from './finish.ts';
import { characterCount, writeLogprobs } from './logprobs.ts';

/** Keeps the connection alive; readers of server-sent events skip comments. */
export const KEEP_ALIVE = ': ping\n\n';

export function encodeEvents(context: AnswerContext): EventEncoder {
  const answers = [openAnswer()];
  let closed = false;
  let usage: ReportedUsage | undefined;

  function answerOf({ choice = 0 }: { readonly choice?: number }): OpenAnswer {
    while (answers.length <= choice) answers.push(openAnswer());
    return answers[choice]!;
  }

  const write = (index: number, choice: JsonObject): string =>
    writeChunk(context, [{ index, text: '', logprobs: null, finish_reason: null, ...choice }]);

  return {
    push(event) {
      if (closed) return '';
      switch (event.type) {
        case 'ping':
          return KEEP_ALIVE;
        case 'error':
          closed = true;
          return encodeErrorEvent(event.error);
        case 'usage':
          usage = event.usage;
          return '';
        case 'finish':
          answerOf(event).finish = event.reason;
          return '';
        case 'text':
        case 'refusal':
          answerOf(event).hasText = true;
          return write(event.choice ?? 0, { text: event.text });
        case 'thinking':
          return write(event.choice ?? 0, { reasoning_content: event.text });
        case 'logprobs':
          return write(event.choice ?? 0, { logprobs: answerOf(event).place(event.tokens) });
        default:
          return '';
      }
    },
    end() {
      if (closed) return '';
      closed = true;
      const finishes = answers.map(({ finish, hasText }, index) =>
        write(index, { finish_reason: writeFinish(finish, hasText) }),
      );
      const reported = context.includeUsage ? writeUsage(usage) : undefined;
      const last = reported === undefined ? '' : writeChunk(context, [], reported);
      return finishes.join('') + last + formatSse(DONE);
    },
  };
}

interface OpenAnswer {
  finish: FinishReason;
  hasText: boolean;
  /** The log probabilities of its next tokens. */
  place(tokens: readonly TokenLogprob[]): JsonObject | null;
}

function openAnswer(): OpenAnswer {
  let offset = 0;
  return {
    finish: 'stop',
    hasText: false,
    place(tokens) {
      const written = writeLogprobs(tokens, offset);
      for (const { token } of tokens) offset += characterCount(token);
      return written;
    },
  };
}

function writeChunk(context: AnswerContext, choices: JsonObject[], usage?: JsonObject): string {
  const chunk = {
    id: `cmpl-${context.requestId}`,
    object: 'text_completion',
    created: context.createdSeconds,
    model: context.model,
    choices,
    ...(context.includeUsage && { usage: usage ?? null }),
  };
  return formatSse(JSON.stringify(chunk));
}
