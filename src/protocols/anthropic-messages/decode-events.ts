// Reads a Messages answer into events. It is also the meter of the same-protocol way, so it takes
// duplicated starts, usage in odd places and unknown events as they come, and never throws. Only
// `message_stop` ends an answer: the official helpers wait for it too.

import { HubError } from '../../base/errors.ts';
import {
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
import { decodeErrorBody, isErrorBody } from './errors.ts';
import { readFinish } from './finish.ts';
import { readBlocks } from './read-blocks.ts';
import { readUsages, type UsageReader } from './usage.ts';

export function decodeEvents(): EventDecoder {
  const usages = readUsages();
  const blocks = readBlocks();
  let started = false;
  let ended = false;
  let finished = false;

  function start(message: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = [];
    if (!started) {
      const id = stringOf(message['id']) ?? '';
      events.push({ type: 'start', id, model: stringOf(message['model']) ?? '' });
    }
    started = true;
    return [...events, ...readUsageEvent(usages, message['usage'], false)];
  }

  function readDelta(event: JsonObject): ChatEvent[] {
    const delta = objectOf(event['delta']);
    const isFinal = typeof delta?.['stop_reason'] === 'string';
    const events = readUsageEvent(usages, event['usage'], isFinal || finished);
    if (!isFinal || finished) return events;
    finished = true;
    return [...events, ...readEnd(delta)];
  }

  function read(event: JsonObject): ChatEvent[] {
    switch (event['type']) {
      case 'message_start':
        return start(objectOf(event['message']) ?? {});
      case 'content_block_start':
        return blocks.start(event['index'], event['content_block']);
      case 'content_block_delta':
        return blocks.delta(event['index'], event['delta']);
      case 'content_block_stop':
        return blocks.stop(event['index']);
      case 'message_delta':
        return readDelta(event);
      case 'message_stop':
        ended = true;
        return finished ? [] : [{ type: 'finish', reason: 'stop' }];
      case 'ping':
        return [{ type: 'ping' }];
      default:
        if (!isErrorBody(event)) return [];
        ended = true;
        return [{ type: 'error', error: decodeErrorBody(event) }];
    }
  }

  return {
    push(event: SseEvent) {
      if (ended) return [];
      if (event.data === '') return [{ type: 'ping' }];
      const data = objectOf(parseJson(event.data));
      return data === undefined ? [] : read(data);
    },
    end() {
      if (ended) return [];
      ended = true;
      return [{ type: 'error', error: new HubError('upstream_broke_off') }];
    },
  };
}

/** The events of an answer that came whole. */
export function decodeReply(body: JsonValue): ChatEvent[] {
  if (isObject(body) && isErrorBody(body)) return [{ type: 'error', error: decodeErrorBody(body) }];
  if (!isObject(body) || !Array.isArray(body['content'])) {
    return [{ type: 'error', error: new HubError('upstream_failed') }];
  }
  const blocks = readBlocks();
  return [
    { type: 'start', id: stringOf(body['id']) ?? '', model: stringOf(body['model']) ?? '' },
    ...body['content'].flatMap((block, i) => [...blocks.start(i, block), ...blocks.stop(i)]),
    ...readUsageEvent(readUsages(), body['usage'], true),
    ...readEnd(body),
  ];
}

function readUsageEvent(
  reader: UsageReader,
  value: JsonValue | undefined,
  final: boolean,
): ChatEvent[] {
  if (value === undefined || value === null) return [];
  const usage = reader.read(value, final);
  return usage === undefined ? [] : [{ type: 'usage', usage }];
}

/** The refusal's explanation, if any, and the finish, from an object with `stop_reason`. */
function readEnd(message: JsonObject): ChatEvent[] {
  const explanation = stringOf(objectOf(message['stop_details'])?.['explanation']) ?? '';
  const stopSequence = stringOf(message['stop_sequence']);
  const reason = readFinish(stringOf(message['stop_reason']) ?? '');
  const finish: ChatEvent = {
    type: 'finish',
    reason,
    ...(stopSequence !== undefined && { stopSequence }),
  };
  if (reason !== 'refusal' || explanation === '') return [finish];
  return [{ type: 'refusal', text: explanation }, finish];
}

/** Whether this event of a stream ends it. */
export function isTerminal({ name, data }: SseEvent): boolean {
  if (name === 'message_stop' || name === 'error') return true;
  if (name !== '' || !/"(message_stop|error)"/.test(data)) return false;
  const event = objectOf(parseJson(data));
  return event !== undefined && (event['type'] === 'message_stop' || isErrorBody(event));
}
