// Reads a Responses answer into events. It is also the meter of the same-protocol way, so it takes
// every known departure from OpenAI's grammar as it comes and never throws. Only a terminal event
// ends an answer, with or without the `[DONE]` that some servers send after it.

import { HubError } from '../../base/errors.ts';
import {
  arrayOf,
  isObject,
  objectOf,
  parseJson,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import type { SseEvent } from '../../base/sse.ts';
import type { ChatEvent, FinishReason } from '../../chat/events.ts';
import { servedTier } from '../guards.ts';
import { decodeErrorBody } from '../openai-errors.ts';
import type { EventDecoder } from '../protocol.ts';
import { type Course, encodeFailure, openCourse } from './errors.ts';
import { readAnnotation } from './read-content.ts';
import { type DeltaKind, readItems } from './read-items.ts';
import { readUsage } from './usage.ts';

/** The last word of a response, by its status and by the event that says it. */
const TERMINAL: ReadonlySet<JsonValue | undefined> = new Set([
  'completed',
  'incomplete',
  'failed',
  'cancelled',
]);
const PREFIX = 'response.';

/** Pieces of text by the event that brings them. */
const DELTAS: ReadonlyMap<JsonValue | undefined, DeltaKind> = new Map([
  ['response.output_text.delta', 'text'],
  ['response.refusal.delta', 'refusal'],
  ['response.reasoning_summary_text.delta', 'thinking'],
  ['response.reasoning_text.delta', 'thinking'],
  ['response.function_call_arguments.delta', 'arguments'],
  ['response.custom_tool_call_input.delta', 'arguments'],
]);

export function decodeEvents(): EventDecoder {
  const reader = readResponse();
  const course = openCourse();
  let ended = false;

  function read(event: JsonObject): ChatEvent[] {
    const response = objectOf(event['response']);
    follow(course, event, response);
    const type = event['type'];
    const index = event['output_index'];
    const delta = DELTAS.get(type);
    if (delta !== undefined) return reader.items.delta(index, delta, event);
    switch (type) {
      case 'response.output_item.added':
        return reader.items.added(index, event['item']);
      case 'response.output_item.done':
        return reader.items.done(index, event['item']);
      case 'response.reasoning_summary_part.added':
        return reader.items.summaryPart(index, event);
      case 'response.output_text.annotation.added':
        return readAnnotation(event['annotation'] ?? null);
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return reader.start(response ?? {});
      case 'keepalive':
        return [{ type: 'ping' }];
    }
    if (isEnd(type)) {
      ended = true;
      const status = (type as string).slice(PREFIX.length);
      return reader.end({ ...response, status });
    }
    if (!isError(event)) return [];
    ended = true;
    return [{ type: 'error', error: decodeErrorBody(event) }];
  }

  return {
    push(event: SseEvent) {
      if (ended) return [];
      if (event.data === '') return [{ type: 'ping' }];
      const data = objectOf(parseJson(event.data));
      if (data === undefined) return [];
      return read(typeof data['type'] === 'string' ? data : { ...data, type: event.name });
    },
    end() {
      if (ended) return [];
      ended = true;
      return [{ type: 'error', error: new HubError('upstream_broke_off') }];
    },
    failure: (error, requestId) => encodeFailure(error, requestId, course),
  };
}

/** Remembers what a failure must be told with; no more, for it is kept as long as the answer takes. */
function follow(course: Course, event: JsonObject, response: JsonObject | undefined): void {
  const { sequence_number: sequence } = event;
  if (typeof sequence === 'number') course.sequence = sequence;
  if (response === undefined) return;
  course.id = stringOf(response['id']) ?? course.id;
  course.model = stringOf(response['model']) ?? course.model;
  const createdAt = response['created_at'];
  if (typeof createdAt === 'number') course.createdSeconds = createdAt;
}

/** The events of an answer that came whole. */
export function decodeReply(body: JsonValue): ChatEvent[] {
  if (!isObject(body) || !Array.isArray(body['output'])) {
    const isReport = isObject(body) && isError(body);
    const error = isReport ? decodeErrorBody(body) : new HubError('upstream_failed');
    return [{ type: 'error', error }];
  }
  return readResponse().end(body);
}

function readResponse() {
  const items = readItems();
  let started = false;
  let tier: string | undefined;

  function start(response: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = [];
    if (!started) {
      const id = stringOf(response['id']) ?? '';
      events.push({ type: 'start', id, model: stringOf(response['model']) ?? '' });
    }
    started = true;
    const serviceTier = servedTier(response['service_tier']);
    if (serviceTier === undefined || serviceTier === tier) return events;
    // Told at once, for the usage of a stream that is cut never comes.
    tier = serviceTier;
    return [...events, { type: 'usage', usage: { serviceTier, final: false } }];
  }

  /** What the last event repeats is read where it was not read before. */
  function end(response: JsonObject): ChatEvent[] {
    const usage = readUsage(response);
    return [
      ...start(response),
      ...items.rest(arrayOf(response['output'])),
      ...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]),
      readEnd(response),
    ];
  }

  function readEnd(response: JsonObject): ChatEvent {
    const { status } = response;
    if (status === 'failed' || status === 'cancelled') {
      return { type: 'error', error: decodeErrorBody({ error: response['error'] ?? null }) };
    }
    return { type: 'finish', reason: readFinish(response) };
  }

  function readFinish(response: JsonObject): FinishReason {
    if (response['status'] === 'incomplete') {
      const { reason } = objectOf(response['incomplete_details']) ?? {};
      return reason === 'content_filter' ? 'content_filter' : 'length';
    }
    if (items.hasCalls()) return 'tool_calls';
    return items.hasRefused() ? 'refusal' : 'stop';
  }

  return { items, start, end };
}

function isEnd(type: JsonValue | undefined): boolean {
  return typeof type === 'string' && type.startsWith(PREFIX) && TERMINAL.has(type.slice(9));
}

/** Flat as OpenAI sends it, or nested as others do. */
function isError(event: JsonObject): boolean {
  return event['type'] === 'error' || Boolean(event['error']);
}

/** Whether this event of a stream ends it. */
export function isTerminal({ name, data }: SseEvent): boolean {
  if (isEnd(name) || name === 'error') return true;
  // Only an unnamed event that can be one is worth a second parse.
  if (name !== '' || !/"(response\.(completed|incomplete|failed|cancelled)|error)"/.test(data)) {
    return false;
  }
  const event = objectOf(parseJson(data));
  return event !== undefined && (isEnd(event['type']) || isError(event));
}
