// Writes the intermediate form as a body of Ollama's chat. `stream` always stands in it, because it
// streams unless told otherwise. How long a model stays loaded is the operator's matter, not ours.

import type { JsonObject } from '../../base/json.ts';
import type {
  ChatRequest,
  FunctionTool,
  Reasoning,
  ReasoningEffort,
  ResponseFormat,
} from '../../chat/request.ts';
import { present, untranslatable } from '../fields.ts';
import { noteHints } from '../hints.ts';
import type { EncodedRequest } from '../protocol.ts';
import { narrowTools } from '../tool-choice.ts';
import { encodeMessages } from './encode-messages.ts';

/** The three levels that there are, for all that are asked for. */
const LEVELS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, string>> = Object.freeze({
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
});

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeRequest(request: ChatRequest): EncodedRequest {
  refuseMeaningful(request);
  const dropped = new Set(request.dropped);
  noteHints(request, ['topK', 'seed', 'frequencyPenalty', 'presencePenalty'], dropped);
  const tools = chooseTools(request);
  const { topLogprobs } = request;
  const body: JsonObject = {
    model: request.model,
    messages: encodeMessages(request.messages, dropped),
    stream: request.stream,
    ...(tools.length > 0 && { tools: tools.map((tool) => writeTool(tool, dropped)) }),
    ...(topLogprobs !== undefined && { logprobs: true, top_logprobs: topLogprobs }),
    ...present({
      format: writeFormat(request.responseFormat),
      think: request.reasoning && writeThink(request.reasoning, dropped),
    }),
    options: present({
      num_predict: request.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      top_k: request.topK,
      seed: request.seed,
      stop: request.stop && [...request.stop],
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
    }),
  };
  return { body, dropped: [...dropped] };
}

function refuseMeaningful({ maxOutputTokens, choices = 1, logitBias }: ChatRequest): void {
  // Zero only warms a cache, and only Anthropic's protocol has that.
  if (maxOutputTokens === 0) throw untranslatable('max_tokens');
  if (choices > 1) throw untranslatable('n');
  if (logitBias !== undefined) throw untranslatable('logit_bias');
}

/** Tools may be left out, but nothing makes a model call one. */
function chooseTools(request: ChatRequest): readonly FunctionTool[] {
  const { tools, mode } = narrowTools(request);
  if (mode === 'required') throw untranslatable('tool_choice');
  return mode === 'none' ? [] : tools;
}

function writeTool(tool: FunctionTool, dropped: Set<string>): JsonObject {
  const { name, description, parameters, strict } = tool;
  if (strict === true) dropped.add('tools.strict');
  return { type: 'function', function: { name, parameters, ...present({ description }) } };
}

function writeFormat(format: ResponseFormat | undefined): JsonObject | 'json' | undefined {
  if (format === undefined || format.type === 'text') return undefined;
  return format.type === 'json_object' ? 'json' : format.schema;
}

function writeThink({ effort, budgetTokens }: Reasoning, dropped: Set<string>): boolean | string {
  if (effort === 'none') return false;
  if (budgetTokens !== undefined) dropped.add('thinking.budget_tokens');
  return effort === undefined ? true : LEVELS[effort];
}
