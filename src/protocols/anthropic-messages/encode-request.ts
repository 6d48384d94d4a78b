// Writes the intermediate form as a Messages body. What the protocol cannot say is named in
// `dropped` when it is a hint, and refused by name when the answer would depend on it.

import { assert } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type {
  ChatRequest,
  Reasoning,
  ReasoningEffort,
  ToolChoice,
  ToolDefinition,
} from '../../chat/request.ts';
import { invalid, present, untranslatable } from '../fields.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { limitBreakpoints } from './breakpoints.ts';
import { encodeMessages, encodeSystem } from './encode-messages.ts';

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

/** Throws `unsupported_parameter` with the field in `param`. Needs `maxOutputTokens`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  const { maxOutputTokens } = request;
  assert(maxOutputTokens !== undefined, 'a request for Messages has an output cap');
  const dropped = new Set(request.dropped);
  const thinking = writeThinking(request.reasoning, maxOutputTokens, quirks, dropped);
  const outputConfig = present({
    format: writeFormat(request),
    effort: quirks.thinkingStyle === 'budget' ? undefined : effortOf(request.reasoning),
  });
  noteHints(request, dropped);
  const system = encodeSystem(request.messages);
  const body: JsonObject = {
    model: request.model,
    max_tokens: maxOutputTokens,
    ...(system.length > 0 && { system }),
    messages: encodeMessages(request.messages, quirks, dropped),
    ...(request.stream && { stream: true }),
    ...(request.tools.length > 0 && {
      tools: request.tools.map(writeTool),
      ...present({ tool_choice: writeToolChoice(request.toolChoice, request.parallelToolCalls) }),
    }),
    ...present({ thinking, stop_sequences: writeStop(request.stop) }),
    ...writeSampling(request, isThinking(thinking), dropped),
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
  };
  return { body: limitBreakpoints(body, dropped), dropped: [...dropped] };
}

function noteHints(request: ChatRequest, dropped: Set<string>): void {
  if (request.seed !== undefined) dropped.add('seed');
  if (request.frequencyPenalty !== undefined) dropped.add('frequency_penalty');
  if (request.presencePenalty !== undefined) dropped.add('presence_penalty');
}

/** Temperatures above one do not exist here; with thinking, Claude takes none but its own. */
function writeSampling(
  request: ChatRequest,
  isThinking: boolean,
  dropped: Set<string>,
): JsonObject {
  const { temperature, topP, topK } = request;
  if (temperature !== undefined && temperature > 1) dropped.add('temperature>1');
  if (!isThinking) {
    const clamped = temperature === undefined ? undefined : Math.min(temperature, 1);
    return present({ temperature: clamped, top_p: topP, top_k: topK });
  }
  if (temperature !== undefined && temperature !== 1) dropped.add('temperature');
  if (topK !== undefined) dropped.add('top_k');
  if (topP !== undefined && topP < 0.95) dropped.add('top_p');
  return present({ top_p: topP !== undefined && topP >= 0.95 ? topP : undefined });
}

function isThinking(thinking: JsonObject | undefined): boolean {
  return thinking !== undefined && thinking['type'] !== 'disabled';
}

function writeThinking(
  reasoning: Reasoning | undefined,
  cap: number,
  quirks: Quirks,
  dropped: Set<string>,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const { effort } = reasoning;
  if (effort === 'none') return { type: 'disabled' };
  if (reasoning.budgetTokens === undefined && quirks.thinkingStyle !== 'budget') {
    return { type: 'adaptive' };
  }
  const wanted = reasoning.budgetTokens ?? BUDGETS[effort ?? 'medium'];
  const budget = Math.min(wanted, cap - 1);
  if (budget >= LEAST_BUDGET) return { type: 'enabled', budget_tokens: budget };
  dropped.add('reasoning_effort');
  return undefined;
}

function effortOf(reasoning: Reasoning | undefined): string | undefined {
  const effort = reasoning?.effort;
  if (effort === 'none') return undefined;
  return effort === 'minimal' ? 'low' : effort;
}

function writeFormat({ responseFormat }: ChatRequest): JsonObject | undefined {
  if (responseFormat === undefined || responseFormat.type === 'text') return undefined;
  if (responseFormat.type === 'json_object') throw untranslatable('response_format');
  return { type: 'json_schema', schema: responseFormat.schema };
}

function writeStop(stop: readonly string[] | undefined): string[] | undefined {
  if (stop === undefined) return undefined;
  // Anthropic refuses them, and without them the answer would run on.
  if (stop.some((text) => text.trim() === '')) throw untranslatable('stop');
  return [...stop];
}

function writeTool(tool: ToolDefinition): JsonObject {
  if (tool.type === 'custom') throw untranslatable('tools.type');
  const { name, description, parameters, strict, cache } = tool;
  const { type = 'object' } = parameters;
  if (type !== 'object') {
    throw invalid('tools.parameters.type', 'The parameters of a tool must be an object schema.');
  }
  return {
    name,
    input_schema: { ...parameters, type },
    ...present({ description, strict }),
    ...(cache && { cache_control: { type: 'ephemeral', ttl: cache.ttl } }),
  };
}

function writeToolChoice(
  choice: ToolChoice | undefined,
  parallel: boolean | undefined,
): JsonObject | undefined {
  if (choice === undefined && parallel !== false) return undefined;
  if (choice?.type === 'allowed') throw untranslatable('tool_choice.type');
  const type = choice?.type ?? 'auto';
  const disable = type === 'none' || parallel === undefined ? undefined : !parallel;
  return {
    type: type === 'required' ? 'any' : type,
    ...(choice?.type === 'tool' && { name: choice.name }),
    ...present({ disable_parallel_tool_use: disable }),
  };
}
