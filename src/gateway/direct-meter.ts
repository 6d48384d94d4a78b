// Meters an answer that is no conversation: what the reply reports, else what the request itself
// counts. Only what is sold is counted, by the token or by the unit. Input is due once the provider
// has had it, output once a part of it is delivered; text is due as far as it came, and nothing where
// the provider broke off. The rule is published: docs/billing-rules.md.

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
import { textTokenEstimate } from './prompt.ts';

/** What the provider makes, so that nothing of it is due until it is delivered. */
const OUTPUT_UNITS: ReadonlySet<UnitClass> = new Set(['images', 'characters']);

const NOTHING_DUE: Usage = Object.freeze({
  tokens: NO_TOKENS,
  units: NO_UNITS,
  serviceTier: undefined,
  source: 'estimated',
});

type Report = Pick<ReportedUsage, 'input' | 'output' | 'units'>;

/** What is known of each kind that the price is made of. */
interface Counted<T> {
  readonly counts: T;
  readonly source: Usage['source'];
}

/** What of an answer is due, apart from its report. */
interface Due {
  readonly promptTokens: number;
  /** Whether any of what the provider makes has reached the client. */
  readonly delivered: boolean;
  /** Of text that has. */
  readonly textBytes: number;
}

/** `maxOutputTokens`: the model's limit for each answer. */
export function createDirectMeter(
  quote: Quote,
  facts: RequestFacts,
  maxOutputTokens: number,
): Meter {
  const rates = tierFor(quote.price, undefined, 0)?.rates ?? {};
  const made = facts.media?.find(({ class: name }) => name.startsWith('out'))?.class ?? 'outText';
  const most: Partial<TokenCounts> = rates[made] ? { [made]: maxOutputTokens * facts.choices } : {};
  let reported: ReportedUsage | undefined;
  let textBytes = 0;
  let begun = false;
  let failed = false;

  function count(report: Report, due: Due): Usage {
    const parts: Usage['source'][] = [];
    let units: UnitCounts = NO_UNITS;
    let tokens: TokenCounts = NO_TOKENS;
    const soldUnits = UNIT_CLASSES.filter((name) => rates[name] !== undefined);
    if (soldUnits.length > 0) {
      const counted = countUnits(soldUnits, report.units, facts, due.delivered);
      units = counted.counts;
      parts.push(counted.source);
    }
    if (rates.inUncached !== undefined) {
      const counted = countTokens(report, due, most);
      tokens = counted.counts;
      parts.push(counted.source);
    }
    return { tokens, units, serviceTier: undefined, source: sourceOf(parts) };
  }

  function conclude(promptTokens: number, isComplete: boolean): Metered {
    if (failed) return { usage: NOTHING_DUE, quote, cost: costOf(quote, NOTHING_DUE) };
    const due: Due = { promptTokens, delivered: isComplete || begun, textBytes };
    const usage = count(reported ?? {}, due);
    const cost = reported?.problem === undefined ? costOf(quote, usage) : undefined;
    if (cost) return { usage, quote, cost };
    const likely: Usage = { ...count({}, due), source: 'unreadable' };
    return { usage: likely, quote, cost: costOf(quote, likely) };
  }

  return {
    addText(_, bytes) {
      textBytes += bytes;
    },
    add(event) {
      if (event.type === 'usage') reported = event.usage;
      else if (event.type === 'text') textBytes += Buffer.byteLength(event.text);
      else if (event.type === 'start') begun = true;
      else if (event.type === 'error') failed = true;
    },
    complete: (promptTokens) => conclude(promptTokens, true),
    cut: (promptTokens) => conclude(promptTokens, false),
  };
}

function countUnits(
  sold: readonly UnitClass[],
  report: ReportedUsage['units'],
  facts: RequestFacts,
  delivered: boolean,
): Counted<UnitCounts> {
  const counts: Record<UnitClass, number> = { ...NO_UNITS };
  let source: Usage['source'] = 'provider';
  for (const name of sold) {
    const told = report?.[name];
    const likely = (facts.likelyUnits ?? facts.units)?.[name] ?? 0;
    const due = delivered || !OUTPUT_UNITS.has(name) ? likely * facts.choices : 0;
    counts[name] = told ?? due;
    if (told === undefined) source = 'estimated';
  }
  return { counts, source };
}

/** `most`: what the answers can have at the most; nothing where output is not sold. */
function countTokens(
  { input, output }: Report,
  { promptTokens, delivered, textBytes }: Due,
  most: Partial<TokenCounts>,
): Counted<TokenCounts> {
  if (input && output) {
    return { counts: { ...NO_TOKENS, ...input, ...output }, source: 'provider' };
  }
  const counts = { ...NO_TOKENS, inUncached: promptTokens };
  if (Object.keys(most).length === 0) return { counts, source: 'estimated' };
  if (textBytes > 0) {
    const outText = textTokenEstimate(textBytes);
    return { counts: { ...counts, outText }, source: 'estimated' };
  }
  if (!delivered) return { counts, source: 'estimated' };
  // Nothing here tells how many tokens an image has: its most are set aside for a person to see.
  return { counts: { ...counts, ...most }, source: 'unreadable' };
}

function sourceOf(parts: readonly Usage['source'][]): Usage['source'] {
  if (parts.includes('unreadable')) return 'unreadable';
  if (!parts.includes('estimated')) return 'provider';
  return parts.includes('provider') ? 'partial' : 'estimated';
}
