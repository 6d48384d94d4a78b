// Writes events as a Responses stream, or as the whole response, which is the last word of the same
// stream: so the two cannot differ. The finish is held back until the end, because upstreams may
// still send text, calls and usage after theirs.

import type { JsonObject } from '../../base/json.ts';
import { settleFinish } from '../../chat/answer.ts';
import type { ChatEvent, FinishReason } from '../../chat/events.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import type { AnswerContext, EventEncoder } from '../protocol.ts';
import { failureEvents, frame, type ResponseEvent } from './errors.ts';
import { openOutput } from './output-items.ts';
import { type Identity, type Standing, writeResponse } from './snapshot.ts';
import { writeUsage } from './usage.ts';

/** Keeps the connection alive; readers of server-sent events skip comments. */
export const KEEP_ALIVE = ': ping\n\n';

export function encodeEvents(context: AnswerContext): EventEncoder {
  const course = writeCourse(context);
  let sequence = 0;
  let ended = false;

  const write = (events: readonly ResponseEvent[]): string =>
    events.map((event) => frame(event, sequence++)).join('');

  return {
    push(event) {
      if (ended) return '';
      if (event.type === 'ping') return KEEP_ALIVE;
      ended = event.type === 'error';
      return write(course.push(event));
    },
    end() {
      if (ended) return '';
      ended = true;
      return write(course.end());
    },
  };
}

/** Throws the HubError of an `error` event. */
export function encodeReply(events: readonly ChatEvent[], context: AnswerContext): JsonObject {
  const course = writeCourse(context);
  for (const event of events) {
    if (event.type === 'error') throw event.error;
    course.push(event);
  }
  course.end();
  return course.response();
}

/** The events of one answer, still without their numbers. */
function writeCourse(context: AnswerContext) {
  const identity: Identity = {
    id: `resp_${context.requestId}`,
    model: context.model,
    createdSeconds: context.createdSeconds,
    echo: context.echo,
  };
  const output = openOutput(context.requestId, context.echo);
  let opened = false;
  let finish: FinishReason = 'stop';
  let usage: ReportedUsage | undefined;
  let standing: Standing = { status: 'in_progress', output: [] };

  const response = (): JsonObject => writeResponse(identity, standing);

  function opening(): ResponseEvent[] {
    if (opened) return [];
    opened = true;
    return [
      { type: 'response.created', response: response() },
      { type: 'response.in_progress', response: response() },
    ];
  }

  function fail(event: Extract<ChatEvent, { type: 'error' }>): ResponseEvent[] {
    const used = usage === undefined ? {} : { usage: writeUsage(usage) };
    return failureEvents(event.error, identity, { output: output.closed(), ...used });
  }

  return {
    response,
    push(event: ChatEvent): ResponseEvent[] {
      switch (event.type) {
        case 'error':
          return fail(event);
        case 'finish':
          finish = event.reason;
          return [];
        case 'usage':
          usage = event.usage;
          return [];
        case 'start':
          return opening();
        default:
          return [...opening(), ...output.push(event)];
      }
    },
    end(): ResponseEvent[] {
      const reason = writeFinish(settleFinish(finish, output.hasCalls()));
      const status = reason === undefined ? 'completed' : 'incomplete';
      const events = [...opening(), ...output.end(status)];
      standing = {
        status,
        output: output.closed(),
        usage: writeUsage(usage),
        serviceTier: usage?.serviceTier,
        ...(reason !== undefined && { reason }),
      };
      return [...events, { type: `response.${status}`, response: response() }];
    },
  };
}

/** Why a response is incomplete; undefined where it is complete, calls and refusals included. */
function writeFinish(finish: FinishReason): Standing['reason'] {
  switch (finish) {
    case 'length':
    case 'context_full':
      return 'max_output_tokens';
    case 'content_filter':
      return 'content_filter';
    case 'stop':
    case 'stop_sequence':
    case 'tool_calls':
    case 'paused':
    case 'refusal':
      return undefined;
  }
}
