// Models for search rather than conversation, of makers that sell such: embeddings and rerank. The
// window is what one request may hold in all its texts, for that is what is held.

import { NO_CONVERSATION } from '../capabilities.ts';
import type { BaseModel } from '../model.ts';
import { define } from './define.ts';

/** Of one request: the query once for each document, and all documents. */
const VOYAGE_RERANK = { contextWindow: 600_000, maxOutputTokens: 0, can: NO_CONVERSATION };

export const RETRIEVAL_MODELS: readonly BaseModel[] = Object.freeze([
  // A call embeds at most 96 texts, each of which may have 128 000 tokens.
  define('cohere/embed-v4.0', 'Embed 4', {
    contextWindow: 12_288_000,
    maxOutputTokens: 0,
    output: ['vector'],
    can: NO_CONVERSATION,
  }),
  // A batch has at most 100 texts, of which no more than 2 048 tokens each are read.
  define('google/gemini-embedding-001', 'Gemini Embedding 001', {
    contextWindow: 204_800,
    maxOutputTokens: 0,
    output: ['vector'],
    can: NO_CONVERSATION,
  }),
  define('cohere/rerank-v3.5', 'Rerank 3.5', {
    contextWindow: 0,
    maxOutputTokens: 0,
    can: NO_CONVERSATION,
  }),
  define('voyage/rerank-2.5', 'Rerank 2.5', VOYAGE_RERANK),
  define('voyage/rerank-2.5-lite', 'Rerank 2.5 lite', VOYAGE_RERANK),
]);
