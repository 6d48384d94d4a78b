// Cohere's embeddings (v2), a dialect of OpenAI's. What OpenAI's clients cannot say has the defaults
// that come nearest: documents for a search, whole or refused. https://docs.cohere.com/reference/embed

import { arrayOf, type JsonObject, type JsonValue, objectOf } from '../../base/json.ts';
import { brokenReply, readReply } from '../direct.ts';
import {
  invalid,
  type FieldRules,
  isSet,
  present,
  readInteger,
  readOptionalString,
  sortFields,
  unsupported,
} from '../fields.ts';
import { decodeError } from '../openai-errors.ts';
import type { AnswerContext, Dialect, EncodedRequest } from '../protocol.ts';

const MAX_TEXTS = 96;
const MAX_DIMENSIONS = 2 ** 16;

const FIELDS: FieldRules = Object.freeze({
  // `input_type` is Cohere's own; OpenAI's SDKs send it as they send any field that they do not know.
  translated: new Set(['model', 'input', 'dimensions', 'encoding_format', 'input_type']),
  droppable: new Set(['user']),
});

export const cohereEmbeddings: Dialect = Object.freeze({
  id: 'cohere-embeddings',
  kind: 'dialect',
  of: 'openai-embeddings',
  upstreamPath: () => '/embed',
  encodeRequest,
  decodeReply,
  decodeError,
});

function encodeRequest(body: JsonObject): EncodedRequest {
  const dropped = new Set<string>();
  sortFields(body, FIELDS, dropped);
  return {
    body: {
      model: body['model'] ?? '',
      texts: readTexts(body['input']),
      input_type: readOptionalString(body['input_type'], 'input_type') ?? 'search_document',
      embedding_types: ['float'],
      // Its own default cuts the end of a long text off.
      truncate: 'NONE',
      ...present({
        output_dimension: readInteger(body['dimensions'], 'dimensions', 1, MAX_DIMENSIONS),
      }),
    },
    dropped: [...dropped],
  };
}

function readTexts(input: JsonValue | undefined): string[] {
  const texts = typeof input === 'string' ? [input] : arrayOf(input);
  if (texts.length > MAX_TEXTS) {
    throw invalid('input', `\`input\` may have ${MAX_TEXTS} texts for this model.`);
  }
  return texts.map((text) => {
    if (typeof text === 'string') return text;
    throw unsupported('input', '`input` must be texts for this model; it has tokens of its own.');
  });
}

function decodeReply(body: JsonObject, { model }: AnswerContext): JsonObject {
  const reply = readReply(body);
  const vectors = objectOf(reply['embeddings'])?.['float'];
  if (!Array.isArray(vectors)) throw brokenReply();
  const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
  const billed = objectOf(objectOf(reply['meta'])?.['billed_units']);
  const tokens = billed?.['input_tokens'];
  return {
    object: 'list',
    data,
    model,
    ...(isSet(tokens) && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  };
}
