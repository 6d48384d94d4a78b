// Usage of Messages, both ways. Input counts are additive: `input_tokens` is the uncached part
// alone. A stream reports twice or more; fields are merged, never summed, because some imitators
// send a zero at one end or leave one end out. The split by cache lifetime comes at the start only.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import { arrayOf, objectOf, stringOf } from '../../base/json.ts';
import type { ReportedUsage, UsageProblem } from '../../chat/usage.ts';
import { present } from '../fields.ts';
import { servedTier } from '../guards.ts';
import { readCounts, splitCacheWrites, type CountReader } from '../token-counts.ts';

export interface UsageReader {
  /** Takes one report; returns what is known after it, or undefined when it said nothing. */
  read(usage: JsonValue | undefined, final: boolean): ReportedUsage | undefined;
}

interface Merged {
  input?: number | undefined;
  read?: number | undefined;
  written?: number | undefined;
  written5m?: number | undefined;
  written1h?: number | undefined;
  output?: number | undefined;
  thinking?: number | undefined;
  serviceTier?: string | undefined;
  fallbackModel?: string | undefined;
}

/** A reader for one answer. Never throws. */
export function readUsages(): UsageReader {
  const merged: Merged = {};
  const counts = readCounts();
  let isUnpriced = false;
  return {
    read(value, final) {
      const usage = counts.details(value);
      if (usage !== undefined) {
        merge(merged, usage, counts);
        isUnpriced ||= costsExtra(usage, counts);
      }
      if (counts.isBroken()) return { final, problem: 'not_a_count' };
      if (merged.input === undefined && merged.output === undefined) return undefined;
      return reduce(merged, final, isUnpriced);
    },
  };
}

function merge(merged: Merged, usage: JsonObject, counts: CountReader): void {
  const split = counts.details(usage['cache_creation']);
  const details = counts.details(usage['output_tokens_details']);
  const input = counts.required(nonNull(usage, 'input_tokens', merged.input));
  merged.input = greater(merged.input, input);
  merged.read = greater(merged.read, counts.optional(usage['cache_read_input_tokens']));
  merged.written = greater(merged.written, counts.optional(usage['cache_creation_input_tokens']));
  merged.written5m = greater(
    merged.written5m,
    counts.optional(split?.['ephemeral_5m_input_tokens']),
  );
  merged.written1h = greater(
    merged.written1h,
    counts.optional(split?.['ephemeral_1h_input_tokens']),
  );
  // Output counts are running totals, so the newest replaces the older.
  merged.output = counts.required(nonNull(usage, 'output_tokens', merged.output)) ?? merged.output;
  merged.thinking = counts.optional(details?.['thinking_tokens']) ?? merged.thinking;
  const tier = usage['service_tier'];
  if (typeof tier === 'string') merged.serviceTier = servedTier(tier);
  for (const iteration of arrayOf(usage['iterations'])) {
    const turn = objectOf(iteration);
    // The counts above are then those of the model that the provider fell back to.
    if (turn?.['type'] === FALLBACK) merged.fallbackModel = stringOf(turn['model']) ?? '';
  }
}

const FALLBACK = 'fallback_message';

/** A null in a later report leaves the earlier count; as the first word it is no count at all. */
function nonNull(usage: JsonObject, key: string, known: number | undefined): JsonValue | undefined {
  return usage[key] === null && known !== undefined ? undefined : usage[key];
}

function greater(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

/** Tools run by the provider, faster or regional service and further turns have prices of their own. */
function costsExtra(usage: JsonObject, counts: CountReader): boolean {
  const tools = Object.values(counts.details(usage['server_tool_use']) ?? {});
  const { speed, inference_geo: geo } = usage;
  const turns = arrayOf(usage['iterations']).map((turn) => objectOf(turn));
  const fellBack = turns.some((turn) => turn?.['type'] === FALLBACK);
  return (
    tools.some((count) => (counts.optional(count) ?? 0) > 0) ||
    speed === 'fast' ||
    geo === 'us' ||
    turns.some((turn) => !isCounted(turn, fellBack))
  );
}

/** Whether the counts of the whole answer hold what this turn of it used. */
function isCounted(turn: JsonObject | undefined, fellBack: boolean): boolean {
  if (turn?.['type'] === FALLBACK) return true;
  // Before a fallback the turns of the model that was asked are billed beside the answer's counts.
  const isFree = turn?.['input_tokens'] === 0 && turn['output_tokens'] === 0;
  return turn?.['type'] === 'message' && (!fellBack || isFree);
}

function reduce(merged: Merged, final: boolean, isUnpriced: boolean): ReportedUsage {
  const { input, output, thinking = 0 } = merged;
  const written = splitCacheWrites(merged.written, merged.written5m, merged.written1h);
  if (written === undefined || (output !== undefined && thinking > output)) {
    return { final, problem: 'parts_exceed_whole' };
  }
  const problem: UsageProblem | undefined = isUnpriced ? 'unpriced_class' : undefined;
  return {
    ...(input !== undefined && {
      input: { inUncached: input, inCacheRead: merged.read ?? 0, ...written, inCacheWriteOther: 0 },
    }),
    ...(output !== undefined && { output: { outText: output - thinking, outReasoning: thinking } }),
    ...(merged.read === undefined &&
      merged.written === undefined && { cacheUnknown: true as const }),
    final,
    ...present({ serviceTier: merged.serviceTier, fallbackModel: merged.fallbackModel, problem }),
  };
}

/**
 * The usage object of an answer. Unknown counts are zero, which the protocol requires; it has no word
 * for sound and pictures, whose tokens are in the sums.
 */
export function writeUsage(usage: ReportedUsage | undefined): JsonObject {
  const { input, output } = usage ?? {};
  const { inAudio = 0, inImage = 0, inAudioCacheRead = 0, inImageCacheRead = 0 } = input ?? {};
  const { outAudio = 0, outImage = 0 } = output ?? {};
  const thinking = output?.outReasoning ?? 0;
  const written5m = (input?.inCacheWrite5m ?? 0) + (input?.inCacheWriteOther ?? 0);
  const written1h = input?.inCacheWrite1h ?? 0;
  return {
    input_tokens: (input?.inUncached ?? 0) + inAudio + inImage,
    ...(input !== undefined &&
      usage?.cacheUnknown !== true && {
        cache_read_input_tokens: input.inCacheRead + inAudioCacheRead + inImageCacheRead,
        cache_creation_input_tokens: written5m + written1h,
        cache_creation: {
          ephemeral_5m_input_tokens: written5m,
          ephemeral_1h_input_tokens: written1h,
        },
      }),
    output_tokens: (output?.outText ?? 0) + thinking + outAudio + outImage,
    ...(output !== undefined && { output_tokens_details: { thinking_tokens: thinking } }),
  };
}
