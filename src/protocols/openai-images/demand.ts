// What the three endpoints of images have in common: what a request can make at the most, what has no
// price, and the edit of `n`. A stream makes one image, because nothing says whether the usage in the
// events of several is each one's own or that of all so far.

import type { JsonObject } from '../../base/json.ts';
import { editKey } from '../body-edits.ts';
import { editModel } from '../direct.ts';
import { invalid, isSet, unpriced, unsupported } from '../fields.ts';
import type { FieldReaders } from '../forms.ts';
import type { BodyEdit, Files, MediaDemand, PassThroughEdits, RequestFacts } from '../protocol.ts';

/** OpenAI's own bounds. */
const MAX_IMAGES = 10;
const MAX_PARTIAL_IMAGES = 3;

/** Each makes more of an image than the price of an image or the model's limit covers. */
export const UNPRICED_FIELDS = Object.freeze(['frame_count', 'svg', 'complexity']);
const UNPRICED_FORMATS: ReadonlySet<unknown> = new Set(['gif', 'svg']);

type Demand = Pick<RequestFacts, 'choices' | 'stream' | 'units' | 'media'>;

/** What is made, in models by the token. */
const PICTURES: MediaDemand = Object.freeze({ class: 'outImage', param: 'model' });

export function readImageDemand(body: JsonObject, read: FieldReaders): Demand {
  if (UNPRICED_FORMATS.has(body['output_format'])) throw unpriced('output_format');
  const choices = read.integer(body['n'], 'n', 1, MAX_IMAGES) ?? 1;
  const stream = read.flag(body['stream'], 'stream') ?? false;
  read.integer(body['partial_images'], 'partial_images', 0, MAX_PARTIAL_IMAGES);
  if (stream && choices > 1) throw unsupported('n', 'A stream holds one image: `n` must be 1.');
  return { choices, stream, units: { images: 1 }, media: [PICTURES] };
}

type Given = Pick<RequestFacts, 'images' | 'imageBytes' | 'media'>;

/** Images to start from, whose tokens cost other than those of text. */
export function readGivenImages(files: Files | undefined): Given {
  const given = [...(files?.values() ?? [])].flat();
  const isGiven = files?.has('image') === true || files?.has('image[]') === true;
  if (!isGiven || given.some((file) => file.length === 0)) {
    throw invalid('image', '`image` must be at least one file, none of them empty.');
  }
  return {
    images: given.length,
    imageBytes: given.reduce((sum, file) => sum + file.length, 0),
    media: [PICTURES, { class: 'inImage', param: 'image' }],
  };
}

/** Sets the number of images where the balance lowers it. */
export function editImageRequest(body: JsonObject, edits: PassThroughEdits): readonly BodyEdit[] {
  const list = [...editModel(body, edits)];
  if (edits.choices !== undefined && (!isSet(body['n']) || body['n'] !== edits.choices)) {
    list.push(editKey('n', edits.choices));
  }
  return list;
}
