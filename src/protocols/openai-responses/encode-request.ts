// Writes the intermediate form as a Responses body. What the protocol cannot say is named in
// `dropped` when it is a hint, and refused by name when the answer would depend on it. Nothing is
// stored at the provider, so reasoning is asked for in the form in which it can be sent again.

import type { JsonObject } from '../../base/json.ts';
import type {
  ChatRequest,
  Reasoning,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../chat/request.ts';
import { sayEffort } from '../efforts.ts';
import { present, untranslatable } from '../fields.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { LOGPROBS } from './decode-request.ts';
import { ENCRYPTED_REASONING } from './edits.ts';
import { encodeInput } from './encode-input.ts';

/** OpenAI refuses a longer `safety_identifier`. */
const LONGEST_END_USER = 64;
/** OpenAI refuses a smaller `max_output_tokens`: https://github.com/earendil-works/pi/issues/6265. */
const LEAST_OUTPUT_TOKENS = 16;

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  refuseMeaningful(request);
  const dropped = new Set(request.dropped);
  noteHints(request, quirks, dropped);
  const hasTools = request.tools.length > 0;
  const wantsLogprobs = request.topLogprobs !== undefined;
  const include = [
    ...(quirks.thinkingStyle === 'none' ? [] : [ENCRYPTED_REASONING]),
    ...(wantsLogprobs ? [LOGPROBS] : []),
  ];
  const body: JsonObject = {
    model: request.model,
    input: encodeInput(request.messages, quirks, dropped),
    ...(request.stream && { stream: true }),
    store: false,
    ...(include.length > 0 && { include }),
    ...(hasTools && {
      tools: request.tools.map((tool) => writeTool(tool, dropped)),
      ...present({
        tool_choice: request.toolChoice && writeToolChoice(request.toolChoice, request.tools),
        parallel_tool_calls: request.parallelToolCalls,
      }),
    }),
    ...present({
      max_output_tokens: request.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      top_logprobs: wantsLogprobs && request.topLogprobs ? request.topLogprobs : undefined,
      reasoning: writeReasoningWish(request.reasoning, quirks, dropped),
      text: writeText(request, quirks),
      metadata: request.metadata && { ...request.metadata },
      ...(quirks.takesHints && {
        safety_identifier: isTooLong(request.endUser) ? undefined : request.endUser,
        prompt_cache_key: request.promptCacheKey,
        service_tier: request.serviceTier,
      }),
    }),
  };
  return { body, dropped: [...dropped] };
}

function refuseMeaningful(request: ChatRequest): void {
  const { maxOutputTokens = LEAST_OUTPUT_TOKENS } = request;
  if (maxOutputTokens < LEAST_OUTPUT_TOKENS) throw untranslatable('max_tokens');
  if (request.stop !== undefined) throw untranslatable('stop');
  if ((request.choices ?? 1) > 1) throw untranslatable('n');
  if (Object.keys(request.logitBias ?? {}).length > 0) throw untranslatable('logit_bias');
}

function isTooLong(endUser: string | undefined): boolean {
  return endUser !== undefined && endUser.length > LONGEST_END_USER;
}

function noteHints(request: ChatRequest, { takesHints }: Quirks, dropped: Set<string>): void {
  const { endUser, promptCacheKey, serviceTier, verbosity } = request;
  if (endUser !== undefined && (!takesHints || isTooLong(endUser))) dropped.add('user');
  if (promptCacheKey !== undefined && !takesHints) dropped.add('prompt_cache_key');
  if (serviceTier !== undefined && !takesHints) dropped.add('service_tier');
  if (verbosity !== undefined && !takesHints) dropped.add('verbosity');
  if (request.topK !== undefined) dropped.add('top_k');
  if (request.seed !== undefined) dropped.add('seed');
  if (request.frequencyPenalty !== undefined) dropped.add('frequency_penalty');
  if (request.presencePenalty !== undefined) dropped.add('presence_penalty');
}

function writeTool(tool: ToolDefinition, dropped: Set<string>): JsonObject {
  const { name, description } = tool;
  if (tool.type === 'custom') {
    return { type: 'custom', name, ...present({ description, format: tool.format }) };
  }
  if (tool.cache) dropped.add('tools.cache_control');
  const { parameters, strict = false } = tool;
  // Left out it would mean true here, and false in every other protocol.
  return { type: 'function', name, parameters, strict, ...present({ description }) };
}

function writeToolChoice(
  choice: ToolChoice,
  tools: readonly ToolDefinition[],
): string | JsonObject {
  const choose = (name: string): JsonObject => ({
    type: tools.find((tool) => tool.name === name)?.type ?? 'function',
    name,
  });
  if (choice.type === 'tool') return choose(choice.name);
  if (choice.type !== 'allowed') return choice.type;
  return { type: 'allowed_tools', mode: choice.mode, tools: choice.names.map(choose) };
}

function writeReasoningWish(
  reasoning: Reasoning | undefined,
  quirks: Quirks,
  dropped: Set<string>,
): JsonObject | undefined {
  const effort = sayEffort(reasoning, quirks, dropped);
  const summary = sayOfSummary(reasoning, quirks, dropped);
  const wish = present({ effort, summary });
  return Object.keys(wish).length === 0 ? undefined : wish;
}

/** Whoever asks for thinking also gets to see it, which OpenAI does for a summary alone. */
function sayOfSummary(
  reasoning: Reasoning | undefined,
  { thinkingStyle, refusesSummaries }: Quirks,
  dropped: Set<string>,
): Reasoning['summary'] {
  if (reasoning === undefined || thinkingStyle === 'none') return undefined;
  if (reasoning.effort === 'none') return reasoning.summary;
  if (!refusesSummaries) return reasoning.summary ?? 'auto';
  dropped.add('reasoning.summary');
  return undefined;
}

function writeText(
  { responseFormat, verbosity }: ChatRequest,
  { takesHints }: Quirks,
): JsonObject | undefined {
  const format = responseFormat && writeFormat(responseFormat);
  const text = present({ format, verbosity: takesHints ? verbosity : undefined });
  return Object.keys(text).length === 0 ? undefined : text;
}

function writeFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json_schema') return { type: format.type };
  const { name = 'response', schema, strict = false } = format;
  return { type: 'json_schema', name, schema, strict };
}
