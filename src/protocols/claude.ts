// What Claude asks of a request wherever it is served: how it is told to think, and which sampling
// it takes while it does. https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking

import type { JsonObject } from '../base/json.ts';
import type { ChatRequest, Reasoning, ReasoningEffort } from '../chat/request.ts';
import { present, untranslatable, type Present } from './fields.ts';
import type { Quirks } from './protocol.ts';

/** Budgets that stand for an effort on models which count their thinking. */
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = Object.freeze({
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
});
const LEAST_BUDGET = 1024;
/** With thinking, Claude refuses to look at fewer candidates. */
const LEAST_TOP_P = 0.95;

/** The `thinking` member of a request whose answer, thinking included, has this cap. */
export function writeThinking(
  reasoning: Reasoning | undefined,
  cap: number,
  style: Quirks['thinkingStyle'],
  dropped: Set<string>,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const { effort } = reasoning;
  if (effort === 'none') return { type: 'disabled' };
  if (reasoning.budgetTokens === undefined && style !== 'budget') return { type: 'adaptive' };
  const wanted = reasoning.budgetTokens ?? BUDGETS[effort ?? 'medium'];
  const budget = Math.min(wanted, cap - 1);
  if (budget >= LEAST_BUDGET) return { type: 'enabled', budget_tokens: budget };
  dropped.add('reasoning_effort');
  return undefined;
}

/** The level for models that think adaptively. */
export function effortOf(reasoning: Reasoning | undefined): string | undefined {
  const effort = reasoning?.effort;
  if (effort === 'none') return undefined;
  return effort === 'minimal' ? 'low' : effort;
}

type Sampling = Pick<ChatRequest, 'temperature' | 'topP' | 'topK'>;

/** Temperatures above one do not exist here; with thinking, Claude takes none but its own. */
export function limitSampling(
  { temperature, topP, topK }: Sampling,
  thinking: JsonObject | undefined,
  dropped: Set<string>,
): Present<Sampling> {
  if (temperature !== undefined && temperature > 1) dropped.add('temperature>1');
  if (thinking === undefined || thinking['type'] === 'disabled') {
    const clamped = temperature === undefined ? undefined : Math.min(temperature, 1);
    return present({ temperature: clamped, topP, topK });
  }
  if (temperature !== undefined && temperature !== 1) dropped.add('temperature');
  if (topK !== undefined) dropped.add('top_k');
  if (topP !== undefined && topP < LEAST_TOP_P) dropped.add('top_p');
  return present({ topP: topP !== undefined && topP >= LEAST_TOP_P ? topP : undefined });
}

/** Throws for blank ones: Anthropic refuses them, and without them the answer would run on. */
export function writeStop(stop: readonly string[] | undefined): string[] | undefined {
  if (stop?.some((text) => text.trim() === '')) throw untranslatable('stop');
  return stop && [...stop];
}
