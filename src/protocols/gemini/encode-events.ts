// Writes events as a streamGenerateContent answer. The reasons of the end and the usage are held back
// for the last chunk, because other protocols may still send text after theirs; there is no end mark.

import { formatSse } from '../../base/sse.ts';
import type { JsonObject } from '../../base/json.ts';
import type { FinishReason } from '../../chat/events.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { present } from '../fields.ts';
import type { AnswerContext, EventEncoder } from '../protocol.ts';
import { type AnswerWriter, writeAnswer } from './answer-writer.ts';
import { encodeErrorEvent } from './errors.ts';
import { writeUsage } from './usage.ts';

/** Keeps the connection alive; readers of server-sent events skip comments. */
export const KEEP_ALIVE = ': ping\n\n';

export function encodeEvents(context: AnswerContext): EventEncoder {
  const writers: AnswerWriter[] = [];
  const reasons: FinishReason[] = [];
  const choiceOfCall: number[] = [];
  let usage: ReportedUsage | undefined;
  let isClosed = false;

  const writerOf = (index: number): AnswerWriter => (writers[index] ??= writeAnswer(index));

  return {
    push(event) {
      if (isClosed) return '';
      switch (event.type) {
        case 'start':
          return '';
        case 'ping':
          return KEEP_ALIVE;
        case 'error':
          isClosed = true;
          return encodeErrorEvent(event.error);
        case 'usage':
          usage = event.usage;
          return '';
        case 'finish':
          reasons[event.choice ?? 0] = event.reason;
          writerOf(event.choice ?? 0);
          return '';
        default: {
          const isMore = event.type === 'tool_arguments';
          const index = (isMore ? choiceOfCall[event.call] : event.choice) ?? 0;
          if (event.type === 'tool_call') choiceOfCall[event.call] = index;
          const candidate = writerOf(index).push(event);
          return candidate ? formatSse(JSON.stringify(envelope([candidate], context))) : '';
        }
      }
    },
    end() {
      if (isClosed) return '';
      isClosed = true;
      writerOf(0);
      // A number that was left out is an answer all the same.
      const candidates = Array.from(writers, (writer, index) =>
        (writer ?? writeAnswer(index)).end(reasons[index] ?? 'stop'),
      );
      return formatSse(JSON.stringify(envelope(candidates, context, usage)));
    },
  };
}

/** What every chunk, and a whole reply, consists of. */
export function envelope(
  candidates: JsonObject[],
  context: AnswerContext,
  usage?: ReportedUsage,
): JsonObject {
  return {
    candidates,
    ...present({ usageMetadata: writeUsage(usage) }),
    modelVersion: context.model,
    responseId: context.requestId,
  };
}
