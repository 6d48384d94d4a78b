// Cohere's chat, version 2. A plan of tools is thinking; what is invoiced are the billed units, and the
// other counts tell of what Cohere puts around a prompt for nothing.

import {
  type Draft,
  type End,
  type Loose,
  callOf,
  countOf,
  isCount,
  listOf,
  openDraft,
  textOf,
} from './draft.ts';

const ENDS: Readonly<Record<string, End>> = {
  STOP_SEQUENCE: 'stop_sequence',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'calls',
};

export function readCohere(parts: readonly Loose[], isStream: boolean): Draft {
  const draft = openDraft();
  for (const part of parts) {
    const told = (isStream ? part['delta'] : part) ?? {};
    const { message } = told;
    for (const content of oneOrMore(message?.['content'])) {
      draft.thinking += textOf(content['thinking']);
      draft.text += textOf(content['text']);
    }
    draft.thinking += textOf(message?.['tool_plan']);
    for (const [i, called] of oneOrMore(message?.['tool_calls']).entries()) {
      const call = callOf(draft, isStream ? part['index'] : i);
      call.id = textOf(called['id']) || call.id;
      call.name = textOf(called['function']?.['name']) || call.name;
      call.json += textOf(called['function']?.['arguments']);
    }
    draft.finish = textOf(told['finish_reason']) || draft.finish;
    // Only an error has a message in words.
    draft.failed ||= typeof part['message'] === 'string' || Boolean(told['error']);
    readUsage(draft, told['usage']?.['billed_units']);
  }
  draft.failed ||= draft.finish === 'ERROR' || draft.finish === 'TIMEOUT';
  draft.end = ENDS[draft.finish] ?? 'natural';
  return draft;
}

/** Events have one where whole answers have a list. */
function oneOrMore(value: Loose | undefined): Loose[] {
  return Array.isArray(value) || !value ? listOf(value) : [value];
}

function readUsage(draft: Draft, billed: Loose | undefined): void {
  if (!isCount(billed?.['input_tokens']) && !isCount(billed?.['output_tokens'])) return;
  const { input_tokens, output_tokens, search_units: _, ...others } = billed ?? {};
  draft.tokens = { inUncached: countOf(input_tokens), outText: countOf(output_tokens) };
  draft.unpriced = Object.values(others).some((count) => countOf(count) > 0);
}
