// Usage of an answer with images: those that it holds, and the tokens where the model reports them. What
// a report does not tell apart are tokens of pictures: those that were made, and all that was read where
// the request gave some. Tokens of pictures that nobody gave cannot be.

import { isObject, type JsonObject, type JsonValue, objectOf, stringOf } from '../../base/json.ts';
import { HubError } from '../../base/errors.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { readReply, readTokens } from '../direct.ts';
import { streamsOf } from '../direct-streams.ts';
import { splitInput, splitOutput } from '../media-counts.ts';
import type { RequestFacts } from '../protocol.ts';
import { readCounts } from '../token-counts.ts';

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
  return { final: true, ...readPictures(usage, facts), units };
}

function readPictures(usage: JsonObject, { images }: RequestFacts): ReportedUsage | undefined {
  const told = readTokens(usage['input_tokens'], usage['output_tokens'], usage['total_tokens']);
  if (told?.input === undefined || told.output === undefined) return told;
  const counts = readCounts();
  const read = counts.details(usage['input_tokens_details']);
  const made = counts.details(usage['output_tokens_details']);
  const text = counts.optional(read?.['text_tokens']) ?? 0;
  const seen = counts.optional(read?.['image_tokens']);
  const drawn = counts.optional(made?.['image_tokens']);
  const cached = counts.optional(read?.['cached_tokens']);
  const cachedImage = counts.optional(
    counts.details(read?.['cached_tokens_details'])?.['image_tokens'],
  );
  if (counts.isBroken()) return { final: true, problem: 'not_a_count' };
  const { inUncached: whole } = told.input;
  const { outText } = told.output;
  const image = seen ?? (images > 0 ? whole - text : 0);
  const input = splitInput({ whole, cached, image, cachedImage });
  const output = splitOutput({ whole: outText, image: drawn ?? outText });
  const isImagined = image > 0 && images === 0;
  if (!input || !output || isImagined) return { final: true, problem: 'parts_exceed_whole' };
  return { ...told, input, output };
}
