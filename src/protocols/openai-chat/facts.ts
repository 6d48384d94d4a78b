// What the gateway must know of a Chat Completions body before it admits it, and the refusal of
// everything that would cost more than the price list knows. The rest of the body is the upstream's
// to judge.

import { originalLength } from '../../base/json-scan.ts';
import { objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
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
} from '../fields.ts';
import { readServiceTier, refuseSmuggling, refuseUnpricedFields } from '../guards.ts';
import type { RequestFacts } from '../protocol.ts';

/** OpenAI's own bound of `n`. */
export const MAX_CHOICES = 128;

/** Parts whose cost the length of their text, or a number of images, bounds. */
const BOUNDED_PARTS: ReadonlySet<string> = new Set(['text', 'refusal', 'image_url']);

/** Hosted tools, audio answers, and other vendors' fields that pick another model or plug-in. */
export const UNPRICED_FIELDS = Object.freeze([
  'web_search_options',
  'audio',
  'search_parameters',
  'plugins',
  'fallbacks',
]);

/** Throws `invalid_request` or `unsupported_parameter`, with the field in `param`. */
export function inspectRequest(body: JsonObject): RequestFacts {
  refuseSmuggling(body);
  const model = readModel(body['model']);
  const stream = readFlag(body['stream'], 'stream') ?? false;
  const choices = readInteger(body['n'], 'n', 1, MAX_CHOICES) ?? 1;
  const maxOutputTokens = readOutputCap(body);
  const includeUsage = readIncludeUsage(body);
  refuseUnpricedFields(body, UNPRICED_FIELDS);
  const serviceTier = readServiceTier(body);
  refuseAudioAnswers(body['modalities']);
  refuseHostedTools(body['tools']);
  return {
    model,
    stream,
    choices,
    includeUsage,
    ...present({ maxOutputTokens, serviceTier }),
    ...weighContent(body['messages']),
  };
}

/** The larger of the two caps: some upstreams obey the one, some the other. */
export function readOutputCap(body: JsonObject): number | undefined {
  const older = readInteger(body['max_tokens'], 'max_tokens', 1, MAX_TOKEN_LIMIT);
  const newer = readInteger(
    body['max_completion_tokens'],
    'max_completion_tokens',
    1,
    MAX_TOKEN_LIMIT,
  );
  return older === undefined || newer === undefined ? (older ?? newer) : Math.max(older, newer);
}

export function readIncludeUsage(body: JsonObject): boolean {
  const options = body['stream_options'];
  if (!isSet(options)) return false;
  const flag = readObject(options, 'stream_options')['include_usage'];
  return readFlag(flag, 'stream_options.include_usage') ?? false;
}

function refuseAudioAnswers(modalities: JsonValue | undefined): void {
  for (const modality of readOptionalArray(modalities, 'modalities')) {
    if (modality !== 'text') throw unpriced('modalities');
  }
}

function refuseHostedTools(tools: JsonValue | undefined): void {
  readOptionalArray(tools, 'tools').forEach((tool, i) => {
    const type = objectOf(tool)?.['type'];
    if (type === 'function' || type === 'custom') return;
    // Its path is made only where it is needed.
    if (isSet(readObject(tool, `tools[${i}]`)['type'])) throw unpriced(`tools[${i}].type`);
  });
}

function weighContent(
  messages: JsonValue | undefined,
): Pick<RequestFacts, 'images' | 'imageBytes' | 'unboundedInput'> {
  let images = 0;
  let imageBytes = 0;
  let unboundedInput = false;
  if (!Array.isArray(messages)) throw invalid('messages', '`messages` must be an array.');
  messages.forEach((message, i) => {
    if (isSet(objectOf(message)?.['audio'])) throw unpriced(`messages[${i}].audio`);
    const content = objectOf(message)?.['content'];
    // Text alone, as most messages are: nothing of it is more than its length.
    if (!Array.isArray(content)) return;
    content.forEach((part, j) => {
      const type = objectOf(part)?.['type'];
      if (type === 'image_url') {
        images += 1;
        imageBytes += inlineLength(objectOf(objectOf(part)?.['image_url'])?.['url']);
      }
      // Audio tokens have a price of their own at every provider, and none here.
      if (type === 'input_audio') throw unpriced(`messages[${i}].content[${j}].type`);
      if (typeof type !== 'string' || !BOUNDED_PARTS.has(type)) unboundedInput = true;
    });
  });
  return { images, imageBytes, unboundedInput };
}

function inlineLength(url: JsonValue | undefined): number {
  return typeof url === 'string' && url.startsWith('data:image/') ? originalLength(url) : 0;
}
