// Writes tools and the choice among them for a Chat Completions provider. A choice names a tool
// together with its kind, which the form tells by the tool's definition.

import type { JsonObject } from '../../base/json.ts';
import type { ChatRequest, ToolChoice, ToolDefinition } from '../../chat/request.ts';
import { present } from '../fields.ts';
import type { ChatDropped } from './drops.ts';

/** The fields about tools; none where the request has no tools. */
export function encodeTools(request: ChatRequest, dropped: ChatDropped): JsonObject {
  const { tools, toolChoice, parallelToolCalls } = request;
  if (tools.length === 0) return {};
  return {
    tools: tools.map((tool) => writeTool(tool, dropped)),
    ...present({
      tool_choice: toolChoice && writeToolChoice(toolChoice, tools),
      parallel_tool_calls: parallelToolCalls,
    }),
  };
}

function writeTool(tool: ToolDefinition, dropped: ChatDropped): JsonObject {
  const { name, description } = tool;
  if (tool.type === 'custom') {
    const format = tool.format && writeCustomFormat(tool.format);
    return { type: 'custom', custom: { name, ...present({ description, format }) } };
  }
  if (tool.cache) dropped.add('tools.cache_control');
  const { parameters, strict } = tool;
  return {
    type: 'function',
    function: { name, parameters, ...present({ description, strict }) },
  };
}

function writeCustomFormat({ type = null, ...grammar }: JsonObject): JsonObject {
  return type === 'grammar' ? { type, grammar } : { type };
}

function writeToolChoice(
  choice: ToolChoice,
  tools: readonly ToolDefinition[],
): string | JsonObject {
  if (choice.type === 'tool') return writeReference(choice.name, tools);
  if (choice.type !== 'allowed') return choice.type;
  const { mode, names } = choice;
  const allowed = names.map((name) => writeReference(name, tools));
  return { type: 'allowed_tools', allowed_tools: { mode, tools: allowed } };
}

function writeReference(name: string, tools: readonly ToolDefinition[]): JsonObject {
  const type = tools.find((tool) => tool.name === name)?.type ?? 'function';
  return { type, [type]: { name } };
}
