// Google's Interactions: an answer in steps, which a stream brings in pieces. In the API's preview the
// steps were outputs, and their contents stood in their place.

import {
  type Draft,
  type End,
  type Loose,
  addSeal,
  callOf,
  countOf,
  isCount,
  listOf,
  openDraft,
  textOf,
} from './draft.ts';

const ENDS: Readonly<Record<string, End>> = {
  requires_action: 'calls',
  requires_continuation: 'paused',
  incomplete: 'length',
  budget_exceeded: 'length',
};

export function readInteractions(parts: readonly Loose[], isStream: boolean): Draft {
  const draft = openDraft();
  for (const part of parts) {
    const type = textOf(part['event_type']);
    const step = part['step'] ?? part['content'];
    if (/^(?:step|content)\.start$/.test(type) && step) readStep(draft, part['index'], step);
    if (part['delta']) readPiece(draft, part['index'], part['delta']);
    draft.failed ||= type === 'error';
    const last = isStream ? part['interaction'] : part;
    const status = textOf(last?.['status']);
    if (!last || status === 'in_progress') continue;
    const steps = listOf(last['steps'] ?? last['outputs']);
    for (const [i, each] of steps.entries()) readStep(draft, i, each);
    draft.finish = status;
    draft.failed ||= status === 'failed' || status === 'cancelled';
    draft.end = listOf(last['errors']).length > 0 ? 'filter' : (ENDS[status] ?? 'natural');
    readUsage(draft, last['usage']);
  }
  return draft;
}

function readStep(draft: Draft, key: unknown, step: Loose): void {
  for (const part of [step, ...listOf(step['content'])]) draft.text += textOf(part['text']);
  for (const part of listOf(step['summary'])) draft.thinking += textOf(part['text']);
  if (textOf(step['type']) === 'thought') addSeal(draft, step['signature']);
  if (textOf(step['type']) === 'function_call') readCall(draft, key, step);
}

function readPiece(draft: Draft, key: unknown, delta: Loose): void {
  switch (textOf(delta['type'])) {
    case 'text':
      draft.text += textOf(delta['text']);
      return;
    case 'thought_summary':
      draft.thinking += textOf(delta['content']?.['text']);
      return;
    case 'thought_signature':
      addSeal(draft, delta['signature']);
      return;
    case 'arguments_delta': {
      const call = callOf(draft, key);
      // The empty object that a call begins with is no piece of its arguments.
      call.json = (call.json === '{}' ? '' : call.json) + textOf(delta['arguments']);
      return;
    }
    case 'function_call':
      readCall(draft, key, delta);
  }
}

function readCall(draft: Draft, key: unknown, step: Loose): void {
  const call = callOf(draft, key);
  call.id = textOf(step['id']) || call.id;
  call.name = textOf(step['name']) || call.name;
  if (step['arguments']) call.json = JSON.stringify(step['arguments']);
}

function readUsage(draft: Draft, usage: Loose | undefined): void {
  if (!isCount(usage?.['total_input_tokens'])) return;
  const read = countOf(usage?.['total_cached_tokens']);
  const tool = countOf(usage?.['total_tool_use_tokens']);
  draft.tokens = {
    inUncached: countOf(usage?.['total_input_tokens']) - read + tool,
    inCacheRead: read,
    outText: countOf(usage?.['total_output_tokens']),
    outReasoning: countOf(usage?.['total_thought_tokens']),
  };
  const hosted = listOf(usage?.['grounding_tool_count']);
  draft.unpriced = hosted.some(({ count }) => countOf(count) > 0);
}
