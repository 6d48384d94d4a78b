// Citations of Messages, both ways. Those of web pages alone have an address, which is what other
// protocols know a source by. Claude's hold a key that it alone can read; in those of other models a
// seal stands in its place, by which they are known when they come back.

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { Citation } from '../../chat/request.ts';
import { present } from '../fields.ts';
import { isOwnSeal, wrapSeal } from '../seals.ts';
import { MAKER } from './maker.ts';

const FOREIGN_KEY = wrapSeal({ maker: 'other', data: '' }, MAKER);

/** Undefined for a source that is no web page. */
export function readCitation(value: JsonValue | undefined): Citation | undefined {
  const cited = objectOf(value);
  const url = stringOf(cited?.['url']) ?? webUrl(cited?.['source']) ?? '';
  if (cited === undefined || url === '') return undefined;
  return {
    url,
    ...present({ title: stringOf(cited['title']), quote: stringOf(cited['cited_text']) }),
  };
}

/** A search result of the client's own names its source in any words. */
function webUrl(source: JsonValue | undefined): string | undefined {
  return typeof source === 'string' && /^https?:\/\//i.test(source) ? source : undefined;
}

export function readCitations(value: JsonValue | undefined): Citation[] {
  return arrayOf(value).flatMap((item) => readCitation(item) ?? []);
}

export function writeCitation({ url, title, quote = '' }: Citation): JsonObject {
  return {
    type: 'web_search_result_location',
    url,
    title: title ?? null,
    cited_text: quote,
    encrypted_index: FOREIGN_KEY,
  };
}

/** Whether a citation in a client's history is one that Claude did not make. */
export function isForeignCitation(value: JsonValue): boolean {
  const key = objectOf(value)?.['encrypted_index'];
  return typeof key === 'string' && key !== '' && !isOwnSeal(key);
}
