// OpenAI's image generation. Some models are priced by the image, some by tokens that the reply
// reports; either way `n` is what a balance that falls short lowers.
// https://platform.openai.com/docs/api-reference/images/create

import type { JsonObject } from '../../base/json.ts';
import { DIRECT, inspectDirect } from '../direct.ts';
import { readName } from '../fields.ts';
import { JSON_FIELDS } from '../forms.ts';
import type { DirectProtocol, RequestFacts } from '../protocol.ts';
import { UNPRICED_FIELDS, editImageRequest, readImageDemand } from './demand.ts';
import { imageStreams, readUsage } from './usage.ts';

export const openaiImages: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'openai-images',
  upstreamPath: () => '/images/generations',
  inspectRequest,
  editRequest: editImageRequest,
  readUsage,
  streams: imageStreams,
});

function inspectRequest(body: JsonObject): RequestFacts {
  return inspectDirect(body, UNPRICED_FIELDS, () => {
    readName(body['prompt'], 'prompt');
    return readImageDemand(body, JSON_FIELDS);
  });
}
