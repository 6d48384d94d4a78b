// Writes tools and the choice among them for a Messages provider. A choice among some of the tools is
// said by giving no others: what may be called is the same.

import type { JsonObject } from '../../base/json.ts';
import type { ChatRequest, ToolChoice, ToolDefinition } from '../../chat/request.ts';
import { invalid, present } from '../fields.ts';
import { refuse } from './drops.ts';

/** The fields about tools; none where the request has no tools. */
export function encodeTools({ tools, toolChoice, parallelToolCalls }: ChatRequest): JsonObject {
  if (tools.length === 0) return {};
  const isAllowed = ({ name }: ToolDefinition): boolean =>
    toolChoice?.type !== 'allowed' || toolChoice.names.includes(name);
  const allowed = tools.filter(isAllowed);
  if (allowed.length === 0) {
    throw invalid('tool_choice', '`tool_choice` allows none of the tools of the request.');
  }
  return {
    tools: allowed.map(writeTool),
    ...present({ tool_choice: writeToolChoice(toolChoice, parallelToolCalls) }),
  };
}

function writeTool(tool: ToolDefinition): JsonObject {
  if (tool.type === 'custom') throw refuse('tools.type');
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
  const mode = choice?.type === 'allowed' ? choice.mode : (choice?.type ?? 'auto');
  const disable = mode === 'none' || parallel === undefined ? undefined : !parallel;
  return {
    type: mode === 'required' ? 'any' : mode,
    ...(choice?.type === 'tool' && { name: choice.name }),
    ...present({ disable_parallel_tool_use: disable }),
  };
}
