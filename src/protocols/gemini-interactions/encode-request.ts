// Writes the intermediate form as the body of an interaction. Nothing is kept at the provider, so the
// conversation goes whole and thoughts go back in it. What the protocol cannot say is named in `dropped`
// when it is a hint, and refused by name when the answer would depend on it.

import type { JsonObject } from '../../base/json.ts';
import type {
  ChatRequest,
  Reasoning,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../chat/request.ts';
import { present, untranslatable } from '../fields.ts';
import { MAX_STOPS, writeLabels, writeTier } from '../gemini/encode-request.ts';
import { levelFor } from '../gemini/thinking.ts';
import { writeMode } from '../gemini/tool-choice.ts';
import { noteHints } from '../hints.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { encodeInput, encodeSystem } from './encode-input.ts';

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  const dropped = new Set(request.dropped);
  refuseMeaningful(request);
  noteHints(request, ['seed', 'metadata', 'serviceTier'], dropped);
  const { tools, toolChoice, messages, stop } = request;
  const config = present({
    max_output_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    stop_sequences: stop && [...stop],
    tool_choice: tools.length > 0 && toolChoice ? writeToolChoice(toolChoice) : undefined,
    ...writeThinking(request.reasoning, quirks, dropped),
  });
  const body: JsonObject = {
    model: request.model,
    input: encodeInput(messages, dropped),
    store: false,
    ...(request.stream && { stream: true }),
    ...(tools.length > 0 && { tools: tools.map((tool) => writeTool(tool, dropped)) }),
    ...(Object.keys(config).length > 0 && { generation_config: config }),
    ...present({
      system_instruction: encodeSystem(messages),
      response_format: writeFormat(request.responseFormat),
      labels: writeLabels(request.metadata, dropped),
      service_tier: writeTier(request.serviceTier, dropped),
    }),
  };
  return { body, dropped: [...dropped] };
}

function refuseMeaningful(request: ChatRequest): void {
  // Zero only warms a cache, and only Anthropic's protocol has that.
  if (request.maxOutputTokens === 0) throw untranslatable('max_tokens');
  if ((request.stop?.length ?? 0) > MAX_STOPS) throw untranslatable('stop');
  if ((request.choices ?? 1) > 1) throw untranslatable('n');
  if (request.topLogprobs !== undefined) throw untranslatable('logprobs');
  if (request.logitBias !== undefined) throw untranslatable('logit_bias');
}

function writeTool(tool: ToolDefinition, dropped: Set<string>): JsonObject {
  if (tool.type === 'custom') throw untranslatable('tools.type');
  const { name, description, parameters, strict } = tool;
  if (strict === true) dropped.add('tools.strict');
  return { type: 'function', name, ...present({ description }), parameters };
}

function writeToolChoice(choice: ToolChoice): string | JsonObject {
  const { mode, names } = writeMode(choice);
  const word = mode.toLowerCase();
  return names === undefined ? word : { allowed_tools: { mode: word, tools: names } };
}

/** Whoever asks for thinking also gets to see it. */
function writeThinking(
  reasoning: Reasoning | undefined,
  quirks: Quirks,
  dropped: Set<string>,
): JsonObject {
  if (reasoning === undefined) return {};
  const isShown = reasoning.effort !== 'none';
  return present({
    thinking_level: levelFor(reasoning, quirks, dropped),
    thinking_summaries: isShown ? 'auto' : undefined,
  });
}

function writeFormat(format: ResponseFormat | undefined): JsonObject | undefined {
  if (format === undefined || format.type === 'text') return undefined;
  const schema = format.type === 'json_schema' ? format.schema : undefined;
  return { type: 'text', mime_type: 'application/json', ...present({ schema }) };
}
