// Watches the events of one answer and says at its end what it used. The provider's own report
// counts; where a stream was cut before it, the input is the report's or an estimate, the output an
// estimate of what was delivered, and the record says so. The rule is published: docs/billing-rules.md.

import type { ChatEvent } from '../chat/events.ts';
import { NO_TOKENS, type ReportedUsage, type TokenCounts, type Usage } from '../chat/usage.ts';

/** Bytes of UTF-8 text that count as one token where only an estimate is to be had. */
const BYTES_PER_TOKEN = 4;

export interface Meter {
  add(event: ChatEvent): void;
  /** Whether any content of the answer has been seen. */
  readonly delivered: () => boolean;
  /** Usage of an answer that came to its end. `promptBytes`: the prompt's text, for the estimate. */
  complete(promptBytes: number): Usage;
  /** Usage of an answer that was cut off by either side. */
  cut(promptBytes: number): Usage;
}

export function createMeter(): Meter {
  let textBytes = 0;
  let reasoningBytes = 0;
  let reported: ReportedUsage | undefined;

  function estimate(promptBytes: number): TokenCounts {
    return {
      ...NO_TOKENS,
      inUncached: tokensOf(promptBytes),
      ...reported?.input,
      outText: tokensOf(textBytes),
      outReasoning: tokensOf(reasoningBytes),
    };
  }

  return {
    add(event) {
      if (event.type === 'usage') reported = event.usage;
      else if (event.type === 'text' || event.type === 'refusal') textBytes += bytesOf(event.text);
      else if (event.type === 'tool_arguments') textBytes += bytesOf(event.json);
      else if (event.type === 'tool_call') textBytes += bytesOf(event.name);
      else if (event.type === 'thinking') reasoningBytes += bytesOf(event.text);
    },
    delivered: () => textBytes + reasoningBytes > 0,
    complete(promptBytes) {
      if (reported?.problem) {
        return {
          tokens: estimateAll(promptBytes, textBytes, reasoningBytes),
          source: 'unreadable',
        };
      }
      if (reported?.input && reported.output) {
        const tokens = { ...NO_TOKENS, ...reported.input, ...reported.output };
        return { tokens, source: 'provider' };
      }
      return { tokens: estimate(promptBytes), source: reported?.input ? 'partial' : 'estimated' };
    },
    cut(promptBytes) {
      if (reported?.problem || (reported?.final && reported.input && reported.output)) {
        return this.complete(promptBytes);
      }
      return { tokens: estimate(promptBytes), source: reported?.input ? 'partial' : 'estimated' };
    },
  };
}

function estimateAll(promptBytes: number, textBytes: number, reasoningBytes: number): TokenCounts {
  return {
    ...NO_TOKENS,
    inUncached: tokensOf(promptBytes),
    outText: tokensOf(textBytes),
    outReasoning: tokensOf(reasoningBytes),
  };
}

function tokensOf(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
