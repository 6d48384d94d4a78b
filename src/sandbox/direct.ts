// The sandbox's endpoints that are no conversations: embeddings, images, speech, transcriptions and
// rerank. Each answer is made by a rule of docs/sandbox.md from the request alone, and so is its cost.

import { HubError } from '../base/errors.ts';
import {
  arrayOf,
  isObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  stringOf,
} from '../base/json.ts';
import { readWavSeconds, writeSilence } from '../base/wav.ts';
import type { DirectModelId } from './models.ts';
import { countTokens } from './tokens.ts';
import { embedText, wordsOf } from './vectors.ts';

export interface DirectAnswer {
  readonly contentType: string;
  readonly body: Buffer;
}

type Answerer = (body: Buffer, contentType: string) => DirectAnswer | Promise<DirectAnswer>;

/** By path. */
export const DIRECT_ENDPOINTS: ReadonlyMap<string, Answerer> = new Map<string, Answerer>([
  ['/v1/embeddings', (body) => embed(readJson(body, 'embed'))],
  ['/v1/images/generations', (body) => draw(readJson(body, 'image'))],
  ['/v1/audio/speech', (body) => speak(readJson(body, 'speech'))],
  ['/v1/audio/transcriptions', transcribe],
  ['/v1/rerank', (body) => rank(readJson(body, 'rerank'))],
]);

/** A PNG of one transparent pixel. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const MAX_IMAGES = 10;
const MAX_CHARACTERS = 4_096;
const SAMPLE_RATE = 8_000;
/** A twentieth of a second of silence. */
const SAMPLES_PER_CHARACTER = 400;
const BYTES_PER_SECOND = 8_000;
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

function draw(body: JsonObject): DirectAnswer {
  const count = readCount(body, 'n', MAX_IMAGES) ?? 1;
  return json({ created: 0, data: Array.from({ length: count }, () => ({ b64_json: PIXEL })) });
}

function speak(body: JsonObject): DirectAnswer {
  const characters = Array.from(stringOf(body['input']) ?? '').length;
  if (characters === 0 || characters > MAX_CHARACTERS) {
    throw invalid('input', `input must have 1 to ${MAX_CHARACTERS} characters.`);
  }
  const silence = writeSilence(characters * SAMPLES_PER_CHARACTER, SAMPLE_RATE);
  return { contentType: 'audio/wav', body: silence };
}

async function transcribe(body: Buffer, contentType: string): Promise<DirectAnswer> {
  const headers = { 'content-type': contentType };
  const form = await new Response(body, { headers }).formData().catch(() => {
    throw new HubError('invalid_request');
  });
  assertModel(form.get('model'), 'transcribe');
  const file = form.get('file');
  if (file === null || typeof file === 'string') throw invalid('file', 'A file is missing.');
  const bytes = Buffer.from(await file.arrayBuffer());
  const seconds = Math.ceil(readWavSeconds(bytes) ?? bytes.length / BYTES_PER_SECOND);
  const text = `The sandbox listened for ${seconds} seconds.`;
  const usage = { type: 'duration', seconds };
  switch (form.get('response_format') ?? 'json') {
    case 'json':
      return json({ text, usage });
    case 'verbose_json':
      return json({ task: 'transcribe', language: 'english', duration: seconds, text, usage });
    case 'text':
      return { contentType: 'text/plain; charset=utf-8', body: Buffer.from(`${text}\n`) };
    default:
      throw invalid('response_format', 'response_format must be json, verbose_json or text.');
  }
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

function readJson(bytes: Buffer, model: DirectModelId): JsonObject {
  const body = parseJson(bytes.toString('utf8'));
  if (!isObject(body)) throw new HubError('invalid_json');
  assertModel(body['model'], model);
  return body;
}

function assertModel(value: unknown, model: DirectModelId): void {
  if (value === model) return;
  const message = 'The model does not exist at this address of the sandbox.';
  throw new HubError('model_not_found', { param: 'model', message });
}

function readCount(body: JsonObject, param: string, most: number): number | undefined {
  const value = body[param] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) {
    return value;
  }
  throw invalid(param, `${param} must be a whole number from 1 to ${most}.`);
}

function invalid(param: string, message: string): HubError {
  return new HubError('invalid_request', { param, message });
}

function json(body: JsonObject): DirectAnswer {
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) };
}
