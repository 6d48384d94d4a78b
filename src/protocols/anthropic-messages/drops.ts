// What other protocols say and Messages cannot: hints that are dropped by name, and fields on which
// the answer depends, which are refused. The published lists; the encoder can name no others.

import { untranslatable } from '../fields.ts';

export const MESSAGES_DROPS = Object.freeze([
  'cache_control',
  'frequency_penalty',
  'messages.annotations',
  'messages.reasoning',
  'metadata',
  'presence_penalty',
  'prompt_cache_key',
  'reasoning_effort',
  'response_format',
  'seed',
  'service_tier',
  'temperature',
  'temperature>1',
  'top_k',
  'top_p',
  'user',
  'verbosity',
] as const);

export const MESSAGES_REFUSALS = Object.freeze([
  'logit_bias',
  'logprobs',
  'messages.content.type',
  'messages.tool_calls.type',
  'n',
  'stop',
  'tools.type',
] as const);

/** Where an encoder notes what it leaves out. */
export interface MessagesDropped {
  add(name: (typeof MESSAGES_DROPS)[number]): unknown;
}

export function refuse(param: (typeof MESSAGES_REFUSALS)[number]): Error {
  return untranslatable(param);
}
