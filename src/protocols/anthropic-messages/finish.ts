// Stop reasons of Messages, both ways. An unknown reason is a natural end.

import type { FinishReason } from '../../chat/events.ts';

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['max_tokens', 'length'],
  ['stop_sequence', 'stop_sequence'],
  ['tool_use', 'tool_calls'],
  ['pause_turn', 'paused'],
  ['refusal', 'refusal'],
  ['model_context_window_exceeded', 'context_full'],
]);

export function readFinish(reason: string): FinishReason {
  return REASONS.get(reason) ?? 'stop';
}

export function writeFinish(reason: FinishReason): string {
  switch (reason) {
    case 'stop':
      return 'end_turn';
    case 'stop_sequence':
      return 'stop_sequence';
    case 'length':
      return 'max_tokens';
    case 'context_full':
      return 'model_context_window_exceeded';
    case 'tool_calls':
      return 'tool_use';
    case 'paused':
      return 'pause_turn';
    case 'refusal':
    case 'content_filter':
      return 'refusal';
  }
}
