// Reads a Responses body into the intermediate form. Every top-level field is translated, dropped by
// the published list, or refused by name; nothing disappears silently.

import { objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type {
  ChatMessage,
  ChatRequest,
  Reasoning,
  ReasoningEffort,
  ResponseFormat,
  Verbosity,
} from '../../chat/request.ts';
import { EFFORTS } from '../efforts.ts';
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
  readOptionalArray,
  readOptionalString,
  refuseDeepNesting,
  sortFields,
  untranslatable,
  type FieldRules,
} from '../fields.ts';
import { decodeInput } from './decode-input.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { ENCRYPTED_REASONING } from './edits.ts';
import { readOutputCap } from './facts.ts';

/** The fields of a Responses body on the translated way. */
const RESPONSES_FIELDS: FieldRules = Object.freeze({
  translated: new Set(
    [
      'model input instructions max_output_tokens temperature top_p stream tools tool_choice',
      'parallel_tool_calls reasoning text include top_logprobs metadata user safety_identifier',
      'prompt_cache_key service_tier store truncation background stream_options',
    ].flatMap((line) => line.split(' ')),
  ),
  droppable: new Set(
    [
      // The last one counts calls of hosted tools alone, of which there are none.
      'client_metadata prompt_cache_retention prompt_cache_options max_tool_calls',
    ].flatMap((line) => line.split(' ')),
  ),
});

export const LOGPROBS = 'message.output_text.logprobs';
/** OpenAI's own bound. */
const MOST_TOP_LOGPROBS = 20;

const SUMMARIES: ReadonlySet<JsonValue> = new Set(['auto', 'concise', 'detailed']);
const VERBOSITIES: ReadonlySet<JsonValue> = new Set(['low', 'medium', 'high']);

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function decodeRequest(body: JsonObject): ChatRequest {
  refuseDeepNesting(body);
  const dropped = new Set<string>();
  sortFields(body, RESPONSES_FIELDS, dropped);
  noteDefaults(body, dropped);
  const text = isSet(body['text']) ? readObject(body['text'], 'text') : {};
  noteUnknown(text, new Set(['format', 'verbosity']), 'text', dropped);
  return {
    model: readModel(body['model']),
    messages: [...readInstructions(body['instructions']), ...decodeInput(body['input'], dropped)],
    tools: decodeTools(body, dropped),
    stream: readFlag(body['stream'], 'stream') ?? false,
    includeUsage: true,
    ...present({
      toolChoice: decodeToolChoice(body['tool_choice']),
      parallelToolCalls: readFlag(body['parallel_tool_calls'], 'parallel_tool_calls'),
      maxOutputTokens: readOutputCap(body),
      temperature: readNumber(body['temperature'], 'temperature'),
      topP: readNumber(body['top_p'], 'top_p'),
      topLogprobs: readLogprobs(body, dropped),
      responseFormat: readFormat(text['format'], dropped),
      reasoning: readReasoningWish(body['reasoning'], dropped),
      verbosity: readOneOf(text['verbosity'], VERBOSITIES, 'text.verbosity') as
        | Verbosity
        | undefined,
      endUser:
        readOptionalString(body['safety_identifier'], 'safety_identifier') ??
        readOptionalString(body['user'], 'user'),
      metadata: readMetadata(body['metadata']),
      promptCacheKey: readOptionalString(body['prompt_cache_key'], 'prompt_cache_key'),
      serviceTier: readOptionalString(body['service_tier'], 'service_tier'),
    }),
    dropped: [...dropped],
  };
}

/** Fields of which one value is what happens anyway. */
function noteDefaults(body: JsonObject, dropped: Set<string>): void {
  if (readFlag(body['background'], 'background') === true) throw untranslatable('background');
  if (readFlag(body['store'], 'store') === true) dropped.add('store');
  if (isSet(body['truncation']) && body['truncation'] !== 'disabled') dropped.add('truncation');
  const options = objectOf(body['stream_options']) ?? {};
  noteUnknown(options, new Set(['include_obfuscation']), 'stream_options', dropped);
  if (options['include_obfuscation'] === true) dropped.add('stream_options.include_obfuscation');
}

function readInstructions(value: JsonValue | undefined): ChatMessage[] {
  const text = readOptionalString(value, 'instructions') ?? '';
  return text === '' ? [] : [{ role: 'system', content: [{ type: 'text', text }] }];
}

function readLogprobs(body: JsonObject, dropped: Set<string>): number | undefined {
  const top = readInteger(body['top_logprobs'], 'top_logprobs', 0, MOST_TOP_LOGPROBS) ?? 0;
  const include = readOptionalArray(body['include'], 'include');
  // Reasoning comes back sealed to every client, asked for or not.
  const known: readonly JsonValue[] = [LOGPROBS, ENCRYPTED_REASONING];
  if (include.some((each) => !known.includes(each))) dropped.add('include');
  return top > 0 || include.includes(LOGPROBS) ? top : undefined;
}

function readFormat(
  value: JsonValue | undefined,
  dropped: Set<string>,
): ResponseFormat | undefined {
  if (!isSet(value)) return undefined;
  const path = 'text.format';
  const format = readObject(value, path);
  if (format['type'] === 'text' || format['type'] === 'json_object') {
    return { type: format['type'] };
  }
  if (format['type'] !== 'json_schema') throw untranslatable(`${path}.type`);
  noteUnknown(format, new Set(['type', 'name', 'schema', 'strict']), path, dropped);
  return {
    type: 'json_schema',
    schema: readObject(format['schema'], `${path}.schema`),
    ...present({
      name: readOptionalString(format['name'], `${path}.name`),
      strict: readFlag(format['strict'], `${path}.strict`),
    }),
  };
}

function readReasoningWish(
  value: JsonValue | undefined,
  dropped: Set<string>,
): Reasoning | undefined {
  if (!isSet(value)) return undefined;
  const wish = readObject(value, 'reasoning');
  const known = new Set(['effort', 'summary', 'generate_summary', 'mode']);
  noteUnknown(wish, known, 'reasoning', dropped);
  if (isSet(wish['mode']) && wish['mode'] !== 'standard') throw untranslatable('reasoning.mode');
  const named = isSet(wish['summary']) ? 'summary' : 'generate_summary';
  const summary = readOneOf(wish[named], SUMMARIES, `reasoning.${named}`);
  const effort = readOneOf(wish['effort'], EFFORTS, 'reasoning.effort');
  const read = present({
    effort: effort as ReasoningEffort | undefined,
    summary: summary as Reasoning['summary'],
  });
  return Object.keys(read).length === 0 ? undefined : read;
}

function readOneOf(
  value: JsonValue | undefined,
  known: ReadonlySet<JsonValue>,
  path: string,
): JsonValue | undefined {
  if (!isSet(value)) return undefined;
  if (!known.has(value)) throw invalid(path, `\`${path}\` is not one of the known values.`);
  return value;
}

function readMetadata(value: JsonValue | undefined): Readonly<Record<string, string>> | undefined {
  if (!isSet(value)) return undefined;
  const entries = Object.entries(readObject(value, 'metadata'));
  if (entries.length === 0) return undefined;
  if (!entries.every(([, text]) => typeof text === 'string')) {
    throw invalid('metadata', '`metadata` must hold texts alone.');
  }
  return Object.fromEntries(entries) as Record<string, string>;
}
