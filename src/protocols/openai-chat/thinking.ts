// How a Chat Completions provider is told to think: by an effort, or not to by a switch of its own.

import type { JsonObject } from '../../base/json.ts';
import type { ChatRequest, ToolChoice } from '../../chat/request.ts';
import { effortOf, sayEffort } from '../efforts.ts';
import { present } from '../fields.ts';
import type { Quirks } from '../protocol.ts';
import { type ChatDropped, refuse } from './drops.ts';

/** Throws `unsupported_parameter` for a forced choice of tool where that would stop the thinking. */
export function writeThinking(
  { reasoning, toolChoice }: ChatRequest,
  quirks: Quirks,
  dropped: ChatDropped,
): JsonObject {
  // Thoughts are shown as the provider does by itself, which OpenAI does not.
  const { summary = 'auto' } = reasoning ?? {};
  if (summary !== 'auto' || (reasoning?.summary && quirks.takesHints))
    dropped.add('reasoning.summary');
  const isOff = reasoning !== undefined && effortOf(reasoning) === 'none';
  const isForced = quirks.forcedChoiceStopsThinking === true && forcesCall(toolChoice);
  // Who asked for both must not get an answer without the one or the other.
  if (isForced && reasoning !== undefined && !isOff) throw refuse('tool_choice');
  if (isForced || (isOff && quirks.thinkingSwitch)) return { thinking: { type: 'disabled' } };
  return present({ reasoning_effort: sayEffort(reasoning, quirks, dropped) });
}

function forcesCall(choice: ToolChoice | undefined): boolean {
  if (choice?.type === 'allowed') return choice.mode === 'required';
  return choice?.type === 'required' || choice?.type === 'tool';
}
