// Usage of an answer with images: those that it holds, and the tokens where the model reports them.
// Tokens of images that were read have no price, so a report of them is believed only where the
// request gave images, which no model by the token is sold for.

import { isObject, type JsonObject, type JsonValue, objectOf, stringOf } from '../../base/json.ts';
import { HubError } from '../../base/errors.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { readReply, readTokens } from '../direct.ts';
import { streamsOf } from '../direct-streams.ts';
import type { RequestFacts } from '../protocol.ts';

/** Never undefined: what was delivered is always known. Throws where there are no images at all. */
export function readUsage(body: JsonValue | undefined, facts: RequestFacts): ReportedUsage {
  const reply = readReply(body);
  const images = reply['data'];
  if (!Array.isArray(images)) {
    throw new HubError('upstream_failed', { message: 'The provider sent no images.' });
  }
  return reportOf(reply, images.length, facts);
}

/** `image_generation.…` and `image_edit.…`: previews, then the image with its usage. */
export const imageStreams = streamsOf({ lastType: '.completed', read: readEvent });

function readEvent(event: JsonObject, isLast: boolean, facts: RequestFacts): ChatEvent[] {
  if (isLast) return [{ type: 'usage', usage: reportOf(event, 1, facts) }];
  const isPreview = stringOf(event['type'])?.endsWith('.partial_image') === true;
  return isPreview ? [{ type: 'start', id: '', model: '' }] : [];
}

function reportOf(reply: JsonObject, count: number, facts: RequestFacts): ReportedUsage {
  const units = { images: count };
  if (count > facts.choices) return { units, final: true, problem: 'parts_exceed_whole' };
  if (isObject(reply['svg_usage'])) return { units, final: true, problem: 'unpriced_class' };
  const usage = objectOf(reply['usage']);
  if (usage === undefined) return { units, final: true };
  const imageTokens = objectOf(usage['input_tokens_details'])?.['image_tokens'] ?? 0;
  const isUnpriced = imageTokens !== 0 && facts.unpricedTokens === undefined;
  const tokens = readTokens(usage['input_tokens'], usage['output_tokens'], usage['total_tokens']);
  return {
    final: true,
    ...tokens,
    units,
    ...(isUnpriced && { problem: 'unpriced_class' as const }),
  };
}
