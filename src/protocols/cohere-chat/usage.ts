// Usage of Cohere's chat. What is invoiced stands in `billed_units`. `tokens` also counts what Cohere
// puts around a prompt for nothing, and `cached_tokens` is a part of those, so neither is read, and
// nothing is known of caches as far as the bill goes.

import { objectOf, type JsonValue } from '../../base/json.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { readCounts } from '../token-counts.ts';

/** Reduces a report to disjoint classes; undefined when it bills nothing. Never throws. */
export function readUsage(value: JsonValue | undefined): ReportedUsage | undefined {
  const counts = readCounts();
  const billed = counts.details(objectOf(value)?.['billed_units']);
  const { input_tokens, output_tokens, search_units, ...others } = billed ?? {};
  const input = counts.optional(input_tokens);
  const output = counts.optional(output_tokens);
  const searchUnits = counts.optional(search_units) ?? 0;
  const unpriced = Object.values(others).some((count) => (counts.optional(count) ?? 0) > 0);
  if (counts.isBroken()) return { final: true, problem: 'not_a_count' };
  if (input === undefined && output === undefined) return undefined;
  return {
    ...(input !== undefined && {
      input: {
        inUncached: input,
        inCacheRead: 0,
        inCacheWrite5m: 0,
        inCacheWrite1h: 0,
        inCacheWriteOther: 0,
      },
    }),
    ...(output !== undefined && { output: { outText: output, outReasoning: 0 } }),
    ...(searchUnits > 0 && { units: { searchUnits } }),
    cacheUnknown: true,
    final: true,
    ...(unpriced && { problem: 'unpriced_class' as const }),
  };
}
