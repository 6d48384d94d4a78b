// Writes the intermediate form as a generateContent body; the model and whether to stream stand in
// the path. What the protocol cannot say is named in `dropped` when it is a hint, and refused by name
// when the answer would depend on it.

import type { JsonObject } from '../../base/json.ts';
import type {
  ChatRequest,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../chat/request.ts';
import { present, untranslatable } from '../fields.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { encodeContents, encodeSystem } from './encode-contents.ts';
import { writeThinking } from './thinking.ts';
import { writeMode } from './tool-choice.ts';

/** The API's own bounds. */
export const MAX_STOPS = 5;
const MAX_CHOICES = 8;
const LABEL_NAME = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_TEXT = /^[a-z0-9_-]{0,63}$/;

const TIERS: ReadonlySet<string> = new Set(['flex', 'priority']);

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  const dropped = new Set(request.dropped);
  refuseMeaningful(request);
  noteHints(request, dropped);
  const { tools, toolChoice } = request;
  const config = {
    ...writeSampling(request),
    ...writeFormat(request.responseFormat),
    ...present({ thinkingConfig: writeThinking(request.reasoning, quirks, dropped) }),
  };
  const body: JsonObject = {
    contents: encodeContents(request.messages, quirks, dropped),
    ...present({ systemInstruction: encodeSystem(request.messages) }),
    ...(tools.length > 0 && {
      tools: [{ functionDeclarations: tools.map((tool) => writeTool(tool, dropped)) }],
      ...(toolChoice && { toolConfig: { functionCallingConfig: writeToolChoice(toolChoice) } }),
    }),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
    ...present({
      labels: writeLabels(request.metadata, dropped),
      serviceTier: writeTier(request.serviceTier, dropped),
    }),
  };
  return { body, dropped: [...dropped] };
}

function refuseMeaningful({ maxOutputTokens, stop, choices, logitBias }: ChatRequest): void {
  // Zero only warms a cache, and only Anthropic's protocol has that.
  if (maxOutputTokens === 0) throw untranslatable('max_tokens');
  if (stop !== undefined && stop.length > MAX_STOPS) throw untranslatable('stop');
  if (choices !== undefined && choices > MAX_CHOICES) throw untranslatable('n');
  if (logitBias !== undefined) throw untranslatable('logit_bias');
}

function noteHints(request: ChatRequest, dropped: Set<string>): void {
  if (request.parallelToolCalls === false) dropped.add('parallel_tool_calls');
  if (request.verbosity !== undefined) dropped.add('verbosity');
  if (request.endUser !== undefined) dropped.add('user');
  if (request.promptCacheKey !== undefined) dropped.add('prompt_cache_key');
}

function writeSampling(request: ChatRequest): JsonObject {
  const { stop, topLogprobs } = request;
  return present({
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    seed: request.seed,
    frequencyPenalty: request.frequencyPenalty,
    presencePenalty: request.presencePenalty,
    candidateCount: request.choices,
    stopSequences: stop && [...stop],
    responseLogprobs: topLogprobs === undefined ? undefined : true,
    logprobs: topLogprobs || undefined,
  });
}

function writeFormat(format: ResponseFormat | undefined): JsonObject {
  if (format === undefined || format.type === 'text') return {};
  const schema = format.type === 'json_schema' ? format.schema : undefined;
  return { responseMimeType: 'application/json', ...present({ responseJsonSchema: schema }) };
}

function writeTool(tool: ToolDefinition, dropped: Set<string>): JsonObject {
  if (tool.type === 'custom') throw untranslatable('tools.type');
  const { name, description, parameters, strict, cache } = tool;
  if (cache) dropped.add('cache_control');
  if (strict === true) dropped.add('tools.strict');
  return { name, ...present({ description }), parametersJsonSchema: parameters };
}

function writeToolChoice(choice: ToolChoice): JsonObject {
  const { mode, names } = writeMode(choice);
  return { mode, ...present({ allowedFunctionNames: names }) };
}

/** Labels are of few characters; what does not fit would have the whole request refused. */
export function writeLabels(
  metadata: ChatRequest['metadata'],
  dropped: Set<string>,
): JsonObject | undefined {
  if (metadata === undefined) return undefined;
  const entries = Object.entries(metadata);
  const fits = entries.every(([name, text]) => LABEL_NAME.test(name) && LABEL_TEXT.test(text));
  if (!fits) dropped.add('metadata');
  return fits && entries.length > 0 ? { ...metadata } : undefined;
}

export function writeTier(tier: string | undefined, dropped: Set<string>): string | undefined {
  if (tier === undefined || TIERS.has(tier)) return tier;
  if (tier !== 'auto' && tier !== 'default') dropped.add('service_tier');
  return undefined;
}
