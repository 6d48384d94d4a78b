// Voyage's rerank: the shared shape with two names of its own, and documents that are texts in both
// directions. https://docs.voyageai.com/reference/reranker-api

import { isObject, type JsonObject } from '../../base/json.ts';
import { brokenReply, readReply } from '../direct.ts';
import { type FieldRules, isSet, sortFields } from '../fields.ts';
import { decodeError } from '../openai-errors.ts';
import type { Dialect, EncodedRequest } from '../protocol.ts';
import { textsOf } from '../rerank/documents.ts';

const FIELDS: FieldRules = Object.freeze({
  translated: new Set(['model', 'query', 'documents', 'top_n', 'return_documents', 'truncation']),
  droppable: new Set<string>(),
});

export const voyageRerank: Dialect = Object.freeze({
  id: 'voyage-rerank',
  kind: 'dialect',
  of: 'rerank',
  upstreamPath: () => '/rerank',
  encodeRequest,
  decodeReply,
  decodeError,
});

function encodeRequest(body: JsonObject): EncodedRequest {
  sortFields(body, FIELDS, new Set());
  const { top_n: most, ...rest } = body;
  return {
    body: {
      ...rest,
      documents: textsOf(body['documents']),
      ...(isSet(most) && { top_k: most }),
    },
    dropped: [],
  };
}

function decodeReply(body: JsonObject): JsonObject {
  const { object: _, data, ...rest } = readReply(body);
  if (!Array.isArray(data)) throw brokenReply();
  const results = data.map((result) => {
    if (!isObject(result) || typeof result['document'] !== 'string') return result;
    return { ...result, document: { text: result['document'] } };
  });
  return { ...rest, results };
}
