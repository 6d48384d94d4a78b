// Google's Gemini: every chunk is an answer of its own, and all of them together are the whole one.

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
  MAX_TOKENS: 'length',
  CONTINUATION: 'paused',
  SAFETY: 'filter',
  RECITATION: 'filter',
  LANGUAGE: 'filter',
  BLOCKLIST: 'filter',
  PROHIBITED_CONTENT: 'filter',
  SPII: 'filter',
};

export function readGemini(chunks: readonly Loose[]): Draft {
  const draft = openDraft();
  const texts: string[] = [];
  for (const chunk of chunks) {
    for (const candidate of listOf(chunk['candidates'])) {
      const number = countOf(candidate['index']);
      for (const part of listOf(candidate['content']?.['parts'])) {
        addSeal(draft, part['thoughtSignature']);
        const text = textOf(part['text']);
        if (part['thought'] && text !== '') draft.thinking += text;
        else texts[number] = (texts[number] ?? '') + text;
        if (part['functionCall']) readCall(draft, part['functionCall']);
      }
      if (number === 0) draft.finish = textOf(candidate['finishReason']) || draft.finish;
    }
    const blocked = textOf(chunk['promptFeedback']?.['blockReason']);
    if (blocked !== '') draft.finish ||= `the prompt was blocked: ${blocked}`;
    readUsage(draft, chunk['usageMetadata']);
  }
  draft.text = texts.join('');
  const isBlocked = draft.finish.startsWith('the prompt');
  draft.end = ENDS[draft.finish] ?? (isBlocked ? 'filter' : 'natural');
  return draft;
}

function readCall(draft: Draft, called: Loose): void {
  const call = callOf(draft, draft.calls.size);
  call.id = textOf(called['id']);
  call.name = textOf(called['name']);
  call.json = JSON.stringify(called['args'] ?? {});
}

/** Running totals: the last one that tells of the answer too. */
function readUsage(draft: Draft, usage: Loose | undefined): void {
  if (!usage || !isCount(usage['promptTokenCount'])) return;
  const prompt = countOf(usage['promptTokenCount']);
  const read = countOf(usage['cachedContentTokenCount']);
  const tool = countOf(usage['toolUsePromptTokenCount']);
  const thoughts = countOf(usage['thoughtsTokenCount']);
  const told = usage['candidatesTokenCount'];
  const rest = countOf(usage['totalTokenCount']) - prompt - tool - thoughts;
  draft.tokens = {
    inUncached: prompt - read + tool,
    inCacheRead: read,
    outText: isCount(told) ? countOf(told) : Math.max(rest, 0),
    outReasoning: thoughts,
  };
}
