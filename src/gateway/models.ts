// GET /v1/models, in the shape that the client's own SDK expects: Anthropic's where the client sends
// `anthropic-version`, OpenAI's otherwise, with the limits and prices that OpenRouter's clients read.

import type { IncomingMessage } from 'node:http';
import { HubError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { formatUsdPerUnit } from '../base/money.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Model } from '../catalog/model.ts';
import { tierFor } from '../catalog/price.ts';

/** Neither API knows when a hub added a model; SDKs need a date all the same. */
const LISTED_AT = '2026-11-23T00:00:00Z';
const MOST_PER_PAGE = 1_000;
const FEWEST_PER_PAGE = 20;

export function listModels(request: IncomingMessage, catalog: Catalog): JsonObject {
  const { models } = catalog;
  if (!speaksAnthropic(request)) return { object: 'list', data: models.map(openaiShape) };
  const query = new URL(request.url ?? '/', 'http://hub').searchParams;
  const limit = Number(query.get('limit') ?? FEWEST_PER_PAGE);
  const after = query.get('after_id');
  const from = after === null ? 0 : models.findIndex((model) => model.id === after) + 1;
  const most =
    Number.isInteger(limit) && limit > 0 ? Math.min(limit, MOST_PER_PAGE) : FEWEST_PER_PAGE;
  const page = models.slice(from, from + most);
  return {
    data: page.map(anthropicShape),
    has_more: from + page.length < models.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

/** GET /v1/models/{id}; ids hold slashes, so the rest of the path is the id. */
export function showModel(request: IncomingMessage, catalog: Catalog, id: string): JsonObject {
  const route = catalog.find(id);
  if (!route) throw new HubError('model_not_found');
  return speaksAnthropic(request) ? anthropicShape(route.model) : openaiShape(route.model);
}

export function speaksAnthropic(request: IncomingMessage): boolean {
  return request.headers['anthropic-version'] !== undefined;
}

function openaiShape(model: Model): JsonObject {
  const { rates } = tierFor(model.price, 0);
  return {
    id: model.id,
    object: 'model',
    created: Date.parse(LISTED_AT) / 1_000,
    owned_by: model.provider,
    name: model.name,
    context_length: model.contextWindow,
    top_provider: {
      context_length: model.contextWindow,
      max_completion_tokens: model.maxOutputTokens,
    },
    pricing: {
      prompt: formatUsdPerUnit(rates.inUncached),
      completion: formatUsdPerUnit(rates.outText),
      input_cache_read: formatUsdPerUnit(rates.inCacheRead),
      input_cache_write: formatUsdPerUnit(rates.inCacheWriteOther),
    },
  };
}

function anthropicShape(model: Model): JsonObject {
  return {
    type: 'model',
    id: model.id,
    display_name: model.name,
    created_at: LISTED_AT,
    max_input_tokens: model.contextWindow,
    max_tokens: model.maxOutputTokens,
  };
}
