// A model as Codex wants it listed: its own form, of which only the fields are here that it cannot do
// without. It takes instructions from the list too, and sends them with every request.

import type { JsonObject } from '../base/json.ts';
import type { Model } from '../catalog/model.ts';
import { PROTOCOLS } from '../protocols/list.ts';

const INSTRUCTIONS = [
  "You are a coding agent that works in a user's repository through the tools you are given.",
  'Read what is there before you change it, keep to its conventions, and change no more than the',
  'task asks for. Check your work by running it where you can. When you are done, say in a few',
  'plain sentences what you changed and what you could not verify.',
].join(' ');

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  minimal: 'Hardly any reasoning',
  low: 'Short reasoning',
  medium: 'Usual reasoning',
  high: 'Long reasoning',
  xhigh: 'Very long reasoning',
};
/** Of models that are told to think otherwise than by an effort, which the hub translates. */
const USUAL_EFFORTS = ['low', 'medium', 'high'];

/** What a tool may put into the conversation at once. */
const TOOL_OUTPUT_TOKENS = 10_000;

/** Undefined for what is no model of conversations. */
export function codexShape(model: Model, priority: number): JsonObject | undefined {
  if (model.protocols?.every((id) => PROTOCOLS[id].kind !== 'chat')) return undefined;
  const { reasoning, parallelTools } = model.capabilities;
  const reasons = reasoning.style !== 'none';
  const efforts = reasoning.efforts.length > 0 ? reasoning.efforts : USUAL_EFFORTS;
  const levels = efforts.flatMap((effort) => {
    const description = DESCRIPTIONS[effort];
    return description === undefined ? [] : [{ effort, description }];
  });
  return {
    slug: model.id,
    display_name: model.name,
    description: null,
    base_instructions: INSTRUCTIONS,
    context_window: model.contextWindow,
    supported_reasoning_levels: reasons ? levels : [],
    supports_reasoning_summaries: reasons,
    support_verbosity: false,
    shell_type: 'unified_exec',
    supports_parallel_tool_calls: parallelTools,
    experimental_supported_tools: [],
    truncation_policy: { mode: 'tokens', limit: TOOL_OUTPUT_TOKENS },
    visibility: 'list',
    supported_in_api: true,
    priority,
    upgrade: null,
  };
}
