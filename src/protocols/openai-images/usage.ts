// Usage of an image reply: the images that it holds, and the tokens where the model reports them.
// Generation reads text alone, so image tokens in the input cannot be, and have no price here.

import { isObject, type JsonValue, objectOf } from '../../base/json.ts';
import { HubError } from '../../base/errors.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { readReply, readTokens } from '../direct.ts';
import type { RequestFacts } from '../protocol.ts';

/** Never undefined: what was delivered is always known. Throws where there are no images at all. */
export function readUsage(body: JsonValue | undefined, facts: RequestFacts): ReportedUsage {
  const reply = readReply(body);
  const images = reply['data'];
  if (!Array.isArray(images)) {
    throw new HubError('upstream_failed', { message: 'The provider sent no images.' });
  }
  const units = { images: images.length };
  if (images.length > facts.choices) {
    return { units, final: true, problem: 'parts_exceed_whole' };
  }
  if (isObject(reply['svg_usage'])) return { units, final: true, problem: 'unpriced_class' };
  const usage = objectOf(reply['usage']);
  if (usage === undefined) return { units, final: true };
  const imageTokens = objectOf(usage['input_tokens_details'])?.['image_tokens'] ?? 0;
  const tokens = readTokens(usage['input_tokens'], usage['output_tokens'], usage['total_tokens']);
  return {
    final: true,
    ...tokens,
    units,
    ...(imageTokens !== 0 && { problem: 'unpriced_class' as const }),
  };
}
