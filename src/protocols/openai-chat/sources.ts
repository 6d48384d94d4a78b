// The sources of an answer from the web, which Perplexity repeats on every chunk beside the answer
// (`search_results`, and as bare addresses `citations`). They are told once, at its end.

import { objectOf, stringOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ChatEvent } from '../../chat/events.ts';

export interface SourceReader {
  note(chunk: JsonObject): void;
  take(): ChatEvent[];
}

export function readSources(): SourceReader {
  let results: JsonValue[] = [];
  let addresses: JsonValue[] = [];
  return {
    note(chunk) {
      if (Array.isArray(chunk['search_results'])) results = chunk['search_results'];
      if (Array.isArray(chunk['citations'])) addresses = chunk['citations'];
    },
    take: () => (results.length > 0 ? results : addresses).flatMap(readSource),
  };
}

function readSource(value: JsonValue): ChatEvent[] {
  const source = objectOf(value);
  const url = stringOf(value) ?? stringOf(source?.['url']) ?? '';
  const title = stringOf(source?.['title']) ?? '';
  if (!/^https?:\/\//i.test(url)) return [];
  return [{ type: 'citation', citation: { url, ...(title !== '' && { title }) } }];
}
