// OpenAI's image generation. Some models are priced by the image, some by tokens that the reply
// reports; either way `n` is what a balance that falls short lowers.
// https://platform.openai.com/docs/api-reference/images/create

import type { JsonObject } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import { DIRECT, editModel, inspectDirect } from '../direct.ts';
import { isSet, readInteger, readName, unpriced } from '../fields.ts';
import type { BodyEdit, DirectProtocol, PassThroughEdits, RequestFacts } from '../protocol.ts';
import { readUsage } from './usage.ts';

/** OpenAI's own bound of `n`. */
const MAX_IMAGES = 10;

/** Each makes more of an image than the price of an image or the model's limit covers. */
const UNPRICED_FIELDS = Object.freeze(['partial_images', 'frame_count', 'svg', 'complexity']);
const UNPRICED_FORMATS: ReadonlySet<unknown> = new Set(['gif', 'svg']);

export const openaiImages: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-images',
  upstreamPath: () => '/images/generations',
  inspectRequest,
  editRequest,
  readUsage,
});

function inspectRequest(body: JsonObject): RequestFacts {
  return inspectDirect(body, UNPRICED_FIELDS, () => {
    readName(body['prompt'], 'prompt');
    if (UNPRICED_FORMATS.has(body['output_format'])) throw unpriced('output_format');
    return {
      choices: readInteger(body['n'], 'n', 1, MAX_IMAGES) ?? 1,
      units: { images: 1 },
    };
  });
}

function editRequest(body: JsonObject, edits: PassThroughEdits): readonly BodyEdit[] {
  const list = [...editModel(body, edits)];
  if (edits.choices !== undefined && (isSet(body['n']) ? body['n'] !== edits.choices : true)) {
    list.push(editKey('n', edits.choices));
  }
  return list;
}
