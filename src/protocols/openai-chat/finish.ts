// Finish reasons of Chat Completions, both ways. Servers that only resemble OpenAI's have words of
// their own; those that mean a failure become errors, and an unknown word is a natural end.

import type { ErrorCode } from '../../base/errors.ts';
import type { FinishReason } from '../../chat/events.ts';

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['length', 'length'],
  ['model_length', 'context_full'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['content_filter', 'content_filter'],
  ['sensitive', 'content_filter'],
]);

const FAILURES: ReadonlyMap<string, ErrorCode> = new Map([
  ['error', 'upstream_failed'],
  ['network_error', 'upstream_broke_off'],
  ['abort', 'upstream_broke_off'],
  ['insufficient_system_resource', 'upstream_overloaded'],
]);

export function readFinish(reason: string): FinishReason {
  return REASONS.get(reason) ?? 'stop';
}

export function readFailure(reason: string): ErrorCode | undefined {
  return FAILURES.get(reason);
}

/** The wire's word; a refusal that came without words of its own is shown as the filter's. */
export function writeFinish(reason: FinishReason, hasRefusalText: boolean): string {
  switch (reason) {
    case 'stop':
    case 'stop_sequence':
    case 'paused':
      return 'stop';
    case 'length':
    case 'context_full':
      return 'length';
    case 'tool_calls':
      return 'tool_calls';
    case 'refusal':
      return hasRefusalText ? 'stop' : 'content_filter';
    case 'content_filter':
      return 'content_filter';
  }
}
