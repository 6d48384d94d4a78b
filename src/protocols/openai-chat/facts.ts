// What the gateway must know of a Chat Completions body before it admits it, and the refusal of
// everything that would cost more than the price list knows. The rest of the body is the upstream's
// to judge.

import { originalLength } from '../../base/json-scan.ts';
import { objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
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
import { readServiceTier, refuseSmuggling, refuseUnpricedFields } from '../guards.ts';
import type { MediaDemand, RequestFacts } from '../protocol.ts';
import { heardTokens } from '../recordings.ts';

/** OpenAI's own bound of `n`. */
export const MAX_CHOICES = 128;

/** Parts whose cost the length of their text, or a number of images, bounds. */
const BOUNDED_PARTS: ReadonlySet<string> = new Set(['text', 'refusal', 'image_url', 'input_audio']);

/** Hosted tools, and other vendors' fields that pick another model or plug-in. */
export const UNPRICED_FIELDS = Object.freeze([
  'web_search_options',
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
  const ordered = readModalities(body);
  refuseHostedTools(body['tools']);
  return {
    model,
    stream,
    choices,
    includeUsage,
    ...present({ maxOutputTokens, serviceTier }),
    ...weighContent(body['messages'], ordered),
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

/** Whether the answer is to be heard too. */
function readModalities(body: JsonObject): readonly MediaDemand[] {
  const ordered: MediaDemand[] = [];
  for (const modality of readOptionalArray(body['modalities'], 'modalities')) {
    if (modality !== 'text' && modality !== 'audio') throw unpriced('modalities');
    if (modality === 'audio') ordered.push({ class: 'outAudio', param: 'modalities' });
  }
  if (isSet(body['audio'])) ordered.push({ class: 'outAudio', param: 'audio' });
  return ordered;
}

function refuseHostedTools(tools: JsonValue | undefined): void {
  readOptionalArray(tools, 'tools').forEach((tool, i) => {
    const type = objectOf(tool)?.['type'];
    if (type === 'function' || type === 'custom') return;
    // Its path is made only where it is needed.
    if (isSet(readObject(tool, `tools[${i}]`)['type'])) throw unpriced(`tools[${i}].type`);
  });
}

type Weight = Pick<RequestFacts, 'images' | 'imageBytes' | 'unboundedInput' | 'media'>;

function weighContent(messages: JsonValue | undefined, ordered: readonly MediaDemand[]): Weight {
  let images = 0;
  let imageBytes = 0;
  let unboundedInput = false;
  let media = ordered;
  if (!Array.isArray(messages)) throw invalid('messages', '`messages` must be an array.');
  messages.forEach((message, i) => {
    const answer = `messages[${i}].audio`;
    if (isSet(objectOf(message)?.['audio'])) {
      throw unsupported(answer, `\`${answer}\` names something that lies at the provider.`);
    }
    const content = objectOf(message)?.['content'];
    // Text alone, as most messages are: nothing of it is more than its length.
    if (!Array.isArray(content)) return;
    content.forEach((part, j) => {
      const type = objectOf(part)?.['type'];
      if (type === 'image_url') {
        images += 1;
        imageBytes += inlineLength(objectOf(objectOf(part)?.['image_url'])?.['url']);
      }
      if (type === 'input_audio') {
        media = [...media, hear(objectOf(part), `messages[${i}].content[${j}].type`)];
      }
      if (typeof type !== 'string' || !BOUNDED_PARTS.has(type)) unboundedInput = true;
    });
  });
  // Parts that are not known here may be sound.
  if (unboundedInput) media = [...media, { class: 'inAudio' }];
  return { images, imageBytes, unboundedInput, ...(media.length > 0 && { media }) };
}

function hear(part: JsonObject | undefined, param: string): MediaDemand {
  const data = stringOf(objectOf(part?.['input_audio'])?.['data']) ?? '';
  const bytes = originalLength(data);
  return { class: 'inAudio', param, bytes, ...present(heardTokens(data, bytes)) };
}

function inlineLength(url: JsonValue | undefined): number {
  return typeof url === 'string' && url.startsWith('data:image/') ? originalLength(url) : 0;
}
