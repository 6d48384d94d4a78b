// Usage of Responses, both ways. `input_tokens` and `output_tokens` include everything; cached,
// written and reasoning tokens are parts of them, at xAI too.

import { objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import { inputTokens, NO_TOKENS, outputTokens, type ReportedUsage } from '../../chat/usage.ts';
import { servedTier } from '../guards.ts';
import { readCounts, type CountReader } from '../token-counts.ts';

/** What a response says that it used; undefined where it says nothing. Never throws. */
export function readUsage(response: JsonObject): ReportedUsage | undefined {
  const final = true;
  const counts = readCounts();
  const usage = counts.details(response['usage']);
  const input = counts.required(usage?.['input_tokens']);
  const output = counts.required(usage?.['output_tokens']);
  const total = counts.optional(usage?.['total_tokens']);
  const inputDetails = counts.details(usage?.['input_tokens_details']);
  const cached = counts.optional(inputDetails?.['cached_tokens']);
  const written = counts.optional(inputDetails?.['cache_write_tokens']);
  const outputDetails = counts.details(usage?.['output_tokens_details']);
  const reasoning = counts.optional(outputDetails?.['reasoning_tokens']) ?? 0;
  const isUnpriced = countHosted(response, usage, counts) > 0;
  if (counts.isBroken()) return { final, problem: 'not_a_count' };
  if (input === undefined && output === undefined) return undefined;
  const inUncached = (input ?? 0) - (cached ?? 0) - (written ?? 0);
  const outText = (output ?? 0) - reasoning;
  if ((input !== undefined && inUncached < 0) || (output !== undefined && outText < 0)) {
    return { final, problem: 'parts_exceed_whole' };
  }
  const isWhole = input !== undefined && output !== undefined;
  const totalFits = total === undefined || !isWhole || total === input + output;
  const serviceTier = servedTier(response['service_tier']);
  return {
    ...(input !== undefined && {
      input: {
        inUncached,
        inCacheRead: cached ?? 0,
        inCacheWrite5m: 0,
        inCacheWrite1h: 0,
        inCacheWriteOther: written ?? 0,
      },
    }),
    ...(output !== undefined && { output: { outText, outReasoning: reasoning } }),
    ...(cached === undefined && written === undefined && { cacheUnknown: true as const }),
    final,
    ...(serviceTier !== undefined && { serviceTier }),
    ...(!totalFits && { problem: 'total_does_not_reconcile' as const }),
    ...(isUnpriced && { problem: 'unpriced_class' as const }),
  };
}

/** What a provider's own tools used, by OpenAI's report and by xAI's. */
function countHosted(
  response: JsonObject,
  usage: JsonObject | undefined,
  counts: CountReader,
): number {
  const tools = counts.details(response['tool_usage']);
  const figures: (JsonValue | undefined)[] = [
    objectOf(tools?.['web_search'])?.['num_requests'],
    objectOf(tools?.['image_gen'])?.['total_tokens'],
    usage?.['num_server_side_tools_used'],
  ];
  return figures.reduce<number>((sum, figure) => sum + (counts.optional(figure) ?? 0), 0);
}

/** The usage object of a response; strict readers want every number, so what is unknown is zero. */
export function writeUsage(usage: ReportedUsage | undefined): JsonObject {
  const tokens = { ...NO_TOKENS, ...usage?.input, ...usage?.output };
  const input = inputTokens(tokens);
  const output = outputTokens(tokens);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: tokens.inCacheRead + tokens.inAudioCacheRead + tokens.inImageCacheRead,
      cache_write_tokens: tokens.inCacheWrite5m + tokens.inCacheWrite1h + tokens.inCacheWriteOther,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: tokens.outReasoning },
    total_tokens: input + output,
  };
}
