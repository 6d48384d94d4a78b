// Usage of Chat Completions, both ways. `prompt_tokens` and `completion_tokens` include everything;
// cached, written and reasoning tokens are parts of them. Where the parts are reported differs, so
// each known place is read. xAI alone counts reasoning on top, which its own total proves.

import { objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import {
  inputTokens,
  NO_TOKENS,
  outputTokens,
  type ReportedUsage,
  type TokenCounts,
} from '../../chat/usage.ts';
import { servedTier } from '../guards.ts';
import type { Quirks } from '../protocol.ts';
import { splitInput, splitOutput } from '../media-counts.ts';
import { readCount, readCounts, type CountReader } from '../token-counts.ts';

/** The usage object of a chunk or reply, in any of the places where servers put it. */
export function findUsage(chunk: JsonObject): JsonObject | undefined {
  const choice = Array.isArray(chunk['choices']) ? objectOf(chunk['choices'][0]) : undefined;
  return (
    objectOf(chunk['usage']) ??
    objectOf(objectOf(chunk['x_groq'])?.['usage']) ??
    objectOf(choice?.['usage'])
  );
}

/** What a report must be read with. */
interface UsageContext {
  /** The tier that the answer names elsewhere. */
  readonly tier: JsonValue | undefined;
  readonly final: boolean;
  readonly quirks: Quirks;
  /** Where llama.cpp says how much of the prompt it had cached. */
  readonly timings: JsonObject | undefined;
}

/** Reduces a report to disjoint classes; undefined when it says nothing. Never throws. */
export function readUsage(usage: JsonObject, context: UsageContext): ReportedUsage | undefined {
  const { final, quirks } = context;
  const counts = readCounts();
  const prompt = counts.required(usage['prompt_tokens']);
  const completion = counts.required(usage['completion_tokens']);
  const total = counts.optional(usage['total_tokens']);
  const { cached, missed, written, media, unpriced } = readInputParts(
    usage,
    context.timings,
    counts,
  );
  const outputParts = readOutputParts(usage, counts);
  if (counts.isBroken()) return { final, problem: 'not_a_count' };
  if (prompt === undefined && completion === undefined) return undefined;

  const isCacheOnTop = quirks.countsOnTop === true && (cached ?? 0) > (prompt ?? 0);
  const whole = (prompt ?? 0) + (isCacheOnTop ? (cached ?? 0) : 0);
  // What such a total counts is not known.
  const beyond =
    total === undefined || isCacheOnTop ? undefined : total - whole - (completion ?? 0);
  const { reasoning = 0 } = outputParts;
  // The total proves it, whatever the provider is known for.
  const isOnTop = beyond === undefined ? quirks.countsOnTop : reasoning > 0 && beyond === reasoning;
  const made = (completion ?? 0) + (isOnTop ? reasoning : 0);
  const input = splitInput({ whole, cached, written, ...media });
  const output = splitOutput({ whole: made, ...outputParts });
  if ((prompt !== undefined && !input) || (completion !== undefined && !output)) {
    return { final, problem: 'parts_exceed_whole' };
  }
  const isWhole = prompt !== undefined && completion !== undefined;
  const isSplit = missed === undefined || (cached ?? 0) + missed === whole;
  const totalFits = isSplit && (beyond === undefined || beyond === (isOnTop ? reasoning : 0));
  const serviceTier = servedTier(context.tier ?? usage['service_tier']);
  return {
    ...(prompt !== undefined && input && { input }),
    ...(completion !== undefined && output && { output }),
    ...(quirks.searchesEachAnswer === true && { units: { searchUnits: 1 } }),
    ...(cached === undefined && written === undefined && { cacheUnknown: true as const }),
    final,
    ...(serviceTier !== undefined && { serviceTier }),
    ...(unpriced > 0 && { problem: 'unpriced_class' as const }),
    ...(isWhole && !totalFits && { problem: 'total_does_not_reconcile' as const }),
  };
}

function readInputParts(usage: JsonObject, timings: JsonObject | undefined, counts: CountReader) {
  const details =
    counts.details(usage['prompt_tokens_details']) ?? counts.details(usage['prompt_token_details']);
  return {
    cached:
      counts.optional(details?.['cached_tokens']) ??
      // DeepSeek's, Moonshot's and Mistral's own places.
      counts.optional(usage['prompt_cache_hit_tokens']) ??
      counts.optional(usage['cached_tokens']) ??
      counts.optional(usage['num_cached_tokens']) ??
      counts.optional(timings?.['cache_n']),
    missed: counts.optional(usage['prompt_cache_miss_tokens']),
    written:
      counts.optional(details?.['cache_write_tokens']) ??
      counts.optional(details?.['cache_creation_input_tokens']),
    media: readHeard(details, counts),
    // Mistral's audio counts in seconds; Perplexity bills what it read beside prompt and completion.
    unpriced:
      (readCount(usage['prompt_audio_seconds']) ?? 0) + (readCount(usage['citation_tokens']) ?? 0),
  };
}

/** Images in a prompt cost what text does, though some providers count them. */
function readHeard(details: JsonObject | undefined, counts: CountReader) {
  const cached = counts.details(details?.['cached_tokens_details']);
  return {
    audio: counts.optional(details?.['audio_tokens']),
    cachedAudio: counts.optional(cached?.['audio_tokens']),
  };
}

function readOutputParts(usage: JsonObject, counts: CountReader) {
  const details = counts.details(usage['completion_tokens_details']);
  return {
    reasoning:
      counts.optional(details?.['reasoning_tokens']) ?? counts.optional(usage['reasoning_tokens']),
    audio: counts.optional(details?.['audio_tokens']),
    image: counts.optional(details?.['image_tokens']),
  };
}

/** The usage object of a chunk or reply; undefined while either side is unknown. */
export function writeUsage(usage: ReportedUsage | undefined): JsonObject | undefined {
  if (usage?.input === undefined || usage.output === undefined) return undefined;
  const tokens = { ...NO_TOKENS, ...usage.input, ...usage.output };
  const prompt = inputTokens(tokens);
  const completion = outputTokens(tokens);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(usage.cacheUnknown !== true && {
      prompt_tokens_details: {
        cached_tokens: tokens.inCacheRead + tokens.inAudioCacheRead + tokens.inImageCacheRead,
        cache_write_tokens:
          tokens.inCacheWrite5m + tokens.inCacheWrite1h + tokens.inCacheWriteOther,
        ...writeHeard(tokens),
      },
    }),
    completion_tokens_details: {
      reasoning_tokens: tokens.outReasoning,
      ...(tokens.outAudio > 0 && { audio_tokens: tokens.outAudio }),
      ...(tokens.outImage > 0 && { image_tokens: tokens.outImage }),
    },
  };
}

function writeHeard({ inAudio, inAudioCacheRead }: TokenCounts): JsonObject {
  if (inAudio + inAudioCacheRead === 0) return {};
  return {
    audio_tokens: inAudio + inAudioCacheRead,
    ...(inAudioCacheRead > 0 && { cached_tokens_details: { audio_tokens: inAudioCacheRead } }),
  };
}
