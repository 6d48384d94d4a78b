// What Claude asks of a request wherever it is served: how it is told to think, and which sampling it
// takes. Older models are given a budget below the output cap, later ones choose it by themselves, and
// an effort bounds them. https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking

import type { JsonObject } from '../base/json.ts';
import type {
  AssistantPart,
  ChatMessage,
  ChatRequest,
  Reasoning,
  ReasoningEffort,
  ToolChoice,
} from '../chat/request.ts';
import { EFFORT_BUDGETS, effortOf, nearestEffort } from './efforts.ts';
import type { Quirks } from './protocol.ts';
import { present, untranslatable, type Present } from './fields.ts';

export const LEAST_BUDGET = 1024;
/** With thinking, Claude refuses to look at fewer candidates. */
const LEAST_TOP_P = 0.95;

/** Where is noted what Claude is not told. */
interface ClaudeDropped {
  add(name: 'reasoning_effort' | 'temperature' | 'temperature>1' | 'top_k' | 'top_p'): unknown;
}

/** Those of the newest models; `none` turns thinking off. */
const EFFORTS: readonly ReasoningEffort[] = Object.freeze([
  'none',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
]);

interface Written {
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

/** `cap`: the output cap, which a budget is a part of; `maker`: who signs thoughts there. */
export function encodeReasoning(
  { reasoning, toolChoice, messages }: ChatRequest,
  cap: number,
  quirks: Quirks,
  dropped: ClaudeDropped,
  maker: string,
): Written {
  if (reasoning === undefined) return {};
  if (quirks.thinkingStyle !== 'budget') return writeAdaptive(reasoning, quirks, dropped);
  // Models with a budget refuse to think where they are forced to call a tool, and in the middle of
  // a turn whose first thoughts they do not get back.
  const mayThink = !isForced(toolChoice) && !hasLostThoughts(messages, maker);
  return writeBudget(reasoning, mayThink ? cap : 0, dropped);
}

/** Whether the newest turn has calls that do not begin with thoughts that this maker signed. */
function hasLostThoughts(messages: readonly ChatMessage[], maker: string): boolean {
  const turn = messages.findLast((message) => message.role === 'assistant');
  if (turn === undefined || turn.content.every(({ type }) => type !== 'tool_call')) return false;
  const first = turn.content.find((part) => !isThought(part) || part.maker === maker);
  return first !== undefined && !isThought(first);
}

function isThought(part: AssistantPart) {
  return part.type === 'thinking' || part.type === 'redacted_thinking';
}

function isForced(choice: ToolChoice | undefined): boolean {
  const mode = choice?.type === 'allowed' ? choice.mode : choice?.type;
  return mode === 'required' || mode === 'tool';
}

function writeBudget(
  { effort, budgetTokens }: Reasoning,
  cap: number,
  dropped: ClaudeDropped,
): Written {
  if (effort === 'none') return { thinking: { type: 'disabled' } };
  const wanted = budgetTokens ?? EFFORT_BUDGETS[effort ?? 'medium'];
  const budget = Math.min(wanted, cap - 1);
  if (budget >= LEAST_BUDGET) return { thinking: { type: 'enabled', budget_tokens: budget } };
  dropped.add('reasoning_effort');
  return {};
}

function writeAdaptive(
  reasoning: Reasoning,
  { efforts = EFFORTS }: Quirks,
  dropped: ClaudeDropped,
): Written {
  const wanted = effortOf(reasoning);
  const effort = wanted && nearestEffort(wanted, efforts);
  if (effort !== wanted) dropped.add('reasoning_effort');
  if (effort === 'none') return { thinking: { type: 'disabled' } };
  return {
    thinking: {
      type: 'adaptive',
      // Newer models keep their thoughts to themselves unless they are asked for them.
      ...(reasoning.summary !== undefined && { display: 'summarized' }),
    },
    ...(effort !== undefined && { effort }),
  };
}

type Sampling = Pick<ChatRequest, 'temperature' | 'topP' | 'topK'>;

/**
 * Temperatures above one do not exist here, only one of temperature and top-p may be set, and with
 * thinking Claude takes none but its own. What is said by default is left out without a word.
 */
export function limitSampling(
  { temperature, topP, topK }: Sampling,
  isThinking: boolean,
  { refusesSampling }: Quirks,
  dropped: ClaudeDropped,
): Present<Sampling> {
  const takesTemperature = !isThinking && !refusesSampling;
  const takesTopP =
    !refusesSampling && (isThinking ? (topP ?? 1) >= LEAST_TOP_P : temperature === undefined);
  if (temperature !== undefined) {
    if (!takesTemperature && temperature !== 1) dropped.add('temperature');
    else if (temperature > 1) dropped.add('temperature>1');
  }
  if (topP !== undefined && topP !== 1 && !takesTopP) dropped.add('top_p');
  if (topK !== undefined && !takesTemperature) dropped.add('top_k');
  const clamped = temperature === undefined ? undefined : Math.min(temperature, 1);
  return present({
    temperature: takesTemperature ? clamped : undefined,
    topP: takesTopP ? topP : undefined,
    topK: takesTemperature ? topK : undefined,
  });
}

/** Whether the model is one of Claude's, which alone are told to think like this. */
export function isClaudes({ thinkingStyle }: Quirks): boolean {
  return thinkingStyle === 'budget' || thinkingStyle === 'adaptive';
}

export function isThinking(thinking: JsonObject | undefined): boolean {
  return thinking !== undefined && thinking['type'] !== 'disabled';
}

/** Throws for blank ones: Anthropic refuses them, and without them the answer would run on. */
export function writeStop(stop: readonly string[] | undefined): string[] | undefined {
  if (stop?.some((text) => text.trim() === '')) throw untranslatable('stop');
  return stop && [...stop];
}
