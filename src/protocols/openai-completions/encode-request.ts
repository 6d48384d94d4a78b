// Writes the intermediate form as a Completions body. Only one text of the user's can be said: a
// conversation would need the model's own template, which is not known here.

import type { JsonObject } from '../../base/json.ts';
import type { ChatMessage, ChatRequest } from '../../chat/request.ts';
import { present, untranslatable } from '../fields.ts';
import { noteHints } from '../hints.ts';
import type { EncodedRequest, Quirks } from '../protocol.ts';

/** Throws `unsupported_parameter` with the field in `param`. */
export function encodeRequest(request: ChatRequest, quirks: Quirks): EncodedRequest {
  refuseMeaningful(request);
  const dropped = new Set(request.dropped);
  noteHints(
    request,
    ['seed', 'frequencyPenalty', 'presencePenalty', 'endUser', 'serviceTier'],
    dropped,
  );
  const { reasoning, stream } = request;
  if (reasoning !== undefined && reasoning.effort !== 'none') dropped.add('reasoning');
  const body: JsonObject = {
    model: request.model,
    prompt: promptOf(request.messages),
    ...(stream && { stream: true }),
    ...(stream && quirks.streamUsageOption && { stream_options: { include_usage: true } }),
    ...present({
      n: request.choices,
      max_tokens: request.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      stop: request.stop && [...request.stop],
      seed: request.seed,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
      logit_bias: request.logitBias,
      logprobs: request.topLogprobs,
      user: request.endUser,
      service_tier: request.serviceTier,
    }),
  };
  return { body, dropped: [...dropped] };
}

function refuseMeaningful({ tools, responseFormat, maxOutputTokens }: ChatRequest): void {
  // Zero only warms a cache, and only Anthropic's protocol has that.
  if (maxOutputTokens === 0) throw untranslatable('max_tokens');
  if (tools.length > 0) throw untranslatable('tools');
  if (responseFormat !== undefined && responseFormat.type !== 'text') {
    throw untranslatable('response_format');
  }
}

function promptOf(messages: readonly ChatMessage[]): string {
  const [message, ...others] = messages;
  if (message?.role !== 'user' || others.length > 0) throw untranslatable('messages');
  const [part, ...more] = message.content;
  if (part?.type !== 'text' || more.length > 0) throw untranslatable('messages.content');
  return part.text;
}
