// Writes events as a Chat Completions stream. Each finish is held back until the end, because
// upstreams may still send text, calls and usage after theirs; so there is exactly one finish for each
// answer, one usage chunk where the client asked for it, and one `[DONE]`.

import { formatSse } from '../../base/sse.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import type { AnswerContext, EventEncoder } from '../protocol.ts';
import { type ChoiceWriter, writeChoice } from './choice.ts';
import { DONE } from './decode-events.ts';
import { encodeErrorEvent } from './errors.ts';
import { writeUsage } from './usage.ts';

/** Readers of server-sent events skip comments. */
export const KEEP_ALIVE = ': ping\n\n';

export function encodeEvents(context: AnswerContext): EventEncoder {
  const chunks = writeChunks(context);
  const choices = new Map<number, ChoiceWriter>();
  const choiceOfCall: ChoiceWriter[] = [];
  let closed = false;
  let usage: ReportedUsage | undefined;

  function choiceOf(number: number): ChoiceWriter {
    const known = choices.get(number);
    if (known !== undefined) return known;
    const opened = writeChoice(number, chunks.choice);
    choices.set(number, opened);
    return opened;
  }

  function pushContent(event: Exclude<ChatEvent, { type: 'tool_arguments' }>): string {
    const writer = choiceOf('choice' in event ? (event.choice ?? 0) : 0);
    if (event.type === 'tool_call') choiceOfCall[event.call] = writer;
    return writer.push(event);
  }

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
        case 'tool_arguments':
          return choiceOfCall[event.call]?.push(event) ?? '';
        default:
          return pushContent(event);
      }
    },
    end() {
      if (closed) return '';
      if (choices.size === 0) choiceOf(0);
      closed = true;
      const finishes = [...choices.values()].map((choice) => choice.end()).join('');
      return finishes + (context.includeUsage ? chunks.usage(usage) : '') + formatSse(DONE);
    },
  };
}

function writeChunks(context: AnswerContext) {
  const envelope = {
    id: `chatcmpl-${context.requestId}`,
    object: 'chat.completion.chunk',
    created: context.createdSeconds,
    model: context.model,
    system_fingerprint: null,
  };
  const noUsage = context.includeUsage ? { usage: null } : {};
  return {
    choice: (choice: JsonObject) =>
      formatSse(JSON.stringify({ ...envelope, choices: [choice], ...noUsage })),
    usage(reported: ReportedUsage | undefined) {
      const usage = writeUsage(reported);
      if (usage === undefined) return '';
      return formatSse(JSON.stringify({ ...envelope, choices: [], usage }));
    },
  };
}
