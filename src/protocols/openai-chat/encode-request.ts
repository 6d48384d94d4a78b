// Writes the intermediate form as a Chat Completions body. What the protocol cannot say is named in
// `dropped` when it is a hint, and refused by name when the answer would depend on it.

import type { JsonObject } from '../../base/json.ts';
import type {
  ChatRequest,
  Reasoning,
  ReasoningEffort,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../chat/request.ts';
import { present, untranslatable } from '../fields.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { encodeMessages } from './encode-messages.ts';

/** Upper bounds of the thinking budgets that an effort stands for. */
const EFFORT_BUDGETS: readonly (readonly [number, ReasoningEffort])[] = Object.freeze([
  [1024, 'minimal'],
  [4096, 'low'],
  [12_000, 'medium'],
  [24_576, 'high'],
]);

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  const dropped = new Set(request.dropped);
  // Zero only warms a cache, and only Anthropic's protocol has that.
  if (request.maxOutputTokens === 0) throw untranslatable('max_tokens');
  if (request.topK !== undefined) dropped.add('top_k');
  const { stream } = request;
  const hasTools = request.tools.length > 0;
  const cap =
    request.maxOutputTokens === undefined
      ? {}
      : { [quirks.outputCapField]: request.maxOutputTokens };
  const body: JsonObject = {
    model: request.model,
    messages: encodeMessages(request.messages, quirks, dropped),
    ...(stream && { stream: true }),
    ...(stream && quirks.streamUsageOption && { stream_options: { include_usage: true } }),
    ...cap,
    ...(hasTools && {
      tools: request.tools.map((tool) => writeTool(tool, dropped)),
      ...present({
        tool_choice: request.toolChoice && writeToolChoice(request.toolChoice),
        parallel_tool_calls: request.parallelToolCalls,
      }),
    }),
    ...present({
      temperature: request.temperature,
      top_p: request.topP,
      stop: request.stop && [...request.stop],
      seed: request.seed,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
      response_format: request.responseFormat && writeResponseFormat(request.responseFormat),
      reasoning_effort: request.reasoning && effortOf(request.reasoning),
    }),
  };
  return { body, dropped: [...dropped] };
}

function writeTool(tool: ToolDefinition, dropped: Set<string>): JsonObject {
  if (tool.type === 'custom') throw untranslatable('tools.type');
  if (tool.cache) dropped.add('tools.cache_control');
  const { name, description, parameters, strict } = tool;
  return {
    type: 'function',
    function: { name, parameters, ...present({ description, strict }) },
  };
}

function writeToolChoice(choice: ToolChoice): string | JsonObject {
  if (choice.type === 'allowed') throw untranslatable('tool_choice.type');
  return choice.type === 'tool'
    ? { type: 'function', function: { name: choice.name } }
    : choice.type;
}

function writeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json_schema') return { type: format.type };
  const { name = 'response', schema, strict } = format;
  return { type: 'json_schema', json_schema: { name, schema, ...present({ strict }) } };
}

function effortOf(reasoning: Reasoning): ReasoningEffort | undefined {
  const { effort, budgetTokens } = reasoning;
  if (effort !== undefined || budgetTokens === undefined) return effort;
  return EFFORT_BUDGETS.find(([most]) => budgetTokens <= most)?.[1] ?? 'xhigh';
}
