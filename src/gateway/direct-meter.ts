// Meters an answer that is no conversation: what the reply reports, else what the request itself
// counts. Only what is sold is counted, by the token or by the unit. Input is due once the provider
// has had it, output once it is delivered. The rule is published: docs/billing-rules.md.

import { type Quote, costOf, tierFor } from '../catalog/price.ts';
import {
  NO_TOKENS,
  NO_UNITS,
  type ReportedUsage,
  type TokenCounts,
  UNIT_CLASSES,
  type UnitClass,
  type UnitCounts,
  type Usage,
} from '../chat/usage.ts';
import type { RequestFacts } from '../protocols/protocol.ts';
import type { Meter, Metered } from './meter.ts';

/** What the provider makes, so that nothing of it is due until it is delivered. */
const OUTPUT_UNITS: ReadonlySet<UnitClass> = new Set(['images', 'characters']);

type Report = Pick<ReportedUsage, 'input' | 'output' | 'units'>;

/** What is known of each kind that the price is made of. */
interface Counted<T> {
  readonly counts: T;
  readonly source: Usage['source'];
}

/** `maxOutputTokens`: the model's limit for each answer. */
export function createDirectMeter(
  quote: Quote,
  facts: RequestFacts,
  maxOutputTokens: number,
): Meter {
  const rates = tierFor(quote.price, undefined, 0)?.rates ?? {};
  const soldUnits = UNIT_CLASSES.filter((name) => rates[name] !== undefined);
  let reported: ReportedUsage | undefined;
  let begun = false;
  let failed = false;

  function countUnits(report: ReportedUsage['units'], delivered: boolean): Counted<UnitCounts> {
    const counts: Record<UnitClass, number> = { ...NO_UNITS };
    let source: Usage['source'] = 'provider';
    for (const name of soldUnits) {
      const told = report?.[name];
      const likely = (facts.likelyUnits ?? facts.units)?.[name] ?? 0;
      const due = delivered || !OUTPUT_UNITS.has(name) ? likely * facts.choices : 0;
      counts[name] = told ?? due;
      if (told === undefined) source = 'estimated';
    }
    return { counts, source };
  }

  function countTokens(
    { input, output }: Report,
    promptTokens: number,
    isComplete: boolean,
  ): Counted<TokenCounts> {
    if (input && output) {
      return { counts: { ...NO_TOKENS, ...input, ...output }, source: 'provider' };
    }
    const counts = { ...NO_TOKENS, inUncached: promptTokens };
    const isSold = (rates.outText ?? 0n) > 0n;
    const outText = isComplete && isSold ? maxOutputTokens * facts.choices : 0;
    if (outText === 0) return { counts, source: 'estimated' };
    // Nothing here tells how many tokens an image has: its most are set aside for a person to see.
    return { counts: { ...counts, outText }, source: 'unreadable' };
  }

  function count(report: Report, promptTokens: number, isComplete: boolean): Usage {
    const parts: Usage['source'][] = [];
    let units: UnitCounts = NO_UNITS;
    let tokens: TokenCounts = NO_TOKENS;
    if (soldUnits.length > 0) {
      const counted = countUnits(report.units, isComplete || (begun && !failed));
      units = counted.counts;
      parts.push(counted.source);
    }
    if (rates.inUncached !== undefined) {
      const counted = countTokens(report, promptTokens, isComplete);
      tokens = counted.counts;
      parts.push(counted.source);
    }
    return { tokens, units, serviceTier: undefined, source: sourceOf(parts) };
  }

  function conclude(promptTokens: number, isComplete: boolean): Metered {
    const usage = count(reported ?? {}, promptTokens, isComplete);
    const cost = reported?.problem === undefined ? costOf(quote, usage) : undefined;
    if (cost) return { usage, quote, cost };
    const likely: Usage = { ...count({}, promptTokens, isComplete), source: 'unreadable' };
    return { usage: likely, quote, cost: costOf(quote, likely) };
  }

  return {
    /** What is counted here is no text of a stream. */
    addText: () => undefined,
    add(event) {
      if (event.type === 'usage') reported = event.usage;
      else if (event.type === 'start') begun = true;
      else if (event.type === 'error') failed = true;
    },
    complete: (promptTokens) => conclude(promptTokens, true),
    cut: (promptTokens) => conclude(promptTokens, false),
  };
}

function sourceOf(parts: readonly Usage['source'][]): Usage['source'] {
  if (parts.includes('unreadable')) return 'unreadable';
  if (!parts.includes('estimated')) return 'provider';
  return parts.includes('provider') ? 'partial' : 'estimated';
}
