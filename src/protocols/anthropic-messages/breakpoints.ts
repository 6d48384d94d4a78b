// Anthropic takes at most four cache breakpoints in one request and refuses a fifth, so those
// beyond it are taken off and named. The order is that of the prompt: tools, system, messages.

import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { MessagesDropped } from './drops.ts';

const MAX_BREAKPOINTS = 4;

/** The body with its first four breakpoints; the same object where there are no more. */
export function limitBreakpoints(body: JsonObject, dropped: MessagesDropped): JsonObject {
  let seen = 0;

  function limit(value: JsonValue): JsonValue {
    if (!isObject(value)) return value;
    const content = value['content'];
    const inner = Array.isArray(content) ? { ...value, content: content.map(limit) } : value;
    if (inner['cache_control'] === undefined) return inner;
    seen += 1;
    if (seen <= MAX_BREAKPOINTS) return inner;
    dropped.add('cache_control');
    const { cache_control: _beyond, ...rest } = inner;
    return rest;
  }

  const limited = { ...body };
  for (const key of ['tools', 'system', 'messages']) {
    const list = body[key];
    if (Array.isArray(list)) limited[key] = list.map(limit);
  }
  return limited;
}
