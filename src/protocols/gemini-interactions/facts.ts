// What the gateway must know of an interaction before it admits it, and the refusal of everything that
// would cost more than the price list knows, or that rests on what the provider keeps: the hub lets it
// keep nothing.

import { HubError } from '../../base/errors.ts';
import { originalLength } from '../../base/json-scan.ts';
import {
  arrayOf,
  isObject,
  objectOf,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import {
  invalid,
  isSet,
  MAX_TOKEN_LIMIT,
  present,
  readFlag,
  readInteger,
  readModel,
  readObject,
  readOptionalArray,
  unpriced,
  unsupported,
} from '../fields.ts';
import { refuseOwnFile } from '../gemini/media.ts';
import { readServiceTier, refuseSmuggling } from '../guards.ts';
import type { RequestFacts } from '../protocol.ts';
import { refuseOtherFormats } from './response-format.ts';

/** What Google's servers would run, keep, or tell others of, in the account that the hub asks with. */
const OF_THE_ACCOUNT = Object.freeze([
  'agent',
  'agent_config',
  'environment',
  'cached_content',
  'webhook_config',
]);

/** Answers in sound or pictures, and the writing down of sounds. */
const UNPRICED_CONFIG = Object.freeze([
  'image_config',
  'speech_config',
  'transcription_config',
  'video_config',
]);

const CONFIG = 'generation_config';

/** Steps, turns and contents whose cost the length of their text, or a number of images, bounds. */
const BOUNDED: ReadonlySet<JsonValue | undefined> = new Set([
  // A turn of the API's preview.
  undefined,
  'user_input',
  'model_output',
  'thought',
  'function_call',
  'function_result',
  'text',
  'image',
]);

type Weight = Pick<RequestFacts, 'images' | 'imageBytes' | 'unboundedInput'>;

/** Throws `invalid_request`, `unsupported_parameter` or `previous_response_not_found`. */
export function inspectRequest(body: JsonObject): RequestFacts {
  refuseSmuggling(body);
  refuseOtherSpelling(body);
  refuseAccount(body);
  const model = readModel(body['model']);
  const stream = readFlag(body['stream'], 'stream') ?? false;
  const config = readConfig(body);
  refuseOtherFormats(body);
  refuseHostedTools(body['tools']);
  const serviceTier = readServiceTier(body);
  return {
    model,
    stream,
    choices: 1,
    includeUsage: true,
    ...present({ maxOutputTokens: readOutputCap(config), serviceTier }),
    ...weighInput(body),
  };
}

/** Google may take a name in capitals for the same field, so what is judged must have one spelling. */
function refuseOtherSpelling(object: JsonObject, path = ''): void {
  const other = Object.keys(object).find((key) => /[A-Z]/.test(key));
  if (other === undefined) return;
  throw invalid(path + other, `\`${path}${other}\` is written with capitals; it must have none.`);
}

function refuseAccount(body: JsonObject): void {
  if (isSet(body['previous_interaction_id'])) {
    throw new HubError('previous_response_not_found', { param: 'previous_interaction_id' });
  }
  if (readFlag(body['background'], 'background') === true) {
    throw unsupported('background', 'Nothing is kept here that could be asked for later.');
  }
  for (const key of OF_THE_ACCOUNT) {
    if (isSet(body[key])) throw unsupported(key, `\`${key}\` is not served here.`);
  }
}

/** `generation_config` without what has no price; empty where it is not there. */
export function readConfig(body: JsonObject): JsonObject {
  if (!isSet(body[CONFIG])) return {};
  const config = readObject(body[CONFIG], CONFIG);
  refuseOtherSpelling(config, `${CONFIG}.`);
  for (const key of UNPRICED_CONFIG) if (isSet(config[key])) throw unpriced(`${CONFIG}.${key}`);
  return config;
}

export function readOutputCap(config: JsonObject): number | undefined {
  const path = `${CONFIG}.max_output_tokens`;
  return readInteger(config['max_output_tokens'], path, 1, MAX_TOKEN_LIMIT);
}

function refuseHostedTools(tools: JsonValue | undefined): void {
  readOptionalArray(tools, 'tools').forEach((value, i) => {
    const tool = objectOf(value) ?? readObject(value, `tools[${i}]`);
    if (tool['type'] !== 'function') throw unpriced(`tools[${i}].type`);
  });
}

function weighInput({ input, continuation_token: token }: JsonObject): Weight {
  // What such a token stands for is known to the provider alone.
  const weight = { images: 0, imageBytes: 0, unboundedInput: isSet(token) };
  if (isObject(input)) weigh(input, 'input', weight);
  else if (Array.isArray(input)) weighAll(input, 'input', weight, 1);
  else if (isSet(input) && typeof input !== 'string') {
    throw invalid('input', '`input` must be a string, an object or an array.');
  }
  return weight;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Contents in the results of calls in a turn: nothing that Google knows lies deeper. */
const DEEPEST = 4;

function weighAll(
  list: readonly JsonValue[],
  path: string,
  weight: Mutable<Weight>,
  depth: number,
): void {
  list.forEach((value, i) => {
    if (isObject(value)) weigh(value, `${path}[${i}]`, weight, depth);
  });
}

/** A step, a turn or a content: each may hold contents, and these no more than the results of calls. */
function weigh(item: JsonObject, path: string, weight: Mutable<Weight>, depth = 1): void {
  const { type } = item;
  if (!BOUNDED.has(type) || depth > DEEPEST) weight.unboundedInput = true;
  if (depth > DEEPEST) return;
  if (isSet(item['uri'])) refuseOwnFile(item['uri'], `${path}.uri`);
  if (type === 'image') {
    weight.images += 1;
    weight.imageBytes += originalLength(stringOf(item['data']) ?? '');
  }
  // Sound has a price of its own, and so has that of a video.
  if (type === 'audio' || type === 'video') throw unpriced(`${path}.type`);
  for (const key of ['content', 'summary', 'result']) {
    weighAll(arrayOf(item[key]), `${path}.${key}`, weight, depth + 1);
  }
  // A result may be any object, and one of these holds contents.
  const inner = arrayOf(objectOf(item['result'])?.['content']);
  weighAll(inner, `${path}.result.content`, weight, depth + 1);
}
