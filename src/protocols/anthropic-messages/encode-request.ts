// Writes the intermediate form as a Messages body. What the protocol cannot say is named in
// `dropped` when it is a hint, and refused by name when the answer would depend on it.

import { assert } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ChatRequest, ToolChoice, ToolDefinition } from '../../chat/request.ts';
import { effortOf, limitSampling, writeStop, writeThinking } from '../claude.ts';
import { invalid, present, untranslatable } from '../fields.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { limitBreakpoints } from './breakpoints.ts';
import { encodeMessages, encodeSystem } from './encode-messages.ts';

/** Throws `unsupported_parameter` with the field in `param`. Needs `maxOutputTokens`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  const { maxOutputTokens } = request;
  assert(maxOutputTokens !== undefined, 'a request for Messages has an output cap');
  const dropped = new Set(request.dropped);
  const thinking = writeThinking(request.reasoning, maxOutputTokens, quirks.thinkingStyle, dropped);
  const { temperature, topP, topK } = limitSampling(request, thinking, dropped);
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
    ...present({ temperature, top_p: topP, top_k: topK }),
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
  };
  return { body: limitBreakpoints(body, dropped), dropped: [...dropped] };
}

function noteHints(request: ChatRequest, dropped: Set<string>): void {
  if (request.seed !== undefined) dropped.add('seed');
  if (request.frequencyPenalty !== undefined) dropped.add('frequency_penalty');
  if (request.presencePenalty !== undefined) dropped.add('presence_penalty');
}

function writeFormat({ responseFormat }: ChatRequest): JsonObject | undefined {
  if (responseFormat === undefined || responseFormat.type === 'text') return undefined;
  if (responseFormat.type === 'json_object') throw untranslatable('response_format');
  return { type: 'json_schema', schema: responseFormat.schema };
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
