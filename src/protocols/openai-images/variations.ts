// Variations of an image, which OpenAI itself has retired and servers that imitate it still have.
// https://platform.openai.com/docs/api-reference/images/createVariation

import type { JsonObject } from '../../base/json.ts';
import { DIRECT, inspectDirect } from '../direct.ts';
import { FORM_FIELDS } from '../forms.ts';
import type { DirectProtocol, Files, RequestFacts } from '../protocol.ts';
import { UNPRICED_FIELDS, editImageRequest, readGivenImages, readImageDemand } from './demand.ts';
import { readUsage } from './usage.ts';

export const openaiImageVariations: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-image-variations',
  upstreamPath: () => '/images/variations',
  bodyFormat: 'multipart',
  inspectRequest,
  editRequest: editImageRequest,
  readUsage,
});

function inspectRequest(body: JsonObject, files?: Files): RequestFacts {
  return inspectDirect(body, ['stream', ...UNPRICED_FIELDS], () => ({
    ...readImageDemand(body, FORM_FIELDS),
    ...readGivenImages(files),
  }));
}
