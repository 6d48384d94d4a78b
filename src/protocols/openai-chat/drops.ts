// What other protocols say and Chat Completions cannot: hints that are dropped by name, and fields on
// which the answer depends, which are refused. The published lists; the encoder can name no others.

import { untranslatable } from '../fields.ts';

export const CHAT_DROPS = Object.freeze([
  'cache_control',
  'cache_control.ttl',
  'frequency_penalty',
  'messages.citations',
  'messages.thinking',
  'messages.tool_result.cache_control',
  'messages.tool_use.cache_control',
  'metadata',
  'presence_penalty',
  'prompt_cache_key',
  'reasoning_effort',
  'reasoning.summary',
  'service_tier',
  'tools.cache_control',
  'top_k',
  'user',
  'verbosity',
] as const);

export const CHAT_REFUSALS = Object.freeze([
  'max_tokens',
  'messages.content.audio.format',
  'messages.content.source.url',
  'tool_choice',
] as const);

/** Where an encoder notes what it leaves out. */
export interface ChatDropped {
  add(name: (typeof CHAT_DROPS)[number]): unknown;
}

export function refuse(param: (typeof CHAT_REFUSALS)[number]): Error {
  return untranslatable(param);
}
