// Reads an interaction into events. It is also the meter of the same-protocol way, so it takes odd
// reports and unknown steps as they come, and never throws. The names that events and steps had in the
// API's preview are read alike: which ones come depends on the revision that answers.

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
import { decodeFailure } from './errors.ts';
import { readSteps } from './read-steps.ts';
import { isFinished, readStatus } from './status.ts';
import { readInteractionUsage } from './usage.ts';

const PREFIX = 'interaction.';
const DONE = '[DONE]';

/** The current name of an event of the preview. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['interaction.start', 'interaction.created'],
  ['interaction.complete', 'interaction.completed'],
  ['content.start', 'step.start'],
  ['content.delta', 'step.delta'],
  ['content.stop', 'step.stop'],
]);

export function decodeEvents(): EventDecoder {
  const reader = readInteraction();
  /** As the newest event has it. */
  let status: JsonValue | undefined;
  let ended = false;

  function end(events: ChatEvent[]): ChatEvent[] {
    ended = true;
    return events;
  }

  function read(event: JsonObject, name: string): ChatEvent[] {
    const interaction = objectOf(event['interaction']);
    const index = event['index'];
    switch (name) {
      case 'interaction.created':
        return reader.start(interaction ?? {});
      case 'interaction.status_update':
        status = event['status'];
        return reader.use(event['usage']);
      case 'step.start':
        return reader.steps.start(index, event['step'] ?? event['content']);
      case 'step.delta': {
        const used = objectOf(event['metadata'])?.['total_usage'];
        return [...reader.steps.delta(index, event['delta']), ...reader.use(used)];
      }
      case 'step.stop':
        return [...reader.steps.stop(index), ...reader.use(event['usage'])];
    }
    if (isEnd(name)) return end(reader.end({ status: statusOf(name), ...interaction }));
    if (!isError(event, name)) return [];
    return end([{ type: 'error', error: decodeFailure(event['error']) }]);
  }

  const breakOff = (): ChatEvent[] =>
    end([{ type: 'error', error: new HubError('upstream_broke_off') }]);

  return {
    push({ name, data }: SseEvent) {
      if (ended) return [];
      if (data === '') return [{ type: 'ping' }];
      if (data === DONE) return isFinished(status) ? end(reader.end({ status })) : breakOff();
      const event = objectOf(parseJson(data));
      return event ? read(event, nameOf(event, name)) : [];
    },
    end: () => (ended ? [] : breakOff()),
  };
}

/** The events of an answer that came whole. */
export function decodeReply(body: JsonValue): ChatEvent[] {
  if (!isObject(body)) return [{ type: 'error', error: new HubError('upstream_failed') }];
  if (isObject(body['error']) && !isFinished(body['status'])) {
    return [{ type: 'error', error: decodeFailure(body['error']) }];
  }
  return readInteraction().end(body);
}

function readInteraction() {
  const steps = readSteps();
  const usages = readInteractionUsage();
  let started = false;

  function start(interaction: JsonObject): ChatEvent[] {
    if (started) return [];
    started = true;
    const id = stringOf(interaction['id']) ?? '';
    return [{ type: 'start', id, model: stringOf(interaction['model']) ?? '' }];
  }

  /** A running report. */
  function use(value: JsonValue | undefined): ChatEvent[] {
    if (value === undefined) return [];
    const usage = usages.read(value, false);
    return usage === undefined ? [] : [{ type: 'usage', usage }];
  }

  function end(interaction: JsonObject): ChatEvent[] {
    const events = [
      ...start(interaction),
      ...steps.end(arrayOf(interaction['steps'] ?? interaction['outputs'])),
    ];
    const usage = usages.read(interaction['usage'], true, interaction['service_tier']);
    if (usage !== undefined) events.push({ type: 'usage', usage });
    const reason = readStatus(interaction, steps.hasCalls());
    if (reason !== 'failed') return [...events, { type: 'finish', reason }];
    return [...events, { type: 'error', error: decodeFailure(faultOf(interaction)) }];
  }

  return { steps, start, use, end };
}

/** Why an interaction failed: told of it, or of the output that could not be made. */
function faultOf(interaction: JsonObject): JsonValue | undefined {
  const outputs = arrayOf(interaction['steps']).map((step) => objectOf(step)?.['error']);
  return arrayOf(interaction['errors'])[0] ?? interaction['error'] ?? outputs.find(isObject);
}

function nameOf(event: JsonObject, name: string): string {
  const told = stringOf(event['event_type']) ?? name;
  return RENAMED.get(told) ?? told;
}

function statusOf(name: string): string {
  return name.slice(PREFIX.length);
}

function isEnd(name: string): boolean {
  return name.startsWith(PREFIX) && isFinished(statusOf(name));
}

function isError(event: JsonObject, name: string): boolean {
  return name === 'error' || isObject(event['error']);
}

/** Whether this event of a stream ends it: the mark that follows the last word, or a failure. */
export function isTerminal({ name, data }: SseEvent): boolean {
  if (data === DONE || name === 'error') return true;
  // Only an unnamed event that can be one is worth a second parse.
  if (name !== '' || !data.includes('"error"')) return false;
  const event = objectOf(parseJson(data));
  return event !== undefined && isError(event, nameOf(event, name));
}

/** The last word, behind which the mark may be missing. */
export function mayBeLast({ name, data }: SseEvent): boolean {
  const told = name === '' ? LAST_WORD.exec(data)?.[1] : name;
  return told !== undefined && isEnd(RENAMED.get(told) ?? told);
}

const LAST_WORD = /"event_type" *: *"(interaction\.[a-z_]+)"/;
