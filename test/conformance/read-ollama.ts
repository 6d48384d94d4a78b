// Ollama's own chat: lines of one shape, of which the last is `done` and has the counts.

import {
  type Draft,
  type Loose,
  callOf,
  countOf,
  isCount,
  listOf,
  openDraft,
  textOf,
} from './draft.ts';

export function readOllama(lines: readonly Loose[]): Draft {
  const draft = openDraft();
  for (const line of lines) {
    const { message } = line;
    draft.text += textOf(message?.['content']);
    draft.thinking += textOf(message?.['thinking']);
    for (const { id, function: called } of listOf(message?.['tool_calls'])) {
      const call = callOf(draft, draft.calls.size);
      call.id = textOf(id);
      call.name = textOf(called?.['name']);
      call.json = JSON.stringify(called?.['arguments'] ?? {});
    }
    draft.finish = textOf(line['done_reason']) || draft.finish;
    const cached = countOf(line['prompt_eval_cached_count']);
    if (!isCount(line['eval_count'])) continue;
    draft.tokens = {
      inUncached: countOf(line['prompt_eval_count']) - cached,
      inCacheRead: cached,
      outText: countOf(line['eval_count']),
    };
  }
  draft.end = draft.finish === 'length' ? 'length' : 'natural';
  return draft;
}
