// Writes events as a Messages stream. The finish and the usage are held back until the end, because
// other protocols tell the usage only there; the start therefore says zero and the closing
// `message_delta` carries the full counts, which clients take for the final ones.

import type { JsonObject } from '../../base/json.ts';
import { settleFinish } from '../../chat/answer.ts';
import type { ChatEvent, FinishReason } from '../../chat/events.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import type { AnswerContext, EventEncoder } from '../protocol.ts';
import { frame, queueBlocks } from './block-queue.ts';
import { encodeErrorEvent } from './errors.ts';
import { writeFinish } from './finish.ts';
import { writeUsage } from './usage.ts';

export const KEEP_ALIVE = frame('ping', {});

export function encodeEvents(context: AnswerContext): EventEncoder {
  const blocks = queueBlocks();
  let phase: 'new' | 'open' | 'closed' = 'new';
  let finish: Extract<ChatEvent, { type: 'finish' }> = { type: 'finish', reason: 'stop' };
  let usage: ReportedUsage | undefined;

  function opening(): string {
    if (phase !== 'new') return '';
    phase = 'open';
    const message = {
      id: `msg_${context.requestId}`,
      type: 'message',
      role: 'assistant',
      model: context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    };
    return frame('message_start', { message });
  }

  return {
    push(event) {
      // Several answers cannot be said here, and so are never asked for.
      if (phase === 'closed' || ('choice' in event && (event.choice ?? 0) > 0)) return '';
      switch (event.type) {
        case 'ping':
          return opening() + KEEP_ALIVE;
        case 'error':
          phase = 'closed';
          return encodeErrorEvent(event.error, context.requestId);
        case 'finish':
          finish = event;
          return '';
        case 'usage':
          usage = event.usage;
          return '';
        default:
          return opening() + blocks.push(event);
      }
    },
    end() {
      if (phase === 'closed') return '';
      const content = opening() + blocks.end();
      phase = 'closed';
      const reason = settleFinish(finish.reason, blocks.hasCalls());
      const delta = {
        stop_reason: writeFinish(reason),
        stop_sequence: finish.stopSequence ?? null,
        stop_details: stopDetails(reason),
      };
      const closing = frame('message_delta', { delta, usage: writeUsage(usage) });
      return content + closing + frame('message_stop', {});
    },
  };
}

/** Anthropic's own key on every end; only refusals have details. */
export function stopDetails(reason: FinishReason): JsonObject | null {
  const isRefusal = reason === 'refusal' || reason === 'content_filter';
  return isRefusal ? { type: 'refusal', category: null, explanation: null } : null;
}
