// Usage of Gemini, both ways. Every chunk reports running totals, the first ones perhaps nothing but
// the kind of traffic. Cached tokens are part of the prompt; thoughts and what tools put into the
// prompt come on top, which the total proves. Sound, and pictures that are made, have prices of their own.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { inputTokens, NO_TOKENS, type ReportedUsage } from '../../chat/usage.ts';
import { present } from '../fields.ts';
import { servedTier } from '../guards.ts';
import { splitInput, splitOutput } from '../media-counts.ts';
import { readCounts, type CountReader } from '../token-counts.ts';

/** Vertex names the traffic; what is not here was served as the standard. */
const TRAFFIC_TIERS: ReadonlyMap<string, string> = new Map([
  ['ON_DEMAND_PRIORITY', 'priority'],
  ['ON_DEMAND_FLEX', 'flex'],
  ['ON_DEMAND_OFFPEAK', 'offpeak'],
]);

/** What costs as text does, or has a class of its own; whatever else there may be has no price. */
const INPUT_KINDS: ReadonlySet<string> = new Set(['TEXT', 'IMAGE', 'DOCUMENT', 'VIDEO', 'AUDIO']);
const OUTPUT_KINDS: ReadonlySet<string> = new Set(['TEXT', 'IMAGE', 'AUDIO']);

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
  const read = readKinds(usage['promptTokensDetails'], counts);
  const cachedKinds = readKinds(usage['cacheTokensDetails'], counts);
  const searched = readKinds(usage['toolUsePromptTokensDetails'], counts);
  const made = readKinds(usage['candidatesTokensDetails'], counts);
  if (counts.isBroken()) return { final, problem: 'not_a_count' };
  if (prompt === undefined && told === undefined && thoughts === undefined) return undefined;

  const others = (prompt ?? 0) + tool + (thoughts ?? 0);
  // While nothing but thoughts was made, the answer's count is left out; the total knows it.
  const rest = total === undefined || total < others ? undefined : total - others;
  const outText = told ?? (prompt === undefined ? undefined : rest);
  const input = splitInput({
    whole: (prompt ?? 0) + tool,
    cached,
    audio: sumOf(read, 'AUDIO') + sumOf(searched, 'AUDIO'),
    cachedAudio: sumOf(cachedKinds, 'AUDIO'),
  });
  const output = splitOutput({
    whole: (outText ?? 0) + (thoughts ?? 0),
    reasoning: thoughts,
    audio: sumOf(made, 'AUDIO'),
    image: sumOf(made, 'IMAGE'),
  });
  const isMade = (outText ?? thoughts) !== undefined;
  // What tools put into the prompt is never cached.
  const isOverdrawn = prompt !== undefined && cached !== undefined && cached > prompt;
  if (isOverdrawn || (prompt !== undefined && !input) || (isMade && !output)) {
    return { final, problem: 'parts_exceed_whole' };
  }
  const isUnpriced =
    [read, searched].some((kinds) => holdsOther(kinds, INPUT_KINDS)) ||
    holdsOther(made, OUTPUT_KINDS);
  const isWrong = prompt !== undefined && total !== undefined && total !== others + (outText ?? 0);
  return {
    ...(prompt !== undefined && input && { input }),
    ...(isMade && output && { output }),
    final,
    ...(isUnpriced && { problem: 'unpriced_class' as const }),
    ...(isWrong && { problem: 'total_does_not_reconcile' as const }),
  };
}

type Kinds = readonly { readonly modality: string; readonly tokens: number }[];

function readKinds(details: JsonValue | undefined, counts: CountReader): Kinds {
  return arrayOf(details).map((value) => {
    const detail = objectOf(value);
    return {
      modality: stringOf(detail?.['modality']) ?? 'TEXT',
      tokens: counts.optional(detail?.['tokenCount']) ?? 0,
    };
  });
}

function sumOf(kinds: Kinds, modality: string): number {
  return kinds.reduce((sum, kind) => sum + (kind.modality === modality ? kind.tokens : 0), 0);
}

function holdsOther(kinds: Kinds, known: ReadonlySet<string>): boolean {
  return kinds.some(({ modality, tokens }) => tokens > 0 && !known.has(modality));
}

/** The usage object of an answer; undefined while either side is unknown. */
export function writeUsage(usage: ReportedUsage | undefined): JsonObject | undefined {
  if (usage?.input === undefined || usage.output === undefined) return undefined;
  const { inCacheRead, inAudio = 0, inAudioCacheRead = 0, inImageCacheRead = 0 } = usage.input;
  const { outText, outReasoning, outAudio = 0, outImage = 0 } = usage.output;
  const prompt = inputTokens({ ...NO_TOKENS, ...usage.input });
  const cached = inCacheRead + inAudioCacheRead + inImageCacheRead;
  const candidates = outText + outAudio + outImage;
  return {
    promptTokenCount: prompt,
    ...writeKinds('promptTokensDetails', { AUDIO: inAudio + inAudioCacheRead }),
    ...(cached > 0 && { cachedContentTokenCount: cached }),
    ...writeKinds('cacheTokensDetails', { AUDIO: inAudioCacheRead }),
    candidatesTokenCount: candidates,
    ...writeKinds('candidatesTokensDetails', { AUDIO: outAudio, IMAGE: outImage }),
    ...(outReasoning > 0 && { thoughtsTokenCount: outReasoning }),
    totalTokenCount: prompt + candidates + outReasoning,
  };
}

/** Text goes without saying. */
function writeKinds(key: string, tokens: Readonly<Record<string, number>>): JsonObject {
  const told = Object.entries(tokens).filter(([, tokenCount]) => tokenCount > 0);
  if (told.length === 0) return {};
  return { [key]: told.map(([modality, tokenCount]) => ({ modality, tokenCount })) };
}
