// The sources of an answer, both ways. Gemini tells them beside the text, by ranges in bytes of it:
// web pages that a search found (`groundingMetadata`), and pages whose words it repeats
// (`citationMetadata`).

import { arrayOf, objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { Citation } from '../../chat/request.ts';
import { present } from '../fields.ts';

/** The citations of a candidate whose text so far is this; those of other things than pages not. */
export function readCitations(candidate: JsonObject, text: string): Citation[] {
  const grounding = objectOf(candidate['groundingMetadata']) ?? {};
  const pages = arrayOf(grounding['groundingChunks']).map((chunk) =>
    objectOf(objectOf(chunk)?.['web']),
  );
  const supports = arrayOf(grounding['groundingSupports']).map((value) => objectOf(value) ?? {});
  const cited = supports.flatMap((support) =>
    arrayOf(support['groundingChunkIndices']).map((index) =>
      readOne(pages[Number(index)], objectOf(support['segment']), text),
    ),
  );
  const uncited = supports.length > 0 ? [] : pages.map((page) => readOne(page, undefined, text));
  const metadata = objectOf(candidate['citationMetadata']) ?? {};
  const quoted = arrayOf(metadata['citations'] ?? metadata['citationSources']).map((value) =>
    readOne(objectOf(value), objectOf(value), text),
  );
  return [...cited, ...uncited, ...quoted].filter((citation) => citation !== undefined);
}

function readOne(
  source: JsonObject | undefined,
  range: JsonObject | undefined,
  text: string,
): Citation | undefined {
  const url = stringOf(source?.['uri']) ?? '';
  if (url === '') return undefined;
  const title = stringOf(source?.['title']) || undefined;
  const end = unitsAt(text, range?.['endIndex']);
  // The first byte's place is zero, which Google's JSON leaves out.
  const start = end === undefined ? undefined : unitsAt(text, range?.['startIndex'] ?? 0);
  return { url, ...present({ title, start, end }) };
}

/** The UTF-16 unit at which this byte of the text stands. */
export function unitsAt(text: string, byte: JsonValue | undefined): number | undefined {
  if (typeof byte !== 'number' || !(byte >= 0)) return undefined;
  return Buffer.from(text).subarray(0, byte).toString('utf8').length;
}

/** The citations of a text, as a search would have told them; undefined where there are none. */
export function writeCitations(
  citations: readonly Citation[],
  text: string,
): JsonObject | undefined {
  if (citations.length === 0) return undefined;
  const web = ({ url: uri, title }: Citation): JsonObject => ({
    web: { uri, ...present({ title }) },
  });
  return {
    groundingChunks: citations.map(web),
    groundingSupports: citations.flatMap(({ start = 0, end }, i) => {
      if (end === undefined) return [];
      const segment = {
        startIndex: byteAt(text, start),
        endIndex: byteAt(text, end),
        text: text.slice(start, end),
      };
      return [{ segment, groundingChunkIndices: [i] }];
    }),
  };
}

/** The byte at which this UTF-16 unit of the text stands. */
export function byteAt(text: string, unit: number): number {
  return Buffer.byteLength(text.slice(0, unit));
}
