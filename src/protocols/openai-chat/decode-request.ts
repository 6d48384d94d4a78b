// Reads a Chat Completions body into the intermediate form. Every top-level field is translated,
// dropped by the published list, or refused by name; nothing disappears silently.

import { type JsonObject, type JsonValue, objectOf } from '../../base/json.ts';
import type {
  ChatRequest,
  ReasoningEffort,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../chat/request.ts';
import {
  invalid,
  isSet,
  noteUnknown,
  present,
  readArray,
  readFlag,
  readInteger,
  readModel,
  readName,
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
import { readIncludeUsage, readOutputCap } from './facts.ts';

/** The fields of a Chat body on the translated way. */
const CHAT_FIELDS: FieldRules = Object.freeze({
  translated: new Set(
    [
      'model messages tools tool_choice parallel_tool_calls max_tokens max_completion_tokens',
      'temperature top_p top_k stop seed frequency_penalty presence_penalty response_format',
      'reasoning_effort stream stream_options n logprobs logit_bias modalities',
    ].flatMap((line) => line.split(' ')),
  ),
  droppable: new Set(
    [
      'user safety_identifier metadata store prompt_cache_key prompt_cache_retention',
      'prompt_cache_options verbosity service_tier prediction',
    ].flatMap((line) => line.split(' ')),
  ),
});

const EFFORTS: ReadonlySet<string> = new Set<ReasoningEffort>([
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
]);

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function decodeRequest(body: JsonObject): ChatRequest {
  refuseDeepNesting(body);
  const dropped = new Set<string>();
  sortFields(body, CHAT_FIELDS, dropped);
  refuseMeaningful(body);
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
      responseFormat: readResponseFormat(body['response_format'], dropped),
      reasoning: effort === undefined ? undefined : { effort },
    }),
    dropped: [...dropped],
  };
}

/** Fields that change the answer and that no other protocol can say. */
function refuseMeaningful(body: JsonObject): void {
  if ((readInteger(body['n'], 'n', 1, 128) ?? 1) > 1) throw untranslatable('n');
  if (readFlag(body['logprobs'], 'logprobs') === true) throw untranslatable('logprobs');
  const bias = body['logit_bias'];
  if (isSet(bias) && Object.keys(readObject(bias, 'logit_bias')).length > 0) {
    throw untranslatable('logit_bias');
  }
  const modalities = readOptionalArray(body['modalities'], 'modalities');
  if (modalities.some((modality) => modality !== 'text')) throw untranslatable('modalities');
}

function readTool(value: JsonValue, i: number, dropped: Set<string>): ToolDefinition {
  const path = `tools[${i}]`;
  const tool = readObject(value, path);
  if (isSet(tool['type']) && tool['type'] !== 'function') throw untranslatable(`${path}.type`);
  const definition = readObject(tool['function'], `${path}.function`);
  const known = new Set(['name', 'description', 'parameters', 'strict']);
  noteUnknown(definition, known, 'tools.function', dropped);
  return {
    type: 'function',
    name: readName(definition['name'], `${path}.function.name`),
    parameters: isSet(definition['parameters'])
      ? readObject(definition['parameters'], `${path}.function.parameters`)
      : { type: 'object', properties: {} },
    ...present({
      description: readOptionalString(definition['description'], `${path}.function.description`),
      strict: readFlag(definition['strict'], `${path}.function.strict`),
    }),
  };
}

function readToolChoice(value: JsonValue | undefined): ToolChoice | undefined {
  if (!isSet(value)) return undefined;
  if (value === 'none' || value === 'auto' || value === 'required') return { type: value };
  const choice = readObject(value, 'tool_choice');
  if (choice['type'] !== 'function') throw untranslatable('tool_choice.type');
  const called = readObject(choice['function'], 'tool_choice.function');
  return { type: 'tool', name: readName(called['name'], 'tool_choice.function.name') };
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
  if (typeof value !== 'string' || !EFFORTS.has(value)) {
    throw invalid('reasoning_effort', '`reasoning_effort` is not one of the known efforts.');
  }
  return value as ReasoningEffort;
}
