// Writes the intermediate form as a Chat Completions body. What the protocol cannot say is named in
// `dropped` when it is a hint, and refused by name when the answer would depend on it.

import type { JsonObject } from '../../base/json.ts';
import type { ChatRequest, ResponseFormat } from '../../chat/request.ts';
import { present } from '../fields.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { type ChatDropped, refuse } from './drops.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeTools } from './encode-tools.ts';
import { writeThinking } from './thinking.ts';

/** OpenAI refuses a longer `safety_identifier`. */
const LONGEST_END_USER = 64;

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  const dropped = new Set(request.dropped);
  // Zero only warms a cache, and only Anthropic's protocol has that.
  if (request.maxOutputTokens === 0) throw refuse('max_tokens');
  if (request.topK !== undefined) dropped.add('top_k');
  const { stream } = request;
  const body: JsonObject = {
    model: request.model,
    messages: encodeMessages(request.messages, quirks, dropped),
    ...(stream && { stream: true }),
    ...(stream && quirks.streamUsageOption && { stream_options: { include_usage: true } }),
    ...present({ [quirks.outputCapField]: request.maxOutputTokens }),
    ...encodeTools(request, dropped),
    ...present({
      n: request.choices,
      temperature: request.temperature,
      top_p: request.topP,
      stop: request.stop && [...request.stop],
      [quirks.seedField ?? 'seed']: request.seed,
      logit_bias: request.logitBias,
      response_format: request.responseFormat && writeResponseFormat(request.responseFormat),
    }),
    ...writePenalties(request, quirks, dropped),
    ...writeThinking(request, quirks, dropped),
    ...writeLogprobs(request.topLogprobs),
    ...writeHints(request, quirks, dropped),
  };
  return { body, dropped: [...dropped] };
}

function writeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json_schema') return { type: format.type };
  const { name = 'response', schema, strict } = format;
  return { type: 'json_schema', json_schema: { name, schema, ...present({ strict }) } };
}

function writePenalties(request: ChatRequest, quirks: Quirks, dropped: ChatDropped): JsonObject {
  const { frequencyPenalty, presencePenalty } = request;
  if (quirks.refusesPenalties) {
    if (frequencyPenalty !== undefined) dropped.add('frequency_penalty');
    if (presencePenalty !== undefined) dropped.add('presence_penalty');
    return {};
  }
  return present({ frequency_penalty: frequencyPenalty, presence_penalty: presencePenalty });
}

function writeLogprobs(top: number | undefined): JsonObject {
  if (top === undefined) return {};
  return { logprobs: true, ...(top > 0 && { top_logprobs: top }) };
}

/** Metadata are for answers that OpenAI keeps, and the hub lets none be kept. */
function writeHints(request: ChatRequest, quirks: Quirks, dropped: ChatDropped): JsonObject {
  const { endUser, promptCacheKey, serviceTier, verbosity } = request;
  if (request.metadata !== undefined) dropped.add('metadata');
  if (quirks.takesHints !== true) {
    if (endUser !== undefined) dropped.add('user');
    if (promptCacheKey !== undefined) dropped.add('prompt_cache_key');
    if (serviceTier !== undefined) dropped.add('service_tier');
    if (verbosity !== undefined) dropped.add('verbosity');
    return {};
  }
  const isTooLong = endUser !== undefined && endUser.length > LONGEST_END_USER;
  if (isTooLong) dropped.add('user');
  return present({
    safety_identifier: isTooLong ? undefined : endUser,
    prompt_cache_key: promptCacheKey,
    service_tier: serviceTier,
    verbosity,
  });
}
