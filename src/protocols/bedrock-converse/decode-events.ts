// Reads a Converse answer into events. Of the blocks of a stream only calls have a start; the counts
// come after the stop reason, and with them the answer is complete. Never throws.

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
import { readBlocks } from './blocks.ts';
import { decodeFailure, isFailure } from './errors.ts';
import { readFinish } from './finish.ts';
import { readUsage } from './usage.ts';

export function decodeEvents(): EventDecoder {
  const blocks = readBlocks();
  let started = false;
  let ended = false;
  let stop: JsonObject | undefined;

  function read(name: string, event: JsonObject): ChatEvent[] {
    const index = event['contentBlockIndex'];
    switch (name) {
      case 'contentBlockStart':
        return blocks.start(index, event['start']);
      case 'contentBlockDelta':
        return blocks.delta(index, event['delta']);
      case 'contentBlockStop':
        return blocks.stop(index);
      case 'messageStop':
        stop ??= event;
        return [];
      case 'metadata':
        ended = true;
        return [...blocks.end(), ...readUsageEvent(event), readEnd(stop ?? {})];
      default:
        return [];
    }
  }

  /** The start tells nothing, so it waits: until then another try can mend a failure. */
  function begin(events: ChatEvent[]): ChatEvent[] {
    if (started || events.length === 0 || events.at(-1)?.type === 'error') return events;
    started = true;
    return [START, ...events];
  }

  return {
    push(event: SseEvent) {
      if (ended) return [];
      if (isFailure(event)) {
        ended = true;
        return [{ type: 'error', error: decodeFailure(event) }];
      }
      const data = objectOf(parseJson(event.data));
      return data === undefined ? [] : begin(read(event.name, data));
    },
    end() {
      if (ended) return [];
      ended = true;
      if (stop !== undefined) return begin([...blocks.end(), readEnd(stop)]);
      return [{ type: 'error', error: new HubError('upstream_broke_off') }];
    },
  };
}

/** The events of an answer that came whole. */
export function decodeReply(body: JsonValue): ChatEvent[] {
  const message = objectOf(objectOf(objectOf(body)?.['output'])?.['message']);
  if (!isObject(body) || !Array.isArray(message?.['content'])) {
    return [{ type: 'error', error: new HubError('upstream_failed') }];
  }
  const blocks = readBlocks();
  return [
    START,
    ...message['content'].flatMap((block) => blocks.whole(block)),
    ...readUsageEvent(body),
    readEnd(body),
  ];
}

/** Whether this event of a stream ends it. */
export function isTerminal(event: SseEvent): boolean {
  return event.name === 'metadata' || isFailure(event);
}

/** Converse names neither its answer nor the model that gave it. */
const START: ChatEvent = Object.freeze({ type: 'start', id: '', model: '' });

/** The usage in an object with `usage` and `serviceTier`. */
function readUsageEvent(source: JsonObject): ChatEvent[] {
  const usage = readUsage(source['usage'], source['serviceTier']);
  return usage === undefined ? [] : [{ type: 'usage', usage }];
}

/** The end of an answer, from an object with `stopReason`. */
function readEnd(source: JsonObject): ChatEvent {
  const reason = readFinish(stringOf(source['stopReason']) ?? '');
  if (reason === 'failed') return { type: 'error', error: new HubError('upstream_failed') };
  const stopSequence = reason === 'stop_sequence' ? readStopSequence(source) : undefined;
  return { type: 'finish', reason, ...(stopSequence !== undefined && { stopSequence }) };
}

/** Of the model's own fields, asked for by `STOP_SEQUENCE_PATHS`. */
function readStopSequence(source: JsonObject): string | undefined {
  const fields = objectOf(source['additionalModelResponseFields']);
  return stringOf(fields?.['stop_sequence'] ?? objectOf(fields?.['delta'])?.['stop_sequence']);
}
