// Writes the intermediate form as a Messages body. What the protocol cannot say is named in
// `dropped` when it is a hint, and refused by name when the answer would depend on it.

import { assert } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { ChatRequest } from '../../chat/request.ts';
import { encodeReasoning, isThinking, limitSampling, writeStop } from '../claude.ts';
import { present } from '../fields.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';
import { limitBreakpoints } from './breakpoints.ts';
import { type MessagesDropped, refuse } from './drops.ts';
import { encodeMessages, encodeSystem } from './encode-messages.ts';
import { encodeTools } from './encode-tools.ts';
import { MAKER } from './maker.ts';

/** Anthropic refuses a longer `user_id`. */
const LONGEST_END_USER = 256;
/** The nearest to JSON of any shape, which OpenAI's clients must ask for in the prompt as well. */
const JSON_ONLY = 'Answer with one JSON object and nothing else, without a code fence around it.';

/** Throws `unsupported_parameter` with the field in `param`. Needs `maxOutputTokens`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  const { maxOutputTokens } = request;
  assert(maxOutputTokens !== undefined, 'a request for Messages has an output cap');
  refuseMeaningful(request);
  const dropped = new Set(request.dropped);
  const { thinking, effort } = encodeReasoning(request, maxOutputTokens, quirks, dropped, MAKER);
  const { temperature, topP, topK } = limitSampling(request, isThinking(thinking), quirks, dropped);
  const outputConfig = present({ format: writeFormat(request), effort });
  const system = [...encodeSystem(request.messages), ...askForJson(request, dropped)];
  const body: JsonObject = {
    ...nameModel(request, quirks),
    max_tokens: maxOutputTokens,
    ...(system.length > 0 && { system }),
    messages: encodeMessages(request.messages, quirks, dropped),
    ...(request.stream && { stream: true }),
    ...encodeTools(request),
    ...present({ thinking, stop_sequences: writeStop(request.stop) }),
    ...present({ temperature, top_p: topP, top_k: topK }),
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
    ...writeHints(request, quirks, dropped),
  };
  return { body: limitBreakpoints(body, dropped), dropped: [...dropped] };
}

function nameModel({ model }: ChatRequest, { versionInBody }: Quirks): JsonObject {
  return versionInBody === undefined ? { model } : { anthropic_version: versionInBody };
}

function refuseMeaningful(request: ChatRequest): void {
  if ((request.choices ?? 1) > 1) throw refuse('n');
  if (request.topLogprobs !== undefined) throw refuse('logprobs');
  if (request.logitBias !== undefined) throw refuse('logit_bias');
}

function writeHints(
  request: ChatRequest,
  { versionInBody }: Quirks,
  dropped: MessagesDropped,
): JsonObject {
  const { endUser, serviceTier } = request;
  if (request.seed !== undefined) dropped.add('seed');
  if (request.frequencyPenalty !== undefined) dropped.add('frequency_penalty');
  if (request.presencePenalty !== undefined) dropped.add('presence_penalty');
  if (request.verbosity !== undefined) dropped.add('verbosity');
  if (request.metadata !== undefined) dropped.add('metadata');
  if (request.promptCacheKey !== undefined) dropped.add('prompt_cache_key');
  // Tiers are Anthropic's own business: where others serve its models there are none to ask for.
  const isSold = serviceTier !== undefined && versionInBody === undefined;
  const tier = isSold ? TIERS.get(serviceTier) : undefined;
  if (serviceTier !== undefined && tier === undefined) dropped.add('service_tier');
  const isTooLong = endUser !== undefined && endUser.length > LONGEST_END_USER;
  if (isTooLong) dropped.add('user');
  return present({
    metadata: endUser === undefined || isTooLong ? undefined : { user_id: endUser },
    service_tier: tier,
  });
}

/** Anthropic's words for OpenAI's tiers; the others it does not offer by request. */
const TIERS: ReadonlyMap<string, string> = new Map([
  ['auto', 'auto'],
  ['default', 'standard_only'],
]);

function writeFormat({ responseFormat }: ChatRequest): JsonObject | undefined {
  if (responseFormat?.type !== 'json_schema') return undefined;
  return { type: 'json_schema', schema: responseFormat.schema };
}

/** Last in the system prompt, so that what is cached before it stays the same. */
function askForJson({ responseFormat }: ChatRequest, dropped: MessagesDropped): JsonObject[] {
  if (responseFormat?.type !== 'json_object') return [];
  dropped.add('response_format');
  return [{ type: 'text', text: JSON_ONLY }];
}
