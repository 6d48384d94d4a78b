// Tool choices for protocols that have no words for a choice among the tools: the tools that may
// not be called are left out of the request, which binds the model just as well.

import type { ChatRequest, FunctionTool } from '../chat/request.ts';
import { invalid, untranslatable } from './fields.ts';

export interface NarrowedTools {
  readonly tools: readonly FunctionTool[];
  readonly mode: 'none' | 'auto' | 'required';
}

/** Throws `unsupported_parameter` for a custom tool, `invalid_request` for a choice of no tool. */
export function narrowTools({ tools, toolChoice }: ChatRequest): NarrowedTools {
  const functions = tools.map((tool) => {
    if (tool.type === 'custom') throw untranslatable('tools.type');
    return tool;
  });
  if (functions.length === 0) return { tools: functions, mode: 'auto' };
  switch (toolChoice?.type) {
    case 'tool':
      return { tools: pick(functions, [toolChoice.name]), mode: 'required' };
    case 'allowed':
      return { tools: pick(functions, toolChoice.names), mode: toolChoice.mode };
    default:
      return { tools: functions, mode: toolChoice?.type ?? 'auto' };
  }
}

function pick(tools: readonly FunctionTool[], names: readonly string[]): FunctionTool[] {
  const picked = tools.filter(({ name }) => names.includes(name));
  if (picked.length > 0) return picked;
  throw invalid('tool_choice', '`tool_choice` names no tool of this request.');
}
