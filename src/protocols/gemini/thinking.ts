// How Gemini is told to think, both ways. Models of the third generation know levels, those of 2.5
// a budget of tokens, and either refuses the other's word. What a model cannot do is brought to
// the nearest that it can, and named.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { Reasoning, ReasoningEffort } from '../../chat/request.ts';
import {
  invalid,
  isSet,
  MAX_TOKEN_LIMIT,
  noteUnknown,
  present,
  readFlag,
  readInteger,
  readObject,
} from '../fields.ts';
import type { Quirks } from '../protocol.ts';
import type { ThinkingBudget } from '../thinking-words.ts';
import { respell } from './spelling.ts';

type Level = 'minimal' | 'low' | 'medium' | 'high';

const LEVELS: readonly Level[] = Object.freeze(['minimal', 'low', 'medium', 'high']);

/** The most tokens that each level stands for; beyond the last but one it is the last. */
const LEVEL_BUDGETS: Readonly<Record<Level, number>> = Object.freeze({
  minimal: 1024,
  low: 4096,
  medium: 12_000,
  high: 24_576,
});

/** The tokens that an effort stands for where thinking is counted. */
const EFFORT_BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = Object.freeze({
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
});

const DYNAMIC = -1;
const PATH = 'generationConfig.thinkingConfig';
/** What the list of drops says of an effort that the model does not have. */
const EFFORT = 'reasoning_effort';

/** Whether the model is of those that know levels, and demand signatures on calls. */
export function thinksByLevel({ thinkingBudget }: Quirks): boolean {
  return thinkingBudget === undefined;
}

/** What a `thinkingConfig` asks for. */
export function readThinking(
  value: JsonValue | undefined,
  dropped: Set<string>,
): Reasoning | undefined {
  if (!isSet(value)) return undefined;
  const config = respell(readObject(value, PATH), PATH);
  noteUnknown(config, KNOWN, PATH, dropped);
  const budget = readInteger(config['thinkingBudget'], BUDGET, DYNAMIC, MAX_TOKEN_LIMIT);
  const isShown = readFlag(config['includeThoughts'], `${PATH}.includeThoughts`) === true;
  return present({
    effort: budget === 0 ? 'none' : readLevel(config['thinkingLevel'], `${PATH}.thinkingLevel`),
    budgetTokens: budget !== undefined && budget > 0 ? budget : undefined,
    summary: isShown ? 'auto' : undefined,
  });
}

const KNOWN: ReadonlySet<string> = new Set(['thinkingBudget', 'thinkingLevel', 'includeThoughts']);
const BUDGET = `${PATH}.thinkingBudget`;

export function readLevel(value: JsonValue | undefined, path: string): Level | undefined {
  if (!isSet(value) || value === 'THINKING_LEVEL_UNSPECIFIED') return undefined;
  const level = LEVELS.find((each) => typeof value === 'string' && value.toLowerCase() === each);
  if (level === undefined) {
    throw invalid(path, `\`${path}\` is not a known level.`);
  }
  return level;
}

/** The `thinkingConfig` for a model of these quirks; whoever asks for thinking also gets to see it. */
export function writeThinking(
  reasoning: Reasoning | undefined,
  quirks: Quirks,
  dropped: Set<string>,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const { thinkingBudget } = quirks;
  const told = thinkingBudget
    ? tellBudget(reasoning, thinkingBudget, dropped)
    : tellLevel(reasoning, quirks, dropped);
  return reasoning.effort === 'none' ? told : { ...told, includeThoughts: true };
}

function tellLevel(reasoning: Reasoning, quirks: Quirks, dropped: Set<string>): JsonObject {
  const level = levelFor(reasoning, quirks, dropped);
  return level === undefined ? {} : { thinkingLevel: level.toUpperCase() };
}

/** The nearest level that the model knows; undefined where none is asked for. */
export function levelFor(
  { effort, budgetTokens }: Reasoning,
  { efforts = LEVELS }: Quirks,
  dropped: Set<string>,
): Level | undefined {
  const least = LEVELS.find((level) => efforts.includes(level)) ?? 'low';
  const wanted = effort ?? (budgetTokens === undefined ? undefined : levelOfBudget(budgetTokens));
  if (wanted === undefined) return undefined;
  const level = LEVELS.find((each) => each === wanted) ?? (wanted === 'none' ? least : 'high');
  const told = level === 'minimal' ? least : level;
  // Counting tokens is another measure, not another wish.
  if (effort !== undefined && told !== effort) dropped.add(EFFORT);
  return told;
}

function levelOfBudget(tokens: number): Level {
  return LEVELS.find((level) => tokens <= LEVEL_BUDGETS[level]) ?? 'high';
}

function tellBudget(
  { effort, budgetTokens }: Reasoning,
  { stops, least, most }: ThinkingBudget,
  dropped: Set<string>,
): JsonObject {
  if (effort === 'none') {
    if (!stops) dropped.add(EFFORT);
    return { thinkingBudget: stops ? 0 : least };
  }
  const wanted = budgetTokens ?? (effort && EFFORT_BUDGETS[effort]);
  if (wanted === undefined) return { thinkingBudget: DYNAMIC };
  return { thinkingBudget: Math.min(Math.max(wanted, least), most) };
}
