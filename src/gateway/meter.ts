// Watches the events of one answer and says at its end what it used and at which price. The
// provider's own report counts; where a stream was cut before it, the input is the report's or an
// estimate, the output an estimate of what was delivered, and the record says so. What is reported
// and has no price is not believed. The rule is published: docs/billing-rules.md.

import { type Cost, type Quote, costOf, tierFor } from '../catalog/price.ts';
import type { ChatEvent } from '../chat/events.ts';
import {
  NO_TOKENS,
  NO_UNITS,
  type ReportedUsage,
  type TokenCounts,
  type Usage,
  allTokens,
} from '../chat/usage.ts';
import type { TextKind } from './event-shape.ts';
import { textTokenEstimate } from './prompt.ts';

export interface Metered {
  readonly usage: Usage;
  /** Of the model that served: the one asked for, unless the answer names another of the hub's. */
  readonly quote: Quote;
  /** What the usage costs at it; undefined where it has no price. */
  readonly cost: Cost | undefined;
}

export interface Meter {
  add(event: ChatEvent): void;
  /** More of the answer's text, of which only the length in bytes is known. */
  addText(kind: TextKind, bytes: number): void;
  /** Usage of an answer that came to its end. `promptTokens`: the estimate of its prompt. */
  complete(promptTokens: number): Metered;
  /** Usage of an answer that was cut off by either side. */
  cut(promptTokens: number): Metered;
}

const NOTHING: Partial<ReportedUsage> = Object.freeze({});

/**
 * `findServed`: the quote of the provider's model with exactly this name, if the hub has it;
 * `mostOutTokens`: what all answers together can have.
 */
export function createMeter(
  asked: Quote,
  findServed: (upstreamModel: string) => Quote | undefined,
  mostOutTokens: number,
): Meter {
  let textBytes = 0;
  let reasoningBytes = 0;
  let model = '';
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

  /** Nothing tells how many tokens were delivered: the most is set aside for a person to see. */
  function uncounted(): Partial<TokenCounts> {
    const { outAudio, outImage } = tierFor(asked.price, undefined, 0)?.rates ?? {};
    if (outImage !== undefined) return { outImage: mostOutTokens };
    return outAudio === undefined ? {} : { outAudio: mostOutTokens };
  }

  /** Providers name dated snapshots and stand-ins of all kinds; only a fallback must be known. */
  function quoteOf(fallbackModel: string | undefined): Quote | undefined {
    if (fallbackModel === undefined) return findServed(model) ?? asked;
    return findServed(fallbackModel || model);
  }

  function conclude(promptTokens: number, isOutputKnown: boolean): Metered {
    const { input, output, units, problem, serviceTier, fallbackModel } = reported ?? NOTHING;
    const isWhole = input && output && isOutputKnown;
    const usage: Usage = {
      tokens: isWhole ? allTokens(input, output) : estimate(promptTokens, input),
      units: units ? { ...NO_UNITS, ...units } : NO_UNITS,
      serviceTier,
      source: isWhole ? 'provider' : input ? 'partial' : 'estimated',
    };
    const quote = quoteOf(fallbackModel);
    const cost = quote && problem === undefined ? costOf(quote, usage) : undefined;
    if (quote && cost) return { usage, quote, cost };
    const likely: Usage = {
      tokens: { ...estimate(promptTokens), ...(problem === 'uncounted' && uncounted()) },
      units: NO_UNITS,
      serviceTier: undefined,
      source: 'unreadable',
    };
    return { usage: likely, quote: asked, cost: costOf(asked, likely) };
  }

  return {
    add(event) {
      if (event.type === 'start') model ||= event.model;
      else if (event.type === 'usage') reported = event.usage;
      else if (event.type === 'text' || event.type === 'refusal') textBytes += bytesOf(event.text);
      else if (event.type === 'tool_arguments') textBytes += bytesOf(event.json);
      else if (event.type === 'tool_call') textBytes += bytesOf(event.name);
      else if (event.type === 'thinking') reasoningBytes += bytesOf(event.text);
    },
    addText(kind, bytes) {
      if (kind === 'thinking') reasoningBytes += bytes;
      else textBytes += bytes;
    },
    complete: (promptTokens) => conclude(promptTokens, true),
    cut: (promptTokens) => conclude(promptTokens, reported?.final === true),
  };
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
