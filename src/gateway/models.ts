// GET /v1/models, in the shape that the client expects: Anthropic's where it sends
// `anthropic-version`, Codex's where it names its version in the query, OpenAI's otherwise, with the
// limits and prices that OpenRouter's clients read.

import { HubError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { formatUsdPerUnit } from '../base/money.ts';
import type { Model } from '../catalog/model.ts';
import { type Quote, tierFor } from '../catalog/price.ts';
import type { PricedClass } from '../catalog/rates.ts';
import type { Inbound } from '../http/inbound.ts';
import { codexShape } from './codex-models.ts';
import type { GatewayDeps } from './deps.ts';
import { anthropicFacts, openRouterFacts } from './model-facts.ts';

/** Neither API knows when a hub added a model; SDKs need a date all the same. */
const LISTED_AT = '2026-11-23T00:00:00Z';
const MOST_PER_PAGE = 1_000;
const FEWEST_PER_PAGE = 20;

type Shop = Pick<GatewayDeps, 'catalog' | 'prices' | 'clock'>;

/** The models that have a price at the moment. */
export function listModels(inbound: Inbound, deps: Shop): JsonObject {
  const priced = deps.catalog.models.flatMap((model) => {
    const quote = quoteNow(deps, model);
    return quote ? [{ model, quote }] : [];
  });
  const query = new URL(inbound.url, 'http://hub').searchParams;
  if (!speaksAnthropic(inbound)) {
    if (query.has('client_version')) {
      const models = priced.map(({ model }, i) => codexShape(model, i));
      return { models: models.filter((model) => model !== undefined) };
    }
    return { object: 'list', data: priced.map(({ model, quote }) => openaiShape(model, quote)) };
  }
  const models = priced.map(({ model }) => model);
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
export function showModel(inbound: Inbound, deps: Shop, id: string): JsonObject {
  const route = deps.catalog.find(id);
  if (!route) throw new HubError('model_not_found');
  const quote = quoteNow(deps, route.model);
  if (!quote) throw new HubError('price_unknown');
  return speaksAnthropic(inbound) ? anthropicShape(route.model) : openaiShape(route.model, quote);
}

function quoteNow({ prices, clock }: Shop, model: Model): Quote | undefined {
  return prices.book().quoteAt(model.id, clock.wallMs());
}

export function speaksAnthropic(inbound: Inbound): boolean {
  return inbound.headers['anthropic-version'] !== undefined;
}

/** The names that OpenRouter's clients know, and the classes behind them. */
const PRICING: readonly (readonly [name: string, ...classes: PricedClass[]])[] = [
  ['prompt', 'inUncached'],
  ['completion', 'outText'],
  ['input_cache_read', 'inCacheRead'],
  ['input_cache_write', 'inCacheWriteOther', 'inCacheWrite5m'],
  ['image_output', 'images'],
];

/** Prices in dollars a unit, as they are charged; classes that are not sold are left out. */
function openaiShape(model: Model, { price, markupBps }: Quote): JsonObject {
  const rates = tierFor(price, undefined, 0)?.rates ?? {};
  const pricing = PRICING.flatMap(([name, ...classes]) => {
    const rate = classes.map((each) => rates[each]).find((found) => found !== undefined);
    return rate === undefined ? [] : [[name, formatUsdPerUnit(rate, markupBps)]];
  });
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
      is_moderated: false,
    },
    ...openRouterFacts(model),
    pricing: Object.fromEntries(pricing) as JsonObject,
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
    ...anthropicFacts(model),
  };
}
