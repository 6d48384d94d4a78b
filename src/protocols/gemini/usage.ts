// Usage of Gemini, both ways. Every chunk reports running totals, the first ones perhaps nothing but
// the kind of traffic. Cached tokens are part of the prompt; thoughts and what tools put into the
// prompt come on top, which the total proves. Sound and pictures have prices of their own.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { inputTokens, NO_TOKENS, type ReportedUsage } from '../../chat/usage.ts';
import { present } from '../fields.ts';
import { servedTier } from '../guards.ts';
import { readCounts, type CountReader } from '../token-counts.ts';

/** Vertex names the traffic; what is not here was served as the standard. */
const TRAFFIC_TIERS: ReadonlyMap<string, string> = new Map([
  ['ON_DEMAND_PRIORITY', 'priority'],
  ['ON_DEMAND_FLEX', 'flex'],
  ['ON_DEMAND_OFFPEAK', 'offpeak'],
]);

/** What a prompt may consist of at the one price that there is for it. */
const PRICED_INPUT: ReadonlySet<string> = new Set(['TEXT', 'IMAGE', 'DOCUMENT', 'VIDEO']);
const PRICED_OUTPUT: ReadonlySet<string> = new Set(['TEXT']);

export interface UsageReader {
  /** Takes the report of one chunk; returns what is known after it, or undefined: nothing new. */
  read(usage: JsonValue | undefined, final: boolean): ReportedUsage | undefined;
}

/** A reader for one answer. Never throws. */
export function readUsages(): UsageReader {
  let serviceTier: string | undefined;
  let known: ReportedUsage | undefined;
  return {
    read(value, final) {
      const counts = readCounts();
      const usage = counts.details(value);
      if (counts.isBroken()) return { final, problem: 'not_a_count' };
      if (usage === undefined) return undefined;
      serviceTier = readTier(usage) ?? serviceTier;
      const read = reduce(usage, final, counts);
      // A report that lost a side again does not undo one that had both.
      const isLess = known?.input && known.output && !(read?.input && read.output);
      if (read !== undefined && (read.problem !== undefined || !isLess)) known = read;
      const tier = present({ serviceTier });
      if (known === undefined)
        return serviceTier === undefined ? undefined : { ...tier, final: false };
      return { ...known, final, ...tier };
    },
  };
}

function readTier(usage: JsonObject): string | undefined {
  return (
    servedTier(stringOf(usage['serviceTier'])?.toLowerCase()) ??
    TRAFFIC_TIERS.get(stringOf(usage['trafficType']) ?? '')
  );
}

function reduce(usage: JsonObject, final: boolean, counts: CountReader): ReportedUsage | undefined {
  const prompt = counts.optional(usage['promptTokenCount']);
  const cached = counts.optional(usage['cachedContentTokenCount']);
  const tool = counts.optional(usage['toolUsePromptTokenCount']) ?? 0;
  const total = counts.optional(usage['totalTokenCount']);
  const thoughts = counts.optional(usage['thoughtsTokenCount']);
  const told = counts.optional(usage['candidatesTokenCount']);
  const isUnpriced = holdsUnpriced(usage, counts);
  if (counts.isBroken()) return { final, problem: 'not_a_count' };
  if (prompt === undefined && told === undefined && thoughts === undefined) return undefined;

  const others = (prompt ?? 0) + tool + (thoughts ?? 0);
  // While nothing but thoughts was made, the answer's count is left out; the total knows it.
  const rest = total === undefined || total < others ? undefined : total - others;
  const outText = told ?? (prompt === undefined ? undefined : rest);
  if (prompt !== undefined && cached !== undefined && cached > prompt) {
    return { final, problem: 'parts_exceed_whole' };
  }
  const isWrong = prompt !== undefined && total !== undefined && total !== others + (outText ?? 0);
  return {
    ...(prompt !== undefined && {
      input: {
        inUncached: prompt - (cached ?? 0) + tool,
        inCacheRead: cached ?? 0,
        inCacheWrite5m: 0,
        inCacheWrite1h: 0,
        inCacheWriteOther: 0,
      },
    }),
    ...((outText ?? thoughts) !== undefined && {
      output: { outText: outText ?? 0, outReasoning: thoughts ?? 0 },
    }),
    final,
    ...(isUnpriced && { problem: 'unpriced_class' as const }),
    ...(isWrong && { problem: 'total_does_not_reconcile' as const }),
  };
}

function holdsUnpriced(usage: JsonObject, counts: CountReader): boolean {
  const holds = (key: string, priced: ReadonlySet<string>): boolean =>
    arrayOf(usage[key]).some((value) => {
      const detail = objectOf(value);
      const modality = stringOf(detail?.['modality']) ?? 'TEXT';
      return (counts.optional(detail?.['tokenCount']) ?? 0) > 0 && !priced.has(modality);
    });
  return (
    holds('promptTokensDetails', PRICED_INPUT) ||
    holds('toolUsePromptTokensDetails', PRICED_INPUT) ||
    holds('candidatesTokensDetails', PRICED_OUTPUT)
  );
}

/** The usage object of an answer; undefined while either side is unknown. */
export function writeUsage(usage: ReportedUsage | undefined): JsonObject | undefined {
  if (usage?.input === undefined || usage.output === undefined) return undefined;
  const prompt = inputTokens({ ...NO_TOKENS, ...usage.input });
  const { outText, outReasoning } = usage.output;
  return {
    promptTokenCount: prompt,
    ...(usage.input.inCacheRead > 0 && { cachedContentTokenCount: usage.input.inCacheRead }),
    candidatesTokenCount: outText,
    ...(outReasoning > 0 && { thoughtsTokenCount: outReasoning }),
    totalTokenCount: prompt + outText + outReasoning,
  };
}
