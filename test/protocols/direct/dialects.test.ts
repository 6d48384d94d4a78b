// How providers that say it otherwise are asked, and what their replies become.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Dialect } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';

const {
  'cohere-embeddings': cohereEmbeddings,
  'cohere-rerank': cohereRerank,
  'voyage-rerank': voyageRerank,
} = PROTOCOLS;

const CONTEXT = { requestId: 'r', model: 'a/m', createdSeconds: 0, includeUsage: false };

const encode = (dialect: Dialect, body: JsonObject) =>
  dialect.encodeRequest({ model: 'm', ...body }, QUIRKS);
const decode = (dialect: Dialect, body: JsonObject) => dialect.decodeReply(body, CONTEXT);

function refusal(dialect: Dialect, body: JsonObject): unknown {
  try {
    encode(dialect, body);
    return undefined;
  } catch (error) {
    return (error as { param?: string }).param;
  }
}

describe("Cohere's embeddings", () => {
  it('are asked for as vectors of documents, none cut short', () => {
    expect(encode(cohereEmbeddings, { input: 'a', encoding_format: 'base64' }).body).toEqual({
      model: 'm',
      texts: ['a'],
      input_type: 'search_document',
      embedding_types: ['float'],
      truncate: 'NONE',
    });
    const more = { input: ['a', 'b'], dimensions: 512, input_type: 'search_query', user: 'u' };
    const { body, dropped } = encode(cohereEmbeddings, more);
    expect(body).toMatchObject({
      texts: ['a', 'b'],
      input_type: 'search_query',
      output_dimension: 512,
    });
    expect(dropped).toEqual(['user']);
  });

  it('become those of OpenAI, with what was billed', () => {
    const reply = {
      id: 'x',
      embeddings: { float: [[1, 2], [3]] },
      texts: ['a', 'b'],
      meta: { api_version: { version: '2' }, billed_units: { input_tokens: 7 } },
    };
    expect(decode(cohereEmbeddings, reply)).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [1, 2] },
        { object: 'embedding', index: 1, embedding: [3] },
      ],
      model: 'a/m',
      usage: { prompt_tokens: 7, total_tokens: 7 },
    });
    expect(decode(cohereEmbeddings, { embeddings: { float: [] } })).not.toHaveProperty('usage');
  });

  it.each([{}, { embeddings: [[1]] }, { embeddings: { int8: [[1]] } }])(
    'are missing: %j',
    (reply) => {
      expect(() => decode(cohereEmbeddings, reply)).toThrow(
        expect.objectContaining({ code: 'upstream_failed' }),
      );
    },
  );

  it.each([
    [{ input: [1, 2] }, 'input'],
    [{ input: [[1], [2]] }, 'input'],
    [{ input: Array(97).fill('a') as string[] }, 'input'],
    [{ input: 'a', dimensions: '512' }, 'dimensions'],
    [{ input: 'a', images: ['data:'] }, 'images'],
    [{ input: 'a', input_type: 5 }, 'input_type'],
  ] as [JsonObject, string][])('cannot be asked for so: %#', (body, param) => {
    expect(refusal(cohereEmbeddings, body)).toBe(param);
  });
});

describe("Cohere's rerank", () => {
  it('gets texts', () => {
    const body = { query: 'q', documents: ['a', { text: 'b' }], top_n: 1, max_tokens_per_doc: 9 };
    expect(encode(cohereRerank, { ...body, return_documents: false }).body).toEqual({
      ...body,
      model: 'm',
      documents: ['a', 'b'],
    });
  });

  it('answers in the shape that all share', () => {
    const reply = { results: [{ index: 0, relevance_score: 1 }], meta: { billed_units: {} } };
    expect(decode(cohereRerank, reply)).toEqual(reply);
  });

  it.each([
    [{ return_documents: true }, 'return_documents'],
    [{ rank_fields: ['a'] }, 'rank_fields'],
    [{ documents: ['a', { title: 'b' }] }, 'documents[1]'],
    [{ documents: [{ text: 'a', title: 'b' }] }, 'documents[0]'],
  ] as [JsonObject, string][])('cannot be asked so: %#', (body, param) => {
    expect(refusal(cohereRerank, { query: 'q', documents: ['a'], ...body })).toBe(param);
  });
});

describe("Voyage's rerank", () => {
  it('has its own name for the number of results', () => {
    const body = { query: 'q', documents: [{ text: 'a' }], return_documents: true };
    expect(encode(voyageRerank, { ...body, top_n: 2, truncation: false }).body).toEqual({
      ...body,
      model: 'm',
      documents: ['a'],
      top_k: 2,
      truncation: false,
    });
    expect(encode(voyageRerank, body).body).not.toHaveProperty('top_k');
  });

  it('answers in the shape that all share', () => {
    const reply = {
      object: 'list',
      data: [
        { index: 1, relevance_score: 0.5, document: 'b' },
        { index: 0, relevance_score: 0.25 },
      ],
      model: 'rerank-2.5',
      usage: { total_tokens: 9 },
    };
    expect(decode(voyageRerank, reply)).toEqual({
      results: [
        { index: 1, relevance_score: 0.5, document: { text: 'b' } },
        { index: 0, relevance_score: 0.25 },
      ],
      model: 'rerank-2.5',
      usage: { total_tokens: 9 },
    });
    expect(() => decode(voyageRerank, { results: [] })).toThrow(
      expect.objectContaining({ code: 'upstream_failed' }),
    );
  });

  it('refuses what it cannot say', () => {
    expect(refusal(voyageRerank, { documents: ['a'], top_k: 1 })).toBe('top_k');
    expect(refusal(voyageRerank, { documents: [{}] })).toBe('documents[0]');
  });
});
