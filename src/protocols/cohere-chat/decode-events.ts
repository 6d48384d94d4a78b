// Reads an answer of Cohere's chat into events, and never throws. A tool plan is the thinking before
// calls. `message-end` completes an answer, with or without `[DONE]` after it. A whole reply has the
// parts of a stream in lists and is read by the same readers.

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
import type { ChatEvent } from '../../chat/events.ts';
import type { EventDecoder } from '../protocol.ts';
import { classifyUpstreamError } from '../upstream-error.ts';
import { readCitations } from './citations.ts';
import { readFailure, readFinish } from './finish.ts';
import { readUsage } from './usage.ts';

export const DONE = '[DONE]';

export function decodeEvents(): EventDecoder {
  const parts = readParts();
  let ended = false;
  let finished = false;

  function read(event: JsonObject): ChatEvent[] {
    const delta = objectOf(event['delta']);
    const message = objectOf(delta?.['message']) ?? {};
    switch (event['type']) {
      case 'message-start':
        return parts.start(event['id']);
      case 'content-start':
      case 'content-delta':
        return parts.content(message['content']);
      case 'tool-plan-delta':
        return parts.plan(message['tool_plan']);
      case 'tool-call-start':
        return parts.call(event['index'], message['tool_calls']);
      case 'tool-call-delta':
        return parts.callArguments(event['index'], message['tool_calls']);
      case 'citation-start':
        return parts.citations(message['citations']);
      case 'message-end':
        finished = true;
        return readEnd(delta ?? {});
      default:
        return isErrorBody(event) ? [failure(event)] : [];
    }
  }

  function end(): ChatEvent[] {
    if (ended) return [];
    ended = true;
    return finished ? [] : [{ type: 'error', error: new HubError('upstream_broke_off') }];
  }

  return {
    push(event: SseEvent) {
      if (ended) return [];
      if (event.data === '') return [{ type: 'ping' }];
      if (event.data.startsWith(DONE)) return end();
      const data = objectOf(parseJson(event.data));
      if (data === undefined || finished) return [];
      const events = read(data);
      ended = events.at(-1)?.type === 'error';
      return events;
    },
    end,
  };
}

/** The events of an answer that came whole. */
export function decodeReply(body: JsonValue): ChatEvent[] {
  if (isObject(body) && isErrorBody(body)) return [failure(body)];
  const message = isObject(body) ? objectOf(body['message']) : undefined;
  if (!isObject(body) || message === undefined) {
    return [{ type: 'error', error: new HubError('upstream_failed') }];
  }
  const parts = readParts();
  return [
    ...parts.start(body['id']),
    ...parts.plan(message['tool_plan']),
    ...arrayOf(message['content']).flatMap(parts.content),
    ...parts.citations(message['citations']),
    ...arrayOf(message['tool_calls']).flatMap((call, index) => parts.call(index, call)),
    ...readEnd(body),
  ];
}

/** Whether an event, or a body under status 200, is an error: only these have a message in words. */
export function isErrorBody(body: JsonObject): boolean {
  return typeof body['message'] === 'string';
}

function failure(body: JsonObject): ChatEvent {
  return { type: 'error', error: classifyUpstreamError(502, body) };
}

/** The usage and the end, from an object with `finish_reason`. */
function readEnd(ending: JsonObject): ChatEvent[] {
  const usage = readUsage(ending['usage']);
  const events: ChatEvent[] = usage === undefined ? [] : [{ type: 'usage', usage }];
  const reason = stringOf(ending['finish_reason']) ?? '';
  const code = readFailure(reason, ending['error']);
  if (code !== undefined) return [...events, { type: 'error', error: new HubError(code) }];
  return [...events, { type: 'finish', reason: readFinish(reason) }];
}

function readParts() {
  let answerId = '';
  /** The text that citations may stand in: all since the last part of another kind. */
  let text = '';
  /** The number of each call by its place in the message. */
  const calls = new Map<JsonValue | undefined, number>();

  function think(thought: JsonValue | undefined): ChatEvent[] {
    if (typeof thought !== 'string' || thought === '') return [];
    text = '';
    return [{ type: 'thinking', text: thought }];
  }

  function callArguments(index: JsonValue | undefined, value: JsonValue | undefined): ChatEvent[] {
    const json = stringOf(functionOf(value)?.['arguments']) ?? '';
    const call = calls.get(index);
    return call === undefined || json === '' ? [] : [{ type: 'tool_arguments', call, json }];
  }

  return {
    start(id: JsonValue | undefined): ChatEvent[] {
      answerId = stringOf(id) ?? '';
      return [{ type: 'start', id: answerId, model: '' }];
    },
    content(value: JsonValue | undefined): ChatEvent[] {
      const content = objectOf(value);
      const events = think(content?.['thinking']);
      const more = stringOf(content?.['text']) ?? '';
      text += more;
      return more === '' ? events : [...events, { type: 'text', text: more }];
    },
    plan: think,
    call(index: JsonValue | undefined, value: JsonValue | undefined): ChatEvent[] {
      const call = calls.size;
      calls.set(index, call);
      text = '';
      const id = stringOf(callOf(value)?.['id']) || `call_${nameOf(answerId)}_${call}`;
      const name = stringOf(functionOf(value)?.['name']) ?? '';
      return [{ type: 'tool_call', call, id, name }, ...callArguments(index, value)];
    },
    callArguments,
    citations: (value: JsonValue | undefined): ChatEvent[] => readCitations(value, text),
  };
}

/** An event has the call bare in `tool_calls`; servers that follow OpenAI have a list of one. */
function callOf(value: JsonValue | undefined): JsonObject | undefined {
  return objectOf(value) ?? objectOf(arrayOf(value)[0]);
}

function functionOf(value: JsonValue | undefined): JsonObject | undefined {
  return objectOf(callOf(value)?.['function']);
}

/** Clients take ids of calls in these characters only. */
function nameOf(answerId: string): string {
  return answerId.replace(/[^a-zA-Z0-9_-]/g, '_').slice(-48);
}
