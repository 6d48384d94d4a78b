// Reads a Chat Completions body into the intermediate form. Every top-level field is translated,
// dropped by the published list, or refused by name; nothing disappears silently.

import { type JsonObject, type JsonValue, objectOf } from '../../base/json.ts';
import type {
  ChatRequest,
  ReasoningEffort,
  ResponseFormat,
  Verbosity,
} from '../../chat/request.ts';
import { isEffort } from '../efforts.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  present,
  readArray,
  readFlag,
  readInteger,
  readModel,
  readNumber,
  readObject,
  readOptionalArray,
  readOptionalString,
  readString,
  refuseDeepNesting,
  sortFields,
  untranslatable,
  type FieldRules,
} from '../fields.ts';
import { decodeMessages } from './decode-messages.ts';
import { readTool, readToolChoice } from './decode-tools.ts';
import { MAX_CHOICES, readIncludeUsage, readOutputCap } from './facts.ts';

/** The fields of a Chat body on the translated way. */
export const CHAT_FIELDS: FieldRules = Object.freeze({
  translated: new Set(
    [
      'model messages tools tool_choice parallel_tool_calls max_tokens max_completion_tokens',
      'temperature top_p top_k stop seed frequency_penalty presence_penalty response_format',
      'reasoning_effort stream stream_options n logprobs top_logprobs logit_bias modalities',
      'user safety_identifier metadata prompt_cache_key service_tier verbosity',
    ].flatMap((line) => line.split(' ')),
  ),
  droppable: new Set('store prompt_cache_retention prompt_cache_options prediction'.split(' ')),
});

const VERBOSITIES: ReadonlySet<string> = new Set<Verbosity>(['low', 'medium', 'high']);
const MOST_TOP_LOGPROBS = 20;

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function decodeRequest(body: JsonObject): ChatRequest {
  refuseDeepNesting(body);
  const dropped = new Set<string>();
  sortFields(body, CHAT_FIELDS, dropped);
  refuseOtherModalities(body);
  const streamOptions = objectOf(body['stream_options']) ?? {};
  noteUnknown(streamOptions, new Set(['include_usage']), 'stream_options', dropped);
  const effort = readEffort(body['reasoning_effort']);
  return {
    model: readModel(body['model']),
    messages: decodeMessages(readArray(body['messages'], 'messages'), dropped),
    tools: readOptionalArray(body['tools'], 'tools').map((tool, i) => readTool(tool, i, dropped)),
    stream: readFlag(body['stream'], 'stream') ?? false,
    includeUsage: readIncludeUsage(body),
    ...present({
      toolChoice: readToolChoice(body['tool_choice']),
      parallelToolCalls: readFlag(body['parallel_tool_calls'], 'parallel_tool_calls'),
      maxOutputTokens: readOutputCap(body),
      temperature: readNumber(body['temperature'], 'temperature'),
      topP: readNumber(body['top_p'], 'top_p'),
      topK: readInteger(body['top_k'], 'top_k', 0, Number.MAX_SAFE_INTEGER),
      stop: readStop(body['stop']),
      seed: readNumber(body['seed'], 'seed'),
      frequencyPenalty: readNumber(body['frequency_penalty'], 'frequency_penalty'),
      presencePenalty: readNumber(body['presence_penalty'], 'presence_penalty'),
      logitBias: readLogitBias(body['logit_bias']),
      topLogprobs: readTopLogprobs(body),
      choices: readChoices(body['n']),
      responseFormat: readResponseFormat(body['response_format'], dropped),
      reasoning: effort === undefined ? undefined : { effort },
      verbosity: readVerbosity(body['verbosity']),
      endUser: readEndUser(body, dropped),
      metadata: readMetadata(body['metadata']),
      promptCacheKey: readOptionalString(body['prompt_cache_key'], 'prompt_cache_key'),
      serviceTier: readOptionalString(body['service_tier'], 'service_tier'),
    }),
    dropped: [...dropped],
  };
}

function refuseOtherModalities(body: JsonObject): void {
  const modalities = readOptionalArray(body['modalities'], 'modalities');
  if (modalities.some((modality) => modality !== 'text')) throw untranslatable('modalities');
}

function readLogitBias(value: JsonValue | undefined): JsonObject | undefined {
  if (!isSet(value)) return undefined;
  const bias = readObject(value, 'logit_bias');
  return Object.keys(bias).length === 0 ? undefined : bias;
}

function readTopLogprobs(body: JsonObject): number | undefined {
  const top = readInteger(body['top_logprobs'], 'top_logprobs', 0, MOST_TOP_LOGPROBS) ?? 0;
  if (readFlag(body['logprobs'], 'logprobs') === true) return top;
  if (top > 0) throw invalid('top_logprobs', '`top_logprobs` needs `logprobs` to be true.');
  return undefined;
}

function readChoices(value: JsonValue | undefined): number | undefined {
  const choices = readInteger(value, 'n', 1, MAX_CHOICES);
  return choices === 1 ? undefined : choices;
}

/** `user` is the older name of the other. */
function readEndUser(body: JsonObject, dropped: Set<string>): string | undefined {
  const user = readOptionalString(body['user'], 'user');
  const id = readOptionalString(body['safety_identifier'], 'safety_identifier') ?? user;
  if (user !== undefined && user !== id) dropped.add('user');
  return id;
}

function readMetadata(value: JsonValue | undefined): Record<string, string> | undefined {
  if (!isSet(value)) return undefined;
  const entries = Object.entries(readObject(value, 'metadata')).map(
    ([key, text]) => [key, readString(text, `metadata.${key}`)] as const,
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

export function readStop(value: JsonValue | undefined): readonly string[] | undefined {
  if (!isSet(value)) return undefined;
  const list = typeof value === 'string' ? [value] : readArray(value, 'stop');
  return list.length === 0 ? undefined : list.map((text, i) => readString(text, `stop[${i}]`));
}

function readResponseFormat(
  value: JsonValue | undefined,
  dropped: Set<string>,
): ResponseFormat | undefined {
  if (!isSet(value)) return undefined;
  const format = readObject(value, 'response_format');
  if (format['type'] === 'text' || format['type'] === 'json_object') {
    return { type: format['type'] };
  }
  if (format['type'] !== 'json_schema') throw untranslatable('response_format.type');
  const path = 'response_format.json_schema';
  const inner = readObject(format['json_schema'], path);
  noteUnknown(inner, new Set(['name', 'schema', 'strict']), path, dropped);
  return {
    type: 'json_schema',
    schema: readObject(inner['schema'], `${path}.schema`),
    ...present({
      name: readOptionalString(inner['name'], `${path}.name`),
      strict: readFlag(inner['strict'], `${path}.strict`),
    }),
  };
}

function readEffort(value: JsonValue | undefined): ReasoningEffort | undefined {
  if (!isSet(value)) return undefined;
  if (isEffort(value)) return value;
  throw invalid('reasoning_effort', '`reasoning_effort` is not one of the known efforts.');
}

function readVerbosity(value: JsonValue | undefined): Verbosity | undefined {
  if (!isSet(value)) return undefined;
  if (typeof value === 'string' && VERBOSITIES.has(value)) return value as Verbosity;
  throw invalid('verbosity', '`verbosity` must be "low", "medium" or "high".');
}
