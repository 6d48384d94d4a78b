// Anthropic's Messages.

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
  stop_sequence: 'stop_sequence',
  max_tokens: 'length',
  model_context_window_exceeded: 'context_full',
  tool_use: 'calls',
  pause_turn: 'paused',
  refusal: 'refusal',
};

export function readMessages(parts: readonly Loose[], isStream: boolean): Draft {
  const draft = openDraft();
  let usage: Loose = {};
  for (const part of parts) {
    const message = isStream ? part['message'] : part;
    for (const [i, block] of listOf(message?.['content']).entries()) readBlock(draft, i, block);
    const { index } = part;
    readBlock(draft, index, part['content_block']);
    const json = textOf(part['delta']?.['partial_json']);
    if (json !== '') callOf(draft, index).json += json;
    else readBlock(draft, index, part['delta']);
    const said = isStream ? part['delta'] : part;
    draft.finish = textOf(said?.['stop_reason']) || draft.finish;
    usage = merge(merge(usage, message?.['usage']), isStream ? part['usage'] : undefined);
  }
  draft.end = ENDS[draft.finish] ?? 'natural';
  if (isCount(usage['input_tokens'])) readUsage(draft, usage);
  return draft;
}

/** What comes later overwrites, where it is there. */
function merge(before: Loose, after: Loose | undefined): Loose {
  const told = Object.entries(after ?? {}).filter(([, value]) => value !== null);
  return { ...before, ...Object.fromEntries(told) };
}

function readBlock(draft: Draft, index: unknown, block: Loose | undefined): void {
  draft.text += textOf(block?.['text']);
  draft.thinking += textOf(block?.['thinking']);
  addSeal(draft, block?.['signature'] ?? block?.['data']);
  if (block?.['type'] === undefined || textOf(block['type']) !== 'tool_use') return;
  const call = callOf(draft, index);
  call.id = textOf(block['id']);
  call.name = textOf(block['name']);
  const input = JSON.stringify(block['input'] ?? {});
  if (input !== '{}') call.json = input;
}

function readUsage(draft: Draft, usage: Loose): void {
  const written = countOf(usage['cache_creation_input_tokens']);
  const hours = countOf(usage['cache_creation']?.['ephemeral_1h_input_tokens']);
  const thinking = countOf(usage['output_tokens_details']?.['thinking_tokens']);
  draft.tokens = {
    inUncached: countOf(usage['input_tokens']),
    inCacheRead: countOf(usage['cache_read_input_tokens']),
    inCacheWrite5m: written - hours,
    inCacheWrite1h: hours,
    outText: countOf(usage['output_tokens']) - thinking,
    outReasoning: thinking,
  };
  const hosted = Object.values(usage['server_tool_use'] ?? {});
  draft.unpriced = hosted.some((count) => countOf(count) > 0);
}
