// OpenAI's edits of images: a form with one image or several and what to make of them. Priced by the
// image, or by tokens, of which those of the images that are read are a class of their own.
// https://platform.openai.com/docs/api-reference/images/createEdit

import type { JsonObject } from '../../base/json.ts';
import { DIRECT, inspectDirect } from '../direct.ts';
import { readName, unpriced } from '../fields.ts';
import { FORM_FIELDS } from '../forms.ts';
import type { DirectProtocol, Files, RequestFacts } from '../protocol.ts';
import { UNPRICED_FIELDS, editImageRequest, readGivenImages, readImageDemand } from './demand.ts';
import { imageStreams, readUsage } from './usage.ts';

/** In forms the members of an object are fields: `svg[model]`. */
const SVG_FIELD = 'svg[';

export const openaiImageEdits: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-image-edits',
  upstreamPath: () => '/images/edits',
  bodyFormat: 'multipart',
  inspectRequest,
  editRequest: editImageRequest,
  readUsage,
  streams: imageStreams,
});

function inspectRequest(body: JsonObject, files?: Files): RequestFacts {
  return inspectDirect(body, UNPRICED_FIELDS, () => {
    const svg = Object.keys(body).find((key) => key.startsWith(SVG_FIELD));
    if (svg !== undefined) throw unpriced(svg);
    readName(body['prompt'], 'prompt');
    return { ...readImageDemand(body, FORM_FIELDS), ...readGivenImages(files) };
  });
}
