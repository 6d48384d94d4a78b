// Cohere's rerank (v2), whose documents are texts and whose replies hold none of them. Its replies are
// those of the shape that all share. https://docs.cohere.com/reference/rerank

import type { JsonObject } from '../../base/json.ts';
import { readReply } from '../direct.ts';
import { type FieldRules, isSet, sortFields, unsupported } from '../fields.ts';
import { decodeError } from '../openai-errors.ts';
import type { Dialect, EncodedRequest } from '../protocol.ts';
import { textsOf } from '../rerank/documents.ts';

const FIELDS: FieldRules = Object.freeze({
  translated: new Set([
    'model',
    'query',
    'documents',
    'top_n',
    'max_tokens_per_doc',
    'return_documents',
  ]),
  droppable: new Set<string>(),
});

export const cohereRerank: Dialect = Object.freeze({
  id: 'cohere-rerank',
  kind: 'dialect',
  of: 'rerank',
  upstreamPath: () => '/rerank',
  encodeRequest,
  decodeReply: readReply,
  decodeError,
});

function encodeRequest(body: JsonObject): EncodedRequest {
  sortFields(body, FIELDS, new Set());
  const { return_documents: wanted, ...rest } = body;
  if (isSet(wanted) && wanted !== false) {
    const message = 'This model returns no documents; `index` tells which of yours is meant.';
    throw unsupported('return_documents', message);
  }
  return { body: { ...rest, documents: textsOf(body['documents']) }, dropped: [] };
}
