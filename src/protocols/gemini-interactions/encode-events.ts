// Writes events as the stream of an interaction. The reason of the end and the usage are held back for
// the last event, because other protocols may still send text after theirs.

import { formatSse } from '../../base/sse.ts';
import { settleFinish } from '../../chat/answer.ts';
import type { JsonObject } from '../../base/json.ts';
import type { FinishReason } from '../../chat/events.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import type { AnswerContext, EventEncoder } from '../protocol.ts';
import { encodeErrorEvent } from './errors.ts';
import { queueSteps, type StepEvent } from './output-steps.ts';
import { closeInteraction, idOf, openInteraction } from './snapshot.ts';
import { writeStatus } from './status.ts';

/** Keeps the connection alive; readers of server-sent events skip comments. */
export const KEEP_ALIVE = ': ping\n\n';
const DONE = formatSse('[DONE]', 'done');

export function encodeEvents(context: AnswerContext): EventEncoder {
  const steps = queueSteps();
  let reason: FinishReason = 'stop';
  let usage: ReportedUsage | undefined;
  let isOpen = false;
  let isClosed = false;

  function opening(): string {
    if (isOpen) return '';
    isOpen = true;
    const status = { interaction_id: idOf(context), status: 'in_progress' };
    return write([
      { event_type: 'interaction.created', interaction: openInteraction(context) },
      { event_type: 'interaction.status_update', ...status },
    ]);
  }

  function closing(): string {
    const finish = settleFinish(reason, steps.hasCalls());
    const ending = writeStatus(finish, steps.hasText());
    const interaction = closeInteraction(context, ending, usage);
    return write([{ event_type: 'interaction.completed', interaction }]) + DONE;
  }

  return {
    push(event) {
      if (isClosed) return '';
      switch (event.type) {
        case 'ping':
          return KEEP_ALIVE;
        case 'error':
          isClosed = true;
          return encodeErrorEvent(event.error);
        case 'usage':
          usage = event.usage;
          return '';
        case 'finish':
          reason = event.reason;
          return '';
        case 'start':
          return opening();
        default:
          return opening() + write(steps.push(event));
      }
    },
    end() {
      if (isClosed) return '';
      isClosed = true;
      return opening() + write(steps.end()) + closing();
    },
  };
}

/** Events on the wire, each named as it names itself. */
function write(events: readonly (StepEvent | (JsonObject & { event_type: string }))[]): string {
  return events.map((event) => formatSse(JSON.stringify(event), event.event_type)).join('');
}
