// Reasoning efforts, which models know in different sets, and the thinking budgets that stand for
// them in protocols which count tokens instead of naming an effort.

import type { Reasoning, ReasoningEffort } from '../chat/request.ts';
import type { Quirks } from './protocol.ts';

const RISING: readonly ReasoningEffort[] = Object.freeze([
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
]);

export const EFFORTS: ReadonlySet<string> = new Set(RISING);

/** Budgets that stand for an effort on models which count their thinking. */
export const EFFORT_BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> =
  Object.freeze({
    minimal: 1024,
    low: 2048,
    medium: 8192,
    high: 16_384,
    xhigh: 32_768,
    max: 32_768,
  });

/** Upper bounds of the budgets that an effort stands for. */
const BUDGET_EFFORTS: readonly (readonly [number, ReasoningEffort])[] = Object.freeze([
  [1024, 'minimal'],
  [4096, 'low'],
  [12_000, 'medium'],
  [24_576, 'high'],
]);

export function isEffort(value: unknown): value is ReasoningEffort {
  return typeof value === 'string' && EFFORTS.has(value);
}

/** The effort that was asked for, be it by its name or by a budget. */
export function effortOf({ effort, budgetTokens }: Reasoning): ReasoningEffort | undefined {
  if (effort !== undefined || budgetTokens === undefined) return effort;
  return BUDGET_EFFORTS.find(([most]) => budgetTokens <= most)?.[1] ?? 'xhigh';
}

/**
 * The nearest of the known efforts that is not above the wanted one, or else the lowest of them. No
 * thinking at all is never put in the place of some. Undefined where none fits.
 */
export function nearestEffort(
  wanted: ReasoningEffort,
  known: readonly ReasoningEffort[] = RISING,
): ReasoningEffort | undefined {
  if (known.includes(wanted)) return wanted;
  const thinking = RISING.filter((effort) => effort !== 'none' && known.includes(effort));
  const limit = RISING.indexOf(wanted);
  return thinking.findLast((effort) => RISING.indexOf(effort) < limit) ?? thinking[0];
}

/** The effort to name to a model that knows some; notes in `dropped` where it is another. */
export function sayEffort(
  reasoning: Reasoning | undefined,
  { efforts, thinkingStyle }: Pick<Quirks, 'efforts' | 'thinkingStyle'>,
  dropped: { add(name: 'reasoning_effort'): unknown },
): ReasoningEffort | undefined {
  const wanted = reasoning && effortOf(reasoning);
  if (wanted === undefined) return undefined;
  const nearest = nearestEffort(wanted, efforts);
  // A model that never thinks does already what `none` asks for.
  const isDone = wanted === 'none' && thinkingStyle === 'none';
  if (nearest !== wanted && !isDone) dropped.add('reasoning_effort');
  return nearest;
}
