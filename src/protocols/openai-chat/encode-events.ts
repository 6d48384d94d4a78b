// Writes events as a Chat Completions stream. The finish is held back until the end, because
// upstreams may still send text, calls and usage after theirs; so there is exactly one finish, one
// usage chunk where the client asked for it, and one `[DONE]`.

import { formatSse } from '../../base/sse.ts';
import type { JsonObject } from '../../base/json.ts';
import { settleFinish } from '../../chat/answer.ts';
import type { ChatEvent, FinishReason } from '../../chat/events.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import type { AnswerContext, EventEncoder } from '../protocol.ts';
import { DONE } from './decode-events.ts';
import { encodeErrorEvent } from './errors.ts';
import { writeFinish } from './finish.ts';
import { writeAnswerDetail, type ReasoningPart } from './reasoning.ts';
import { writeUsage } from './usage.ts';

/** Keeps the connection alive; readers of server-sent events skip comments. */
const KEEP_ALIVE = ': ping\n\n';

export function encodeEvents(context: AnswerContext): EventEncoder {
  const chunks = writeChunks(context);
  const deltas = writeDeltas();
  let phase: 'new' | 'open' | 'closed' = 'new';
  let finish: FinishReason = 'stop';
  let usage: ReportedUsage | undefined;

  function opening(): string {
    if (phase !== 'new') return '';
    phase = 'open';
    return chunks.delta({ role: 'assistant', content: '', refusal: null });
  }

  return {
    push(event) {
      if (phase === 'closed') return '';
      switch (event.type) {
        case 'ping':
          return KEEP_ALIVE;
        case 'error':
          phase = 'closed';
          return encodeErrorEvent(event.error);
        case 'finish':
          finish = event.reason;
          return '';
        case 'usage':
          usage = event.usage;
          return '';
        default:
          return opening() + deltas.write(event).map(chunks.delta).join('');
      }
    },
    end() {
      if (phase === 'closed') return '';
      const content = opening() + deltas.owed().map(chunks.delta).join('');
      phase = 'closed';
      const reason = settleFinish(finish, deltas.hasCalls());
      return (
        content +
        chunks.finish(writeFinish(reason, deltas.hasRefusalText())) +
        (context.includeUsage ? chunks.usage(usage) : '') +
        formatSse(DONE)
      );
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

  function write(delta: JsonObject, finishReason: string | null): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
    const usage = context.includeUsage ? { usage: null } : {};
    return formatSse(JSON.stringify({ ...envelope, choices, ...usage }));
  }

  return {
    delta: (delta: JsonObject) => write(delta, null),
    finish: (reason: string) => write({}, reason),
    usage(reported: ReportedUsage | undefined) {
      const usage = writeUsage(reported);
      if (usage === undefined) return '';
      return formatSse(JSON.stringify({ ...envelope, choices: [], usage }));
    },
  };
}

function writeDeltas() {
  const reasoning = collectReasoning();
  /** Whether each call has been given any arguments. */
  const calls: boolean[] = [];
  let hasRefusalText = false;

  function writeArguments(call: number, json: string): JsonObject[] {
    if (json === '') return [];
    calls[call] = true;
    return [{ tool_calls: [{ index: call, function: { arguments: json } }] }];
  }

  function write(event: ChatEvent): JsonObject[] {
    switch (event.type) {
      case 'text':
        return [{ content: event.text }];
      case 'refusal':
        hasRefusalText = true;
        return [{ refusal: event.text }];
      case 'thinking':
        reasoning.add(event.text);
        return [{ reasoning_content: event.text }];
      case 'thinking_signature':
      case 'redacted_thinking': {
        const detail = reasoning.close(event);
        return detail === undefined ? [] : [{ reasoning_details: [detail] }];
      }
      case 'tool_call': {
        const { call: index, id, name } = event;
        calls[index] = false;
        const opened = { index, id, type: 'function', function: { name, arguments: '' } };
        return [{ tool_calls: [opened] }];
      }
      case 'tool_arguments':
        return writeArguments(event.call, event.json);
      default:
        return [];
    }
  }

  return {
    write,
    /** Arguments for the calls that were given none, which must still be valid JSON. */
    owed: () => calls.flatMap((given, call) => (given ? [] : writeArguments(call, '{}'))),
    hasCalls: () => calls.length > 0,
    hasRefusalText: () => hasRefusalText,
  };
}

/** Gathers each block's text, so that its signature goes out in one detail with what it signs. */
function collectReasoning() {
  let text = '';
  let index = 0;
  return {
    add(more: string) {
      text += more;
    },
    close(event: Extract<ChatEvent, { type: 'thinking_signature' | 'redacted_thinking' }>) {
      const part: ReasoningPart =
        event.type === 'redacted_thinking' ? event : { ...event, type: 'thinking', text };
      text = '';
      return writeAnswerDetail(part, index++);
    },
  };
}
