// Finish reasons of Gemini, both ways. An unknown reason is a natural end, and so is a call that
// came out malformed: what there is of the answer was made and is paid for.

import type { FinishReason } from '../../chat/events.ts';

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['CONTINUATION', 'paused'],
  ...(
    [
      'SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY',
      'IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION',
    ] as const
  )
    .flatMap((line) => line.split(' '))
    .map((reason): [string, FinishReason] => [reason, 'content_filter']),
]);

export function readFinish(reason: string): FinishReason {
  return REASONS.get(reason) ?? 'stop';
}

/** The wire's word; a refusal in words of the model's own is an answer. */
export function writeFinish(reason: FinishReason, hasText: boolean): string {
  switch (reason) {
    case 'stop':
    case 'stop_sequence':
    case 'tool_calls':
    case 'paused':
      return 'STOP';
    case 'length':
    case 'context_full':
      return 'MAX_TOKENS';
    case 'refusal':
      return hasText ? 'STOP' : 'SAFETY';
    case 'content_filter':
      return 'SAFETY';
  }
}
