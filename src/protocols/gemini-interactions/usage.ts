// Usage of an interaction, both ways: the counts of Gemini under names of their own. Cached tokens are
// part of the input; thoughts and what tools put into the prompt come on top, which the total proves.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { inputTokens, NO_TOKENS, type ReportedUsage } from '../../chat/usage.ts';
import { readUsages } from '../gemini/usage.ts';
import { servedTier } from '../guards.ts';
import { readCount } from '../token-counts.ts';

export interface UsageReader {
  /** Takes a report, with the tier that its interaction names; undefined: nothing new. */
  read(usage: JsonValue | undefined, final: boolean, tier?: JsonValue): ReportedUsage | undefined;
}

/** A reader for one answer. Never throws. */
export function readInteractionUsage(): UsageReader {
  const usages = readUsages();
  return {
    read(value, final, tier) {
      const usage = objectOf(value);
      const read = usages.read(usage ? asMetadata(usage) : value, final);
      const serviceTier = servedTier(tier);
      const served = serviceTier === undefined ? {} : { serviceTier };
      if (read === undefined) {
        return serviceTier === undefined ? undefined : { ...served, final: false };
      }
      const isUnpriced = read.problem === undefined && countHosted(usage) > 0;
      return { ...read, ...served, ...(isUnpriced && { problem: 'unpriced_class' as const }) };
    },
  };
}

const MODALITIES = Object.freeze([
  ['input_tokens_by_modality', 'promptTokensDetails'],
  ['output_tokens_by_modality', 'candidatesTokensDetails'],
  ['tool_use_tokens_by_modality', 'toolUsePromptTokensDetails'],
] as const);

/** The report as generateContent would have made it. */
function asMetadata(usage: JsonObject): JsonObject {
  const details = MODALITIES.map(([name, other]): [string, JsonValue] => [
    other,
    arrayOf(usage[name]).map((value) => {
      const { modality, tokens } = objectOf(value) ?? {};
      return { modality: (stringOf(modality) ?? 'text').toUpperCase(), tokenCount: tokens };
    }),
  ]);
  return {
    promptTokenCount: usage['total_input_tokens'],
    cachedContentTokenCount: usage['total_cached_tokens'],
    candidatesTokenCount: usage['total_output_tokens'],
    thoughtsTokenCount: usage['total_thought_tokens'],
    toolUsePromptTokenCount: usage['total_tool_use_tokens'],
    totalTokenCount: usage['total_tokens'],
    ...Object.fromEntries(details),
  };
}

/** Searches and the like, which Google's own tools made. */
function countHosted(usage: JsonObject | undefined): number {
  return arrayOf(usage?.['grounding_tool_count']).reduce<number>(
    (sum, value) => sum + (readCount(objectOf(value)?.['count']) ?? 0),
    0,
  );
}

/** The usage object of an answer; undefined while either side is unknown. */
export function writeUsage(usage: ReportedUsage | undefined): JsonObject | undefined {
  if (usage?.input === undefined || usage.output === undefined) return undefined;
  const input = inputTokens({ ...NO_TOKENS, ...usage.input });
  const { outText, outReasoning, outAudio = 0, outImage = 0 } = usage.output;
  const { inCacheRead, inAudioCacheRead = 0, inImageCacheRead = 0 } = usage.input;
  const output = outText + outAudio + outImage;
  return {
    total_tokens: input + output + outReasoning,
    total_input_tokens: input,
    total_cached_tokens: inCacheRead + inAudioCacheRead + inImageCacheRead,
    total_output_tokens: output,
    total_tool_use_tokens: 0,
    total_thought_tokens: outReasoning,
  };
}
