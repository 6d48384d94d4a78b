// Citations of Cohere's answers. They point to results of tools; only one that has an address can be
// cited to clients, whose protocols know sources on the web alone. Places are counted in characters,
// of which it is not said what they are, so they are told only where they find the cited words.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';

/** The citations in `value`, one or a list, of the answer's text so far. */
export function readCitations(value: JsonValue | undefined, text: string): ChatEvent[] {
  const list = Array.isArray(value) ? value : [value];
  return list.flatMap((item) => {
    const citation = objectOf(item);
    if (citation === undefined || isOfThinking(citation)) return [];
    const place = placeOf(citation, text);
    return arrayOf(citation['sources']).flatMap((source) => readSource(source, place));
  });
}

function isOfThinking({ type }: JsonObject): boolean {
  return type === 'PLAN' || type === 'THINKING_CONTENT';
}

interface Place {
  readonly start?: number;
  readonly end?: number;
}

function placeOf({ start, end, text: words }: JsonObject, text: string): Place {
  if (typeof start !== 'number' || typeof end !== 'number') return {};
  return text.slice(start, end) === words ? { start, end } : {};
}

function readSource(value: JsonValue, place: Place): ChatEvent[] {
  const source = objectOf(value);
  const content = objectOf(source?.['tool_output']) ?? objectOf(source?.['document']);
  const url = stringOf(content?.['url']) ?? '';
  if (!/^https?:\/\//i.test(url)) return [];
  const title = stringOf(content?.['title']);
  const quote = stringOf(content?.['snippet']);
  const citation = {
    url,
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
    ...place,
  };
  return [{ type: 'citation', citation }];
}
