// Citations in Chat Completions, both ways. A stretch is counted there from the beginning of all the
// answer's text, in the form from that of its own text part.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { Citation } from '../../chat/request.ts';
import { present } from '../fields.ts';
import { readCount } from '../token-counts.ts';

/** The web citations of a message or delta. `partStart`: where its text part begins in the text. */
export function readAnnotations(value: JsonValue | undefined, partStart = 0): Citation[] {
  return arrayOf(value).flatMap((item): Citation[] => {
    const cited = objectOf(objectOf(item)?.['url_citation']);
    const url = stringOf(cited?.['url']) ?? '';
    if (cited === undefined || url === '') return [];
    return [
      {
        url,
        ...present({
          title: stringOf(cited['title']),
          // OpenRouter's own key.
          quote: stringOf(cited['content']),
          start: placeOf(cited['start_index'], partStart),
          end: placeOf(cited['end_index'], partStart),
        }),
      },
    ];
  });
}

function placeOf(value: JsonValue | undefined, partStart: number): number | undefined {
  const place = readCount(value);
  return place === undefined ? undefined : Math.max(0, place - partStart);
}

/** Both ends are required there: a stretch that is not told is all of the part's text so far. */
export function writeAnnotation(
  { url, title = '', quote, start, end }: Citation,
  partStart: number,
  textLength: number,
): JsonObject {
  return {
    type: 'url_citation',
    url_citation: {
      url,
      title,
      start_index: partStart + (start ?? 0),
      end_index: end === undefined ? textLength : partStart + end,
      ...present({ content: quote }),
    },
  };
}
