// Hints of a request by the names that the list of drops gives them, for protocols that can say only
// some of them. A hint is what an answer does not depend on; everything else is refused by name.

import type { ChatRequest } from '../chat/request.ts';

const NAMES = {
  topK: 'top_k',
  seed: 'seed',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  verbosity: 'verbosity',
  endUser: 'user',
  metadata: 'metadata',
  promptCacheKey: 'prompt_cache_key',
  serviceTier: 'service_tier',
} satisfies Partial<Record<keyof ChatRequest, string>>;

type Hint = keyof typeof NAMES;

/** Notes in `dropped` the hints that are set and that a protocol does not say. */
export function noteHints(request: ChatRequest, said: readonly Hint[], dropped: Set<string>): void {
  for (const [hint, name] of Object.entries(NAMES) as [Hint, string][]) {
    if (request[hint] !== undefined && !said.includes(hint)) dropped.add(name);
  }
  // That several calls are allowed is what a protocol without the field does anyway.
  if (request.parallelToolCalls === false) dropped.add('parallel_tool_calls');
  if (hasCacheMarks(request)) dropped.add('cache_control');
}

function hasCacheMarks({ tools, messages }: ChatRequest): boolean {
  return (
    tools.some((tool) => tool.type === 'function' && tool.cache) ||
    messages.some((message) =>
      message.role === 'tool'
        ? message.results.some(({ cache, content }) => cache ?? content.some(isMarked))
        : message.content.some(isMarked),
    )
  );
}

function isMarked(part: object): boolean {
  return 'cache' in part && part.cache !== undefined;
}
