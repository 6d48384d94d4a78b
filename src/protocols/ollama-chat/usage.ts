// Usage of Ollama's chat, from the last object of an answer. `prompt_eval_count` includes what was
// read from the cache and `eval_count` the thinking. The server leaves out counts that it does not
// know and counts that are zero alike, so a missing one is unknown and never zero.

import type { JsonObject } from '../../base/json.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { readCounts } from '../token-counts.ts';

/** Reduces a report to disjoint classes; undefined when it says nothing. Never throws. */
export function readUsage(line: JsonObject): ReportedUsage | undefined {
  const counts = readCounts();
  const prompt = counts.required(line['prompt_eval_count']);
  const cached = counts.optional(line['prompt_eval_cached_count']);
  const output = counts.required(line['eval_count']);
  if (counts.isBroken()) return { final: true, problem: 'not_a_count' };
  if (prompt === undefined && output === undefined) return undefined;
  const inUncached = (prompt ?? 0) - (cached ?? 0);
  if (prompt !== undefined && inUncached < 0) return { final: true, problem: 'parts_exceed_whole' };
  return {
    ...(prompt !== undefined && {
      input: {
        inUncached,
        inCacheRead: cached ?? 0,
        inCacheWrite5m: 0,
        inCacheWrite1h: 0,
        inCacheWriteOther: 0,
      },
    }),
    ...(output !== undefined && { output: { outText: output, outReasoning: 0 } }),
    ...(cached === undefined && { cacheUnknown: true as const }),
    final: true,
  };
}
