// Amazon Bedrock's Converse: a stream's events have the shape `{type: payload}`, a whole answer's
// blocks that of their beginning and all their pieces in one.

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
  max_tokens: 'length',
  stop_sequence: 'stop_sequence',
  tool_use: 'calls',
  content_filtered: 'filter',
  guardrail_intervened: 'filter',
  model_context_window_exceeded: 'context_full',
};

export function readConverse(parts: readonly Loose[]): Draft {
  const draft = openDraft();
  const signatures = new Map<unknown, string>();
  for (const part of parts) {
    const blocks = listOf(part['output']?.['message']?.['content']);
    for (const [i, block] of blocks.entries()) readBlock(draft, signatures, i, block);
    const event = part['contentBlockStart'] ?? part['contentBlockDelta'];
    const piece = event?.['start'] ?? event?.['delta'];
    readBlock(draft, signatures, event?.['contentBlockIndex'], piece);
    draft.finish = textOf((part['messageStop'] ?? part)['stopReason']) || draft.finish;
    readUsage(draft, part['usage'] ?? part['metadata']?.['usage']);
  }
  draft.seals.push(...signatures.values());
  draft.failed = draft.finish.startsWith('malformed');
  draft.end = ENDS[draft.finish] ?? 'natural';
  return draft;
}

function readBlock(
  draft: Draft,
  signatures: Map<unknown, string>,
  index: unknown,
  block: Loose | undefined,
): void {
  draft.text += textOf(block?.['text']);
  const reasoning = block?.['reasoningContent'];
  const shown = reasoning?.['reasoningText'] ?? reasoning;
  draft.thinking += textOf(shown?.['text']);
  const signed = textOf(shown?.['signature']);
  if (signed !== '') signatures.set(index, (signatures.get(index) ?? '') + signed);
  addSeal(draft, reasoning?.['redactedContent']);
  const used = block?.['toolUse'];
  if (!used) return;
  const call = callOf(draft, index);
  call.id ||= textOf(used['toolUseId']);
  call.name ||= textOf(used['name']);
  const { input } = used;
  call.json += typeof input === 'object' ? JSON.stringify(input) : textOf(input);
}

function readUsage(draft: Draft, usage: Loose | undefined): void {
  if (!usage || !isCount(usage['inputTokens'])) return;
  const written = countOf(usage['cacheWriteInputTokens']);
  const hours = listOf(usage['cacheDetails'])
    .filter(({ ttl }) => textOf(ttl) === '1h')
    .reduce((sum, detail) => sum + countOf(detail['inputTokens']), 0);
  draft.tokens = {
    inUncached: countOf(usage['inputTokens']),
    inCacheRead: countOf(usage['cacheReadInputTokens']),
    inCacheWrite5m: written - hours,
    inCacheWrite1h: hours,
    outText: countOf(usage['outputTokens']),
  };
  const hosted = Object.values(usage['serverToolUsage'] ?? {});
  draft.unpriced = hosted.some((count) => countOf(count) > 0);
}
