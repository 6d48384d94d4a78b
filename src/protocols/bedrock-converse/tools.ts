// The tools of a request to Converse and the choice among them, which is of a tool, any or the
// model's own. The other choices are made by leaving tools out.

import type { JsonObject } from '../../base/json.ts';
import type { ChatRequest, ToolChoice, ToolDefinition } from '../../chat/request.ts';
import { isClaudes } from '../claude.ts';
import { invalid, present, untranslatable } from '../fields.ts';
import { hasToolBlocks, type Writing } from './encode-messages.ts';

/** The `toolConfig` member; undefined for a request without tools. */
export function writeToolConfig(request: ChatRequest, writing: Writing): JsonObject | undefined {
  const { tools, toolChoice, messages } = request;
  const isHistory = hasToolBlocks(messages);
  if (tools.length === 0) {
    // Bedrock refuses calls and results without the tools that they are of.
    if (isHistory) throw untranslatable('messages.tool_calls');
    return undefined;
  }
  if (toolChoice?.type === 'none') {
    if (!isHistory) return undefined;
    writing.dropped.add('tool_choice');
  }
  return {
    tools: allowedTools(tools, toolChoice).flatMap((tool) => writeTool(tool, writing)),
    ...present({ toolChoice: writeChoice(toolChoice) }),
  };
}

/** For a model of Claude's, which takes the choice in its own words where Converse has none. */
export function writeSingleCall(request: ChatRequest, writing: Writing): JsonObject | undefined {
  const { parallelToolCalls, toolChoice, tools } = request;
  if (parallelToolCalls !== false || tools.length === 0 || toolChoice?.type === 'none') {
    return undefined;
  }
  const isFree = toolChoice === undefined || writeChoice(toolChoice)?.['auto'] !== undefined;
  if (isFree && isClaudes(writing.quirks)) {
    return { type: 'auto', disable_parallel_tool_use: true };
  }
  // Beside a forced choice of Converse it would be a second one.
  writing.dropped.add('parallel_tool_calls');
  return undefined;
}

function allowedTools(
  tools: readonly ToolDefinition[],
  choice: ToolChoice | undefined,
): readonly ToolDefinition[] {
  if (choice?.type !== 'allowed') return tools;
  const allowed = tools.filter(({ name }) => choice.names.includes(name));
  if (allowed.length === 0) throw untranslatable('tool_choice');
  return allowed;
}

function writeTool(tool: ToolDefinition, writing: Writing): JsonObject[] {
  if (tool.type === 'custom') throw untranslatable('tools.type');
  const { name, description, parameters, strict, cache } = tool;
  const { type = 'object' } = parameters;
  if (type !== 'object') {
    throw invalid('tools.parameters.type', 'The parameters of a tool must be an object schema.');
  }
  const toolSpec = {
    name,
    // An empty one is refused.
    ...present({ description: description || undefined, strict }),
    inputSchema: { json: { ...parameters, type } },
  };
  return [{ toolSpec }, ...writing.cachePoints.after(cache)];
}

function writeChoice(choice: ToolChoice | undefined): JsonObject | undefined {
  if (choice === undefined || choice.type === 'none') return undefined;
  if (choice.type === 'tool') return { tool: { name: choice.name } };
  const mode = choice.type === 'allowed' ? choice.mode : choice.type;
  return mode === 'required' ? { any: {} } : { auto: {} };
}
