// The sandbox's images: one transparent pixel each, whatever was asked for.

import type { JsonObject } from '../base/json.ts';
import {
  type DirectAnswer,
  type FormBody,
  events,
  invalid,
  isTrue,
  json,
  readCount,
  readFile,
} from './direct-body.ts';

/** As PNG. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const MAX_IMAGES = 10;
const MAX_PREVIEWS = 3;

/** `action` begins the names of a stream's events. */
export function draw(body: JsonObject, action: 'image_generation' | 'image_edit'): DirectAnswer {
  const count = readCount(body, 'n', MAX_IMAGES) ?? 1;
  if (!isTrue(body['stream'])) {
    return json({ created: 0, data: Array.from({ length: count }, () => ({ b64_json: PIXEL })) });
  }
  if (count > 1) throw invalid('n', 'A stream holds one image.');
  const previews = readCount(body, 'partial_images', MAX_PREVIEWS, 0) ?? 0;
  const image = { b64_json: PIXEL, created_at: 0, output_format: 'png' };
  return events([
    ...Array.from({ length: previews }, (_, partial_image_index) => ({
      type: `${action}.partial_image`,
      ...image,
      partial_image_index,
    })),
    { type: `${action}.completed`, ...image },
  ]);
}

/** The image that is given changes nothing, but must be there. */
export function drawFrom(form: FormBody): DirectAnswer {
  readFile(form, 'image');
  return draw(form.fields, 'image_edit');
}
