// The finish reasons of Completions, which are Chat's without those that name calls.

import type { FinishReason } from '../../chat/events.ts';
import * as chat from '../openai-chat/finish.ts';

/** `hasText`: whether the answer says something, were it only that it will not answer. */
export function writeFinish(reason: FinishReason, hasText: boolean): string {
  return chat.writeFinish(reason === 'tool_calls' ? 'stop' : reason, hasText);
}
