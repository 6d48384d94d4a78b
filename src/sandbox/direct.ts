// The sandbox's endpoints that are no conversations, by path, with the vectors, rankings and judgements
// of texts. Each answer is made by a rule of docs/sandbox.md from the request alone, and so is its cost.

import { arrayOf, isObject, type JsonObject, type JsonValue, stringOf } from '../base/json.ts';
import { speak, transcribe } from './audio.ts';
import { type DirectAnswer, json, readCount, readForm, readJson } from './direct-body.ts';
import { draw, drawFrom } from './images.ts';
import { moderate } from './moderation.ts';
import { countTokens } from './tokens.ts';
import { embedText, wordsOf } from './vectors.ts';

type Answerer = (body: Buffer, contentType: string) => DirectAnswer | Promise<DirectAnswer>;

/** By path. */
export const DIRECT_ENDPOINTS: ReadonlyMap<string, Answerer> = new Map<string, Answerer>([
  ['/v1/embeddings', (body) => embed(readJson(body, 'embed'))],
  ['/v1/moderations', (body) => moderate(readJson(body, 'moderate'))],
  ['/v1/images/generations', (body) => draw(readJson(body, 'image'), 'image_generation')],
  ['/v1/images/edits', async (body, type) => drawFrom(await readForm(body, type, 'image'))],
  ['/v1/images/variations', async (body, type) => drawFrom(await readForm(body, type, 'image'))],
  ['/v1/audio/speech', (body) => speak(readJson(body, 'speech'))],
  [
    '/v1/audio/transcriptions',
    async (body, type) => transcribe(await readForm(body, type, 'transcribe'), 'transcribe'),
  ],
  [
    '/v1/audio/translations',
    async (body, type) => transcribe(await readForm(body, type, 'transcribe'), 'translate'),
  ],
  ['/v1/rerank', (body) => rank(readJson(body, 'rerank'))],
]);

const DOCUMENTS_PER_UNIT = 100;
const DEFAULT_DIMENSIONS = 64;
const MAX_DIMENSIONS = 4_096;

function embed(body: JsonObject): DirectAnswer {
  const { input } = body;
  const inputs = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
  const texts = inputs.map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value ?? ''),
  );
  const dimensions = readCount(body, 'dimensions', MAX_DIMENSIONS) ?? DEFAULT_DIMENSIONS;
  const data = texts.map((text, index) => {
    const vector = embedText(text, dimensions);
    const embedding: JsonValue =
      body['encoding_format'] === 'base64'
        ? Buffer.from(new Float32Array(vector).buffer).toString('base64')
        : vector;
    return { object: 'embedding', index, embedding };
  });
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return json({ object: 'list', data, model: 'embed', usage });
}

function rank(body: JsonObject): DirectAnswer {
  const documents = arrayOf(body['documents']);
  const query = new Set(wordsOf(stringOf(body['query']) ?? ''));
  const most = readCount(body, 'top_n', documents.length) ?? documents.length;
  const results = documents
    .map((document, index) => {
      const text = stringOf(document) ?? stringOf(isObject(document) ? document['text'] : '') ?? '';
      const words = new Set(wordsOf(text));
      const shared = [...query].filter((word) => words.has(word)).length;
      const relevance_score = query.size === 0 ? 0 : shared / query.size;
      return {
        index,
        relevance_score,
        ...(body['return_documents'] === true && { document: { text } }),
      };
    })
    .sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index)
    .slice(0, most);
  const search_units = Math.ceil(documents.length / DOCUMENTS_PER_UNIT);
  return json({ id: 'rerank', results, meta: { billed_units: { search_units } } });
}
