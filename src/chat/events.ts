// The intermediate form of an answer: a list of events, whether it was streamed or not. A reply is
// the fold over its events, so metering and every protocol see one shape. Blocks are sequential:
// deltas belong to the block that was started last, except tool arguments, which name their call.

import type { HubError } from '../base/errors.ts';
import type { Citation } from './request.ts';
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

/** Which of several answers an event belongs to, counted from 0; absent where there is one. */
interface OfChoice {
  readonly choice?: number;
}

export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes?: readonly number[];
  /** The likeliest tokens in this place; empty where none were asked for. */
  readonly top: readonly Omit<TokenLogprob, 'top'>[];
}

export type ChatEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string }
  | ({ readonly type: 'text'; readonly text: string } & OfChoice)
  /** A source of the text before it. */
  | ({ readonly type: 'citation'; readonly citation: Citation } & OfChoice)
  | ({ readonly type: 'logprobs'; readonly tokens: readonly TokenLogprob[] } & OfChoice)
  | ({ readonly type: 'refusal'; readonly text: string } & OfChoice)
  | ({ readonly type: 'thinking'; readonly text: string } & OfChoice)
  /**
   * Closes the open thinking block; may come with no thinking text before it. A signature that a
   * provider puts on a call or a text comes right before that call or text.
   */
  | ({
      readonly type: 'thinking_signature';
      readonly signature: string;
      readonly maker: string;
    } & OfChoice)
  | ({
      readonly type: 'redacted_thinking';
      readonly data: string;
      readonly maker: string;
    } & OfChoice)
  /** `call` counts the calls of all answers from 0. */
  | ({
      readonly type: 'tool_call';
      readonly call: number;
      readonly id: string;
      readonly name: string;
      /** Its arguments are any text rather than JSON. */
      readonly custom?: true;
    } & OfChoice)
  | { readonly type: 'tool_arguments'; readonly call: number; readonly json: string }
  /** Cumulative: the last one replaces those before it. */
  | { readonly type: 'usage'; readonly usage: ReportedUsage }
  | ({
      readonly type: 'finish';
      readonly reason: FinishReason;
      readonly stopSequence?: string;
    } & OfChoice)
  /** The upstream is alive and has nothing to say. */
  | { readonly type: 'ping' }
  /** The provider failed after the answer had begun; nothing follows. */
  | { readonly type: 'error'; readonly error: HubError };
