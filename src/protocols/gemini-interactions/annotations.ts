// The sources of a text, both ways: Google counts their ranges in bytes of the text, the intermediate
// form in UTF-16 units of the part that the text is in.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';
import type { Citation } from '../../chat/request.ts';
import { present } from '../fields.ts';
import { byteAt, unitsAt } from '../gemini/citations.ts';

/** A text part as far as it has come, and where in it the text begins whose bytes are counted. */
export interface PartText {
  part: string;
  stepStart: number;
}

/** Web pages and places with an address; files of the account mean nothing to anybody else. */
export function readAnnotations(value: JsonValue | undefined, text: PartText): ChatEvent[] {
  return arrayOf(value).flatMap((item) => {
    const annotation = objectOf(item) ?? {};
    const { type } = annotation;
    const url = stringOf(annotation['url']) ?? '';
    if ((type !== 'url_citation' && type !== 'place_citation') || url === '') return [];
    const title = stringOf(annotation['title'] ?? annotation['name']) || undefined;
    const counted = text.part.slice(text.stepStart);
    const unit = (byte: JsonValue | undefined): number | undefined => {
      const place = unitsAt(counted, byte);
      return place === undefined ? undefined : place + text.stepStart;
    };
    const end = unit(annotation['end_index']);
    // The first byte's place is zero, which Google's JSON leaves out.
    const start = end === undefined ? undefined : unit(annotation['start_index'] ?? 0);
    return [{ type: 'citation', citation: { url, ...present({ title, start, end }) } }];
  });
}

/** `text`: the one that is cited, as far as it has come. */
export function writeAnnotation(
  { url, title, start = 0, end }: Citation,
  text: string,
): JsonObject {
  const range =
    end === undefined ? {} : { start_index: byteAt(text, start), end_index: byteAt(text, end) };
  return { type: 'url_citation', url, ...present({ title }), ...range };
}
