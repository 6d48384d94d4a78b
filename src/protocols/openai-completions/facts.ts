// What the gateway must know of a Completions body before it admits it. Every prompt of a list is
// answered by itself, and of `best_of` answers all are billed, so both multiply what it can cost.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import { MAX_TOKEN_LIMIT, present, readFlag, readInteger, readModel } from '../fields.ts';
import { readServiceTier, refuseSmuggling, refuseUnpricedFields } from '../guards.ts';
import { readIncludeUsage, UNPRICED_FIELDS } from '../openai-chat/facts.ts';
import type { RequestFacts } from '../protocol.ts';

/** OpenAI's own bound of `n`. */
const MAX_CHOICES = 128;

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function inspectRequest(body: JsonObject): RequestFacts {
  refuseSmuggling(body);
  const model = readModel(body['model']);
  const stream = readFlag(body['stream'], 'stream') ?? false;
  const choices = Math.max(readChoices(body, 'n'), readChoices(body, 'best_of'));
  const includeUsage = readIncludeUsage(body);
  // Prompts as embeddings have more tokens than their length tells.
  refuseUnpricedFields(body, [...UNPRICED_FIELDS, 'audio', 'prompt_embeds']);
  return {
    model,
    stream,
    choices: choices * promptCount(body['prompt']),
    includeUsage,
    images: 0,
    imageBytes: 0,
    unboundedInput: false,
    ...present({ maxOutputTokens: readOutputCap(body), serviceTier: readServiceTier(body) }),
  };
}

/** Zero is for clients that want the prompt scored and nothing after it. */
export function readOutputCap(body: JsonObject): number | undefined {
  return readInteger(body['max_tokens'], 'max_tokens', 0, MAX_TOKEN_LIMIT);
}

export function readChoices(body: JsonObject, key: 'n' | 'best_of'): number {
  return readInteger(body[key], key, 1, MAX_CHOICES) ?? 1;
}

/** A list of numbers is one prompt in tokens; any other list is one prompt an item. */
function promptCount(prompt: JsonValue | undefined): number {
  if (!Array.isArray(prompt) || prompt.every((item) => typeof item === 'number')) return 1;
  return prompt.length;
}
