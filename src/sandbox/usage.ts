// What the sandbox reports as used, by rules that a test can compute on its own. The cache keeps no
// state: a long prefix counts as cached from the first time on, so the same body costs the same.

import type { JsonObject } from '../base/json.ts';
import type { Answer } from './answer.ts';
import type { SandboxMessage } from './messages.ts';
import { lastUserIndex } from './messages.ts';
import type { SandboxRequest } from './request.ts';
import { countTokens } from './tokens.ts';

const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_MEDIA_PART = 256;
const SHORTEST_CACHED_PREFIX = 1_024;
const CACHE_STEP = 128;

/** The usage object of the wire; undefined where the model reports none. */
export function reportUsage(request: SandboxRequest, answer: Answer): JsonObject | undefined {
  if (request.model === 'fail-no-usage') return undefined;
  const promptTokens = countPrompt(request, request.messages);
  const completionTokens = answer.completionTokens * request.choices;
  if (request.model === 'fail-bad-usage') return impossibleUsage(promptTokens, completionTokens);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: countCached(request), audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: answer.reasoningTokens * request.choices,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function countPrompt(request: SandboxRequest, messages: readonly SandboxMessage[]): number {
  let tokens = countTokens(request.toolsJson);
  for (const { countedText, mediaParts } of messages) {
    tokens += TOKENS_PER_MESSAGE + countTokens(countedText) + mediaParts * TOKENS_PER_MEDIA_PART;
  }
  return tokens;
}

function countCached(request: SandboxRequest): number {
  const end = lastUserIndex(request.messages);
  if (end < 0) return 0;
  const prefix = countPrompt(request, request.messages.slice(0, end));
  return prefix < SHORTEST_CACHED_PREFIX ? 0 : prefix - (prefix % CACHE_STEP);
}

function impossibleUsage(promptTokens: number, completionTokens: number): JsonObject {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: -1 - completionTokens,
    total_tokens: promptTokens,
    prompt_tokens_details: { cached_tokens: promptTokens + 1 },
  };
}
