// What the gateway must know of a generateContent body before it admits it, and the refusal of
// everything that would cost more than the price list knows: hosted tools, videos, and what names a
// resource of the hub's own account. Sound and pictures cost tokens of their own.

import { originalLength } from '../../base/json-scan.ts';
import {
  arrayOf,
  isObject,
  objectOf,
  stringOf,
  type JsonObject,
  type JsonValue,
} from '../../base/json.ts';
import type { MediaKind } from '../../chat/usage.ts';
import {
  invalid,
  isSet,
  MAX_TOKEN_LIMIT,
  present,
  readInteger,
  readModel,
  readObject,
  readOptionalArray,
  unpriced,
  unsupported,
} from '../fields.ts';
import { readServiceTier, refuseSmuggling } from '../guards.ts';
import type { Address, MediaDemand, RequestFacts } from '../protocol.ts';
import { heardTokens } from '../recordings.ts';
import { mediaTypeOf, refuseOwnFile } from './media.ts';
import { respell } from './spelling.ts';

const MODALITIES: ReadonlySet<unknown> = new Set(['TEXT', 'AUDIO', 'IMAGE']);

/** The API's own bound of `candidateCount`. */
const MAX_CHOICES = 8;

/** Caches, filters and stores that lie in the account with which the hub asks. */
const OF_THE_ACCOUNT = Object.freeze([
  'cachedContent',
  'modelArmorConfig',
  'generationOutputConfig',
]);

/** Models that the provider picks, and what they make beside the answer. */
const UNPRICED_CONFIG = Object.freeze([
  'routingConfig',
  'modelSelectionConfig',
  'translationConfig',
]);

/** What makes an answer one of sound or of pictures, and the class of their tokens. */
const ORDERS: readonly (readonly [key: string, value: string, ordered: MediaKind])[] = [
  ['responseModalities', 'AUDIO', 'outAudio'],
  ['responseModalities', 'IMAGE', 'outImage'],
  ['speechConfig', '', 'outAudio'],
  ['imageConfig', '', 'outImage'],
];

type Weight = Pick<RequestFacts, 'images' | 'imageBytes' | 'unboundedInput'> & {
  readonly heard: MediaDemand[];
};

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function inspectRequest(
  given: JsonObject,
  _files?: unknown,
  address?: Address,
): RequestFacts {
  refuseSmuggling(given);
  const body = respell(given);
  const model = readModel(address?.model);
  refuseResources(body);
  const serviceTier = readTier(body);
  const config = readConfig(body);
  refuseHostedTools(body['tools']);
  const { heard, ...weight } = weighContents(body);
  const media = [...heard, ...readOrders(config)];
  return {
    model,
    stream: address?.stream ?? false,
    choices: readInteger(config['candidateCount'], CANDIDATES, 1, MAX_CHOICES) ?? 1,
    includeUsage: true,
    ...present({ maxOutputTokens: readOutputCap(config), serviceTier }),
    ...weight,
    ...(media.length > 0 && { media }),
  };
}

const CANDIDATES = 'generationConfig.candidateCount';

/** `generationConfig` in one spelling, without what has no price; empty where it is not there. */
function readConfig(body: JsonObject): JsonObject {
  if (!isSet(body['generationConfig'])) return {};
  const path = 'generationConfig';
  const config = respell(readObject(body['generationConfig'], path), path);
  for (const key of UNPRICED_CONFIG) if (isSet(config[key])) throw unpriced(`${path}.${key}`);
  const modalities = `${path}.responseModalities`;
  for (const modality of readOptionalArray(config['responseModalities'], modalities)) {
    if (!MODALITIES.has(modality)) throw unpriced(modalities);
  }
  for (const [i, format] of arrayOf(config['responseFormat']).entries()) {
    const kinds = Object.keys(objectOf(format) ?? {});
    if (kinds.some((kind) => kind !== 'text')) throw unpriced(`${path}.responseFormat[${i}]`);
  }
  return config;
}

function readOrders(config: JsonObject): MediaDemand[] {
  return ORDERS.flatMap(([key, value, ordered]) => {
    const said = config[key];
    const isOrdered = value === '' ? isSet(said) : arrayOf(said).includes(value);
    return isOrdered ? [{ class: ordered, param: `generationConfig.${key}` }] : [];
  });
}

export function readOutputCap(config: JsonObject): number | undefined {
  const path = 'generationConfig.maxOutputTokens';
  return readInteger(config['maxOutputTokens'], path, 1, MAX_TOKEN_LIMIT);
}

/** The service tier asked for, where it is not the standard one. */
export function readTier(body: JsonObject): string | undefined {
  const tier = body['serviceTier'];
  const word = typeof tier === 'string' ? tier.toLowerCase() : tier;
  return readServiceTier({ serviceTier: word }, 'serviceTier');
}

function refuseResources(body: JsonObject): void {
  for (const key of OF_THE_ACCOUNT) {
    if (isSet(body[key])) {
      throw unsupported(key, `\`${key}\` names something that lies at the provider.`);
    }
  }
}

function refuseHostedTools(tools: JsonValue | undefined): void {
  for (const [i, value] of readOptionalArray(tools, 'tools').entries()) {
    const tool = respell(readObject(value, `tools[${i}]`), `tools[${i}]`);
    for (const key of Object.keys(tool)) {
      const isEmptyList = Array.isArray(tool[key]) && tool[key].length === 0;
      if (key === 'functionDeclarations' || !isSet(tool[key]) || isEmptyList) continue;
      throw unpriced(`tools[${i}].${key}`);
    }
  }
}

function weighContents(body: JsonObject): Weight {
  const contents = body['contents'];
  if (!Array.isArray(contents)) throw invalid('contents', '`contents` must be an array.');
  // What such a token stands for is known to the provider alone.
  const isContinued = isSet(body['continuationToken']);
  const heard: MediaDemand[] = isContinued ? [{ class: 'inAudio' }] : [];
  const weight = { images: 0, imageBytes: 0, unboundedInput: isContinued, heard };
  weighParts(body['systemInstruction'], 'systemInstruction', weight);
  contents.forEach((content, i) => weighParts(content, `contents[${i}]`, weight));
  return weight;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function weighParts(content: JsonValue | undefined, path: string, weight: Mutable<Weight>): void {
  const parts = objectOf(content)?.['parts'];
  // Only what is no object at all weighs nothing; a list of one may come without its brackets.
  const list = isObject(parts) ? [parts] : arrayOf(parts);
  list.forEach((value, j) => {
    const part = respell(objectOf(value) ?? {}, `${path}.parts[${j}]`);
    weighPart(part, `${path}.parts[${j}]`, weight);
    const response = objectOf(part['functionResponse']);
    if (response?.['parts'] === undefined) return;
    weighParts(response, `${path}.parts[${j}].functionResponse`, weight);
  });
}

function weighPart(part: JsonObject, path: string, weight: Mutable<Weight>): void {
  const type = mediaTypeOf(part);
  if (type === undefined) return;
  if (isSet(part['inlineData']) && isSet(part['fileData'])) {
    throw invalid(path, `\`${path}\` must hold one kind of data.`);
  }
  const holder = isSet(part['inlineData']) ? 'inlineData' : 'fileData';
  const file = respell(objectOf(part['fileData']) ?? {});
  if (holder === 'fileData') refuseOwnFile(file['fileUri'], `${path}.fileData.fileUri`);
  if (type.startsWith('image/')) {
    weight.images += 1;
    const data = stringOf(objectOf(part['inlineData'])?.['data']) ?? '';
    weight.imageBytes += originalLength(data);
  } else if (type.startsWith('audio/')) {
    const data = stringOf(objectOf(part['inlineData'])?.['data']) ?? '';
    weight.heard.push(hear(data, `${path}.${holder}.mimeType`));
  } else if (type.startsWith('application/') || type.startsWith('text/')) {
    weight.unboundedInput = true;
  } else {
    // Nothing here tells how long a video is, nor how much of it is sound.
    throw unpriced(`${path}.${holder}.mimeType`);
  }
}

/** A recording at an address is as long as it is: no bound but the model's own. */
function hear(data: string, param: string): MediaDemand {
  if (data === '') return { class: 'inAudio', param };
  const bytes = originalLength(data);
  return { class: 'inAudio', param, bytes, ...present(heardTokens(data, bytes)) };
}
