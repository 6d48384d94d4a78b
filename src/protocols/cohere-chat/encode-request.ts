// Writes the intermediate form as a body of Cohere's chat. Bounds of numbers that are narrower than
// elsewhere are kept to, and the drop list says so. Safety mode and citations stay at Cohere's
// defaults, for no client's protocol has a word for them.

import type { JsonObject } from '../../base/json.ts';
import type { ChatRequest, FunctionTool, Reasoning, ResponseFormat } from '../../chat/request.ts';
import { present, untranslatable } from '../fields.ts';
import { noteHints } from '../hints.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { narrowTools } from '../tool-choice.ts';
import { encodeMessages } from './encode-messages.ts';

const MAX_STOPS = 5;

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  refuseMeaningful(request);
  const dropped = new Set(request.dropped);
  noteHints(request, ['topK', 'seed', 'frequencyPenalty', 'presencePenalty'], dropped);
  const { frequencyPenalty, presencePenalty } = request;
  const within = (value: number | undefined, least: number, most: number, name: string) =>
    clamp(value, least, most, name, dropped);
  const body: JsonObject = {
    model: request.model,
    messages: encodeMessages(request.messages, quirks, dropped),
    stream: request.stream,
    ...writeTools(request, dropped),
    ...present({
      max_tokens: request.maxOutputTokens,
      response_format: writeFormat(request.responseFormat),
      thinking: writeThinking(request.reasoning, quirks, dropped),
      stop_sequences: request.stop && [...request.stop],
      temperature: request.temperature,
      p: within(request.topP, 0.01, 0.99, 'top_p'),
      k: within(request.topK, 0, 500, 'top_k'),
      seed: request.seed,
      frequency_penalty: within(frequencyPenalty, 0, 1, 'frequency_penalty'),
      presence_penalty: within(presencePenalty, 0, 1, 'presence_penalty'),
    }),
  };
  return { body, dropped: [...dropped] };
}

function refuseMeaningful(request: ChatRequest): void {
  // Zero only warms a cache, and only Anthropic's protocol has that.
  if (request.maxOutputTokens === 0) throw untranslatable('max_tokens');
  if ((request.choices ?? 1) > 1) throw untranslatable('n');
  if (request.logitBias !== undefined) throw untranslatable('logit_bias');
  // Its log probabilities belong to chunks of text that may hold several tokens.
  if (request.topLogprobs !== undefined) throw untranslatable('logprobs');
  if ((request.stop?.length ?? 0) > MAX_STOPS) throw untranslatable('stop');
}

function clamp(
  value: number | undefined,
  least: number,
  most: number,
  name: string,
  dropped: Set<string>,
): number | undefined {
  if (value === undefined || (value >= least && value <= most)) return value;
  dropped.add(value > most ? `${name}>${most}` : `${name}<${least}`);
  return Math.min(Math.max(value, least), most);
}

function writeTools(request: ChatRequest, dropped: Set<string>): JsonObject {
  const { tools, mode } = narrowTools(request);
  if (tools.length === 0) return {};
  const strict = tools.filter((tool) => tool.strict === true).length;
  const isStrict = strict === tools.length;
  if (strict > 0 && !isStrict) dropped.add('tools.strict');
  return {
    tools: tools.map(writeTool),
    ...(mode !== 'auto' && { tool_choice: mode === 'none' ? 'NONE' : 'REQUIRED' }),
    ...(isStrict && { strict_tools: true }),
  };
}

function writeTool({ name, description, parameters }: FunctionTool): JsonObject {
  return { type: 'function', function: { name, parameters, ...present({ description }) } };
}

function writeFormat(format: ResponseFormat | undefined): JsonObject | undefined {
  if (format === undefined || format.type === 'text') return undefined;
  const schema = format.type === 'json_schema' ? { json_schema: format.schema } : {};
  return { type: 'json_object', ...schema };
}

/** Models that can think do so unless they are told not to; an effort has no counterpart. */
function writeThinking(
  reasoning: Reasoning | undefined,
  { thinkingStyle }: Quirks,
  dropped: Set<string>,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const { effort, budgetTokens } = reasoning;
  if (effort === 'none') return thinkingStyle === 'none' ? undefined : { type: 'disabled' };
  if (thinkingStyle === 'none') {
    dropped.add('reasoning');
    return undefined;
  }
  if (effort !== undefined) dropped.add('reasoning_effort');
  return { type: 'enabled', ...present({ token_budget: budgetTokens }) };
}
