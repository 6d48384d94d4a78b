// Finish reasons of Cohere's chat. Two of them mean a failure; an unknown word is a natural end.

import type { ErrorCode } from '../../base/errors.ts';
import type { JsonValue } from '../../base/json.ts';
import type { FinishReason } from '../../chat/events.ts';

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop_sequence'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool_calls'],
]);

const FAILURES: ReadonlyMap<string, ErrorCode> = new Map([
  ['ERROR', 'upstream_failed'],
  ['TIMEOUT', 'upstream_timeout'],
]);

export function readFinish(reason: string): FinishReason {
  return REASONS.get(reason) ?? 'stop';
}

/** `error`: the provider's words about a failure, which may stand beside any reason. */
export function readFailure(reason: string, error: JsonValue | undefined): ErrorCode | undefined {
  return FAILURES.get(reason) ?? (error ? 'upstream_failed' : undefined);
}
