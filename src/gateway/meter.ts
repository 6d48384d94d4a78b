// Watches the events of one answer and says at its end what it used. The provider's own report
// counts; where a stream was cut before it, the input is the report's or an estimate, the output an
// estimate of what was delivered, and the record says so. The rule is published: docs/billing-rules.md.

import type { ChatEvent } from '../chat/events.ts';
import { NO_TOKENS, type ReportedUsage, type TokenCounts, type Usage } from '../chat/usage.ts';
import { textTokenEstimate } from './prompt.ts';

export interface Meter {
  add(event: ChatEvent): void;
  /** Usage of an answer that came to its end. `promptTokens`: the estimate of its prompt. */
  complete(promptTokens: number): Usage;
  /** Usage of an answer that was cut off by either side. */
  cut(promptTokens: number): Usage;
}

export function createMeter(): Meter {
  let textBytes = 0;
  let reasoningBytes = 0;
  let reported: ReportedUsage | undefined;

  function estimate(promptTokens: number, known?: ReportedUsage['input']): TokenCounts {
    return {
      ...NO_TOKENS,
      inUncached: promptTokens,
      ...known,
      outText: textTokenEstimate(textBytes),
      outReasoning: textTokenEstimate(reasoningBytes),
    };
  }

  function conclude(promptTokens: number, isOutputKnown: boolean): Usage {
    const { input, output, problem } = reported ?? {};
    if (problem) return { tokens: estimate(promptTokens), source: 'unreadable' };
    if (input && output && isOutputKnown) {
      return { tokens: { ...NO_TOKENS, ...input, ...output }, source: 'provider' };
    }
    return { tokens: estimate(promptTokens, input), source: input ? 'partial' : 'estimated' };
  }

  return {
    add(event) {
      if (event.type === 'usage') reported = event.usage;
      else if (event.type === 'text' || event.type === 'refusal') textBytes += bytesOf(event.text);
      else if (event.type === 'tool_arguments') textBytes += bytesOf(event.json);
      else if (event.type === 'tool_call') textBytes += bytesOf(event.name);
      else if (event.type === 'thinking') reasoningBytes += bytesOf(event.text);
    },
    complete: (promptTokens) => conclude(promptTokens, true),
    cut: (promptTokens) => conclude(promptTokens, reported?.final === true),
  };
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
