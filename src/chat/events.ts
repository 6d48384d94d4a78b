// The intermediate form of an answer: a list of events, whether it was streamed or not. A reply is
// the fold over its events, so metering and every protocol see one shape. Blocks are sequential:
// deltas belong to the block that was started last, except tool arguments, which name their call.

import type { HubError } from '../base/errors.ts';
import type { ReportedUsage } from './usage.ts';

export type FinishReason =
  | 'stop'
  | 'stop_sequence'
  | 'length'
  | 'context_full'
  | 'tool_calls'
  | 'paused'
  | 'refusal'
  | 'content_filter';

export type ChatEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'refusal'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  /** Closes the open thinking block; may come with no thinking text before it. */
  | { readonly type: 'thinking_signature'; readonly signature: string; readonly maker: string }
  | { readonly type: 'redacted_thinking'; readonly data: string; readonly maker: string }
  /** `call` counts the calls of this answer from 0. */
  | {
      readonly type: 'tool_call';
      readonly call: number;
      readonly id: string;
      readonly name: string;
    }
  | { readonly type: 'tool_arguments'; readonly call: number; readonly json: string }
  /** Cumulative: the last one replaces those before it. */
  | { readonly type: 'usage'; readonly usage: ReportedUsage }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly stopSequence?: string }
  /** The upstream is alive and has nothing to say. */
  | { readonly type: 'ping' }
  /** The provider failed after the answer had begun; nothing follows. */
  | { readonly type: 'error'; readonly error: HubError };
