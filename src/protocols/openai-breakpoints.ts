// Explicit prompt-cache breakpoints on the parts of OpenAI's protocols, both ways.

import { isObject, type JsonObject } from '../base/json.ts';
import type { CacheMark } from '../chat/request.ts';
import type { Quirks } from './protocol.ts';

/** OpenAI's bound, and Anthropic's too. */
const MAX_BREAKPOINTS = 4;

/** An explicit breakpoint; of its lifetimes the longer one is nearest to an hour. */
export function readCacheMark(part: JsonObject): CacheMark | undefined {
  const mark = part['prompt_cache_breakpoint'];
  if (!isObject(mark)) return undefined;
  return { ttl: mark['ttl'] === '12h' ? '1h' : '5m' };
}

export type MarkWriter = (cache: CacheMark | undefined) => JsonObject;

/**
 * Writes at most four breakpoints, the client's first ones, and none to a server that may not know
 * them; lifetimes have no counterpart.
 */
export function markBreakpoints(
  { takesHints }: Quirks,
  dropped: { add(name: 'cache_control' | 'cache_control.ttl'): unknown },
): MarkWriter {
  const most = takesHints ? MAX_BREAKPOINTS : 0;
  let written = 0;
  return (cache) => {
    if (cache === undefined) return {};
    if (cache.ttl === '1h') dropped.add('cache_control.ttl');
    if (written === most) {
      dropped.add('cache_control');
      return {};
    }
    written += 1;
    return { prompt_cache_breakpoint: { mode: 'explicit' } };
  };
}
