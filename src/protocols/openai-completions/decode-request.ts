// Reads a Completions body into the intermediate form: a prompt is the only message of a
// conversation. Every top-level field is translated, dropped by the published list, or refused by
// name; what works on the text before an answer (suffix, echo) only models of this protocol can do.

import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { ChatRequest } from '../../chat/request.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  present,
  readFlag,
  readInteger,
  readModel,
  readNumber,
  readObject,
  readOptionalString,
  readArray,
  refuseDeepNesting,
  sortFields,
  untranslatable,
  type FieldRules,
} from '../fields.ts';
import { readServiceTier } from '../guards.ts';
import { readStop } from '../openai-chat/decode-request.ts';
import { readIncludeUsage } from '../openai-chat/facts.ts';
import { readChoices, readOutputCap } from './facts.ts';

/** OpenAI's own bound of `logprobs`. */
const MAX_LOGPROBS = 20;

/** The fields of a Completions body on the translated way. */
const COMPLETIONS_FIELDS: FieldRules = Object.freeze({
  translated: new Set(
    [
      'model prompt max_tokens temperature top_p top_k stop seed frequency_penalty',
      'presence_penalty logit_bias logprobs n best_of echo suffix user service_tier',
      'stream stream_options',
    ].flatMap((line) => line.split(' ')),
  ),
  droppable: new Set(['metadata', 'store', 'prompt_cache_key', 'safety_identifier']),
});

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function decodeRequest(body: JsonObject): ChatRequest {
  refuseDeepNesting(body);
  const dropped = new Set<string>();
  sortFields(body, COMPLETIONS_FIELDS, dropped);
  const choices = readChoices(body, 'n');
  refuseMeaningful(body, choices);
  if (isSet(body['stream_options'])) {
    const options = readObject(body['stream_options'], 'stream_options');
    noteUnknown(options, new Set(['include_usage']), 'stream_options', dropped);
  }
  return {
    model: readModel(body['model']),
    messages: [{ role: 'user', content: [{ type: 'text', text: readPrompt(body['prompt']) }] }],
    tools: [],
    stream: readFlag(body['stream'], 'stream') ?? false,
    includeUsage: readIncludeUsage(body),
    ...present({
      choices: choices > 1 ? choices : undefined,
      maxOutputTokens: readOutputCap(body),
      temperature: readNumber(body['temperature'], 'temperature'),
      topP: readNumber(body['top_p'], 'top_p'),
      topK: readInteger(body['top_k'], 'top_k', 0, Number.MAX_SAFE_INTEGER),
      stop: readStop(body['stop']),
      seed: readNumber(body['seed'], 'seed'),
      frequencyPenalty: readNumber(body['frequency_penalty'], 'frequency_penalty'),
      presencePenalty: readNumber(body['presence_penalty'], 'presence_penalty'),
      logitBias: readLogitBias(body['logit_bias']),
      topLogprobs: readInteger(body['logprobs'], 'logprobs', 0, MAX_LOGPROBS),
      endUser: readOptionalString(body['user'], 'user'),
      serviceTier: readServiceTier(body),
    }),
    dropped: [...dropped],
  };
}

/** Fields that change the answer and that no other protocol can say. */
function refuseMeaningful(body: JsonObject, choices: number): void {
  if (readOptionalString(body['suffix'], 'suffix')) throw untranslatable('suffix');
  if (readFlag(body['echo'], 'echo') === true) throw untranslatable('echo');
  if (readChoices(body, 'best_of') > choices) throw untranslatable('best_of');
}

/** One text, bare or alone in a list. Tokens mean something to one model, and to no other. */
function readPrompt(prompt: JsonValue | undefined): string {
  if (!isSet(prompt)) throw invalid('prompt', '`prompt` must be set.');
  if (typeof prompt === 'string') return prompt;
  const [only, ...others] = readArray(prompt, 'prompt');
  if (typeof only !== 'string' || others.length > 0) throw untranslatable('prompt');
  return only;
}

function readLogitBias(value: JsonValue | undefined): JsonObject | undefined {
  const bias = isSet(value) ? readObject(value, 'logit_bias') : {};
  return Object.keys(bias).length === 0 ? undefined : bias;
}
