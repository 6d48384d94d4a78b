// How an interaction stands, both ways. What was cut short or filtered is `incomplete` alike, and only
// the faults that it names tell which.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { FinishReason } from '../../chat/events.ts';

/** After these nothing follows. `requires_action` waits for results of calls. */
const FINISHED: ReadonlyMap<JsonValue | undefined, FinishReason | 'failed'> = new Map([
  ['completed', 'stop'],
  ['requires_action', 'tool_calls'],
  ['requires_continuation', 'paused'],
  ['incomplete', 'length'],
  ['budget_exceeded', 'length'],
  ['failed', 'failed'],
  ['cancelled', 'failed'],
]);

const FILTERED = /safety|content_filter|prohibited|blocked|blocklist|recitation|spii/i;

export function isFinished(status: JsonValue | undefined): boolean {
  return FINISHED.has(status);
}

/** How it ended; of what is still under way nothing is left to come either: it failed. */
export function readStatus(interaction: JsonObject, hasCalls: boolean): FinishReason | 'failed' {
  const reason = FINISHED.get(interaction['status']) ?? 'failed';
  if (reason === 'length' && arrayOf(interaction['errors']).some(isFiltered)) {
    return 'content_filter';
  }
  return reason === 'stop' && hasCalls ? 'tool_calls' : reason;
}

function isFiltered(value: JsonValue): boolean {
  const { code, message } = objectOf(value) ?? {};
  return FILTERED.test(`${stringOf(code) ?? ''} ${stringOf(message) ?? ''}`);
}

const WAS_FILTERED: JsonObject = Object.freeze({
  code: 'content_filter',
  message: 'The answer was filtered.',
});

/** The fields that tell the end; a refusal in words of the model's own is an answer. */
export function writeStatus(reason: FinishReason, hasText: boolean): JsonObject {
  switch (reason) {
    case 'stop':
    case 'stop_sequence':
    case 'paused':
      return { status: 'completed' };
    case 'tool_calls':
      return { status: 'requires_action' };
    case 'length':
    case 'context_full':
      return { status: 'incomplete' };
    case 'refusal':
      return hasText
        ? { status: 'completed' }
        : { status: 'incomplete', errors: [{ ...WAS_FILTERED }] };
    case 'content_filter':
      return { status: 'incomplete', errors: [{ ...WAS_FILTERED }] };
  }
}
