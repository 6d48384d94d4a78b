// Rerank, in the shape that Cohere, Jina and vLLM share; no one owns it. Priced by the search
// unit or by the token. A search unit is one query over up to 100 documents; Cohere counts more for
// long ones. https://docs.cohere.com/reference/rerank

import { objectOf, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { ReportedUsage } from '../../chat/usage.ts';
import { DIRECT, inspectDirect, readReply, readTokens } from '../direct.ts';
import { readName } from '../fields.ts';
import type { DirectProtocol, RequestFacts } from '../protocol.ts';
import { readCounts } from '../token-counts.ts';
import { readDocuments } from './documents.ts';

const DOCUMENTS_PER_UNIT = 100;
/** A document that is longer than this with its query counts as several. */
const CHUNK_TOKENS = 500;
/** Providers cut a query that would leave less of a chunk to its document. */
const LEAST_ROOM_TOKENS = 250;

export const rerank: DirectProtocol = Object.freeze({
  ...DIRECT,
  id: 'rerank',
  upstreamPath: () => '/rerank',
  inspectRequest,
  readUsage,
});

function inspectRequest(body: JsonObject): RequestFacts {
  return inspectDirect(body, ['stream'], () => {
    const query = readName(body['query'], 'query');
    const texts = readDocuments(body['documents']);
    return {
      choices: 1,
      units: { searchUnits: mostSearchUnits(query, texts) },
      likelyUnits: { searchUnits: Math.ceil(texts.length / DOCUMENTS_PER_UNIT) },
      // Who counts tokens counts those of the query once for each document.
      repeatedBytes: Buffer.byteLength(query) * (texts.length - 1),
    };
  });
}

/** Each chunk carries the query again; no tokeniser makes more tokens than bytes. */
function mostSearchUnits(query: string, texts: readonly string[]): number {
  const room = Math.max(CHUNK_TOKENS - Buffer.byteLength(query), LEAST_ROOM_TOKENS);
  let chunks = 0;
  for (const text of texts) chunks += Math.max(1, Math.ceil(Buffer.byteLength(text) / room));
  return Math.ceil(chunks / DOCUMENTS_PER_UNIT);
}

/** Search units and tokens, whichever of them the reply tells. */
function readUsage(body: JsonValue | undefined, facts: RequestFacts): ReportedUsage | undefined {
  const reply = readReply(body);
  const billed = objectOf(objectOf(reply['meta'])?.['billed_units']);
  const usage = objectOf(reply['usage']);
  const counts = readCounts();
  const searchUnits = counts.required(billed?.['search_units']);
  if (counts.isBroken()) return { final: true, problem: 'not_a_count' };
  if (searchUnits !== undefined && searchUnits > (facts.units?.searchUnits ?? 0)) {
    return { final: true, problem: 'parts_exceed_whole' };
  }
  const tokens = usage && readTokens(usage['prompt_tokens'], undefined, usage['total_tokens']);
  if (searchUnits === undefined) return tokens;
  return { final: true, ...tokens, units: { searchUnits } };
}
