// Stop reasons of Converse. An unknown reason is a natural end; an answer that Bedrock itself could
// not read is none.

import type { FinishReason } from '../../chat/events.ts';

const REASONS: ReadonlyMap<string, FinishReason | 'failed'> = new Map([
  ['end_turn', 'stop'],
  ['max_tokens', 'length'],
  ['stop_sequence', 'stop_sequence'],
  ['tool_use', 'tool_calls'],
  ['content_filtered', 'content_filter'],
  ['guardrail_intervened', 'content_filter'],
  ['model_context_window_exceeded', 'context_full'],
  ['malformed_model_output', 'failed'],
  ['malformed_tool_use', 'failed'],
]);

export function readFinish(reason: string): FinishReason | 'failed' {
  return REASONS.get(reason) ?? 'stop';
}
