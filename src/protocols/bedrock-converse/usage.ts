// Usage of Converse. Input counts are additive: `inputTokens` is the uncached part alone. The counts
// also come under older names (`inputTokenCount`), which say the same once more.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ReportedUsage, UsageProblem } from '../../chat/usage.ts';
import { present } from '../fields.ts';
import { servedTier } from '../guards.ts';
import { readCounts, splitCacheWrites, type CountReader } from '../token-counts.ts';

/** What `usage` and `serviceTier` of an answer say; undefined where they say nothing. Never throws. */
export function readUsage(
  value: JsonValue | undefined,
  tier: JsonValue | undefined,
): ReportedUsage | undefined {
  const counts = readCounts();
  const usage = counts.details(value);
  if (usage === undefined) return counts.isBroken() ? broken('not_a_count') : undefined;
  const input = readEither(usage, 'inputToken', counts.required);
  const output = readEither(usage, 'outputToken', counts.required);
  const total = readEither(usage, 'totalToken', counts.optional);
  const read = readEither(usage, 'cacheReadInputToken', counts.optional);
  const written = readEither(usage, 'cacheWriteInputToken', counts.optional);
  const writes = splitCacheWrites(written, ...readWrites(usage, counts));
  const isUnpriced = usesServerTools(usage, counts);
  if (counts.isBroken()) return broken('not_a_count');
  if (input === undefined && output === undefined) return undefined;
  if (writes === undefined) return broken('parts_exceed_whole');
  const { inCacheWrite5m, inCacheWrite1h } = writes;
  const sum = (input ?? 0) + (read ?? 0) + inCacheWrite5m + inCacheWrite1h + (output ?? 0);
  const isWhole = input !== undefined && output !== undefined && total !== undefined;
  if (isWhole && sum !== total) return broken('total_does_not_reconcile');
  return {
    ...(input !== undefined && {
      input: { inUncached: input, inCacheRead: read ?? 0, ...writes, inCacheWriteOther: 0 },
    }),
    ...(output !== undefined && { output: { outText: output, outReasoning: 0 } }),
    ...(read === undefined && written === undefined && { cacheUnknown: true as const }),
    final: true,
    ...present({
      serviceTier: servedTier(objectOf(tier)?.['type']),
      problem: isUnpriced ? ('unpriced_class' as const) : undefined,
    }),
  };
}

function broken(problem: UsageProblem): ReportedUsage {
  return { final: true, problem };
}

function readEither(
  usage: JsonObject,
  stem: string,
  read: CountReader['optional'],
): number | undefined {
  return read(usage[`${stem}s`]) ?? read(usage[`${stem}Count`]);
}

/** The known cache writes of five minutes and of an hour. */
function readWrites(
  usage: JsonObject,
  counts: CountReader,
): readonly [number | undefined, number | undefined] {
  const byTtl = new Map<string, number>();
  for (const value of arrayOf(usage['cacheDetails'])) {
    const detail = counts.details(value);
    const ttl = stringOf(detail?.['ttl']) ?? '';
    const tokens = counts.optional(detail?.['inputTokens']) ?? 0;
    byTtl.set(ttl, (byTtl.get(ttl) ?? 0) + tokens);
  }
  return [byTtl.get('5m'), byTtl.get('1h')];
}

/** Tools that Bedrock runs by itself have prices of their own. */
function usesServerTools(usage: JsonObject, counts: CountReader): boolean {
  const used = Object.values(counts.details(usage['serverToolUsage']) ?? {});
  return used.some((count) => (counts.optional(count) ?? 0) > 0);
}
