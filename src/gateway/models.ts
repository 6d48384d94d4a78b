// GET /v1/models, in the shape that the client expects: Anthropic's where it sends
// `anthropic-version`, Gemini's below /v1beta and where the key is in Google's header, Codex's where
// it names its version in the query, OpenAI's otherwise, with what OpenRouter's clients read.

import { HubError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { formatUsdPerUnit } from '../base/money.ts';
import type { Model } from '../catalog/model.ts';
import { type Quote, tierFor } from '../catalog/price.ts';
import type { PricedClass } from '../catalog/rates.ts';
import type { Inbound } from '../http/inbound.ts';
import type { ApiKey } from '../keys/api-key.ts';
import { codexShape } from './codex-models.ts';
import { refusalByLimits } from './key-limits.ts';
import { anthropicFacts, openRouterFacts } from './model-facts.ts';
import { PROTOCOLS } from '../protocols/list.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { GatewayDeps } from './deps.ts';
import { serves } from './outgoing.ts';

/** Neither API knows when a hub added a model; SDKs need a date all the same. */
const LISTED_AT = '2026-11-23T00:00:00Z';
const MOST_PER_PAGE = 1_000;
/** Anthropic's usual page, and Google's. */
const FEWEST_PER_PAGE = 20;
const USUAL_PER_PAGE = 50;

type Shop = Pick<GatewayDeps, 'catalog' | 'prices' | 'clock'>;

/** The models that have a price at the moment; to a key that asks, those that it may use. */
export function listModels(inbound: Inbound, deps: Shop, key: ApiKey | undefined): JsonObject {
  const priced = deps.catalog.models.flatMap((model) => {
    const quote = isHidden(model, key) ? undefined : quoteNow(deps, model);
    return quote ? [{ model, quote }] : [];
  });
  const models = priced.map(({ model }) => model);
  if (speaksAnthropic(inbound)) return anthropicPage(inbound, models);
  if (speaksGemini(inbound)) return geminiPage(inbound, models, deps);
  if (speaksCodex(inbound)) {
    return { models: models.map(codexShape).filter((model) => model !== undefined) };
  }
  return { object: 'list', data: priced.map(({ model, quote }) => openaiShape(model, quote)) };
}

function anthropicPage(inbound: Inbound, models: readonly Model[]): JsonObject {
  const { page, hasMore } = pageOf(inbound, models, 'limit', 'after_id', FEWEST_PER_PAGE);
  return {
    data: page.map(anthropicShape),
    has_more: hasMore,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

function geminiPage(inbound: Inbound, models: readonly Model[], deps: Shop): JsonObject {
  const { page, hasMore } = pageOf(inbound, models, 'pageSize', 'pageToken', USUAL_PER_PAGE);
  return {
    models: page.map((model) => geminiShape(model, deps)),
    ...(hasMore && { nextPageToken: page.at(-1)?.id }),
  };
}

/** The models behind the one that the query names, as many as it asks for. */
function pageOf(
  { url }: Inbound,
  models: readonly Model[],
  sizeName: string,
  afterName: string,
  usual: number,
): { readonly page: readonly Model[]; readonly hasMore: boolean } {
  const query = new URL(url, 'http://hub').searchParams;
  const size = Number(query.get(sizeName) ?? usual);
  const after = query.get(afterName);
  const from = after ? models.findIndex((model) => model.id === after) + 1 : 0;
  const most = Number.isInteger(size) && size > 0 ? Math.min(size, MOST_PER_PAGE) : usual;
  const page = models.slice(from, from + most);
  return { page, hasMore: from + page.length < models.length };
}

/** GET /v1/models/{id}; ids hold slashes, so the rest of the path is the id. */
export function showModel(
  inbound: Inbound,
  deps: Shop,
  key: ApiKey | undefined,
  id: string,
): JsonObject {
  const route = deps.catalog.offers(id).find(({ model }) => !isHidden(model, key));
  if (!route) throw new HubError('model_not_found');
  const quote = quoteNow(deps, route.model);
  if (!quote) throw new HubError('price_unknown');
  if (speaksAnthropic(inbound)) return anthropicShape(route.model);
  return speaksGemini(inbound) ? geminiShape(route.model, deps) : openaiShape(route.model, quote);
}

function isHidden(model: Model, key: ApiKey | undefined): boolean {
  return key !== undefined && refusalByLimits(key, model) !== undefined;
}

function quoteNow({ prices, clock }: Shop, model: Model): Quote | undefined {
  return prices.book().quoteAt(model.id, clock.wallMs());
}

export function speaksAnthropic(inbound: Inbound): boolean {
  return inbound.headers['anthropic-version'] !== undefined;
}

function speaksCodex({ url }: Inbound): boolean {
  return url.includes('client_version=');
}

export function speaksGemini({ url, headers }: Inbound): boolean {
  return /^\/v1beta(?:[/?]|$)/.test(url) || headers['x-goog-api-key'] !== undefined;
}

/** The names that OpenRouter's clients know, and the classes behind them. */
const PRICING: readonly (readonly [name: string, ...classes: PricedClass[]])[] = [
  ['prompt', 'inUncached'],
  ['completion', 'outText'],
  ['input_cache_read', 'inCacheRead'],
  ['input_cache_write', 'inCacheWriteOther', 'inCacheWrite5m'],
  ['audio', 'inAudio'],
  ['input_audio_cache', 'inAudioCacheRead'],
  ['image_token', 'inImage'],
  ['audio_output', 'outAudio'],
  ['image_output', 'outImage', 'images'],
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

/** The methods of Gemini's API, and the protocols that they are asked in. */
const METHODS: readonly (readonly [method: string, protocol: ProtocolId])[] = [
  ['generateContent', 'gemini'],
  ['streamGenerateContent', 'gemini'],
  ['countTokens', 'gemini'],
  ['embedContent', 'gemini-embeddings'],
  ['batchEmbedContents', 'gemini-batch-embeddings'],
];

function geminiShape(model: Model, { catalog }: Shop): JsonObject {
  const route = catalog.find(model.id);
  const methods = METHODS.filter(([, id]) => route && serves(route, PROTOCOLS[id]));
  return {
    name: `models/${model.id}`,
    version: '001',
    displayName: model.name,
    inputTokenLimit: model.contextWindow,
    outputTokenLimit: model.maxOutputTokens,
    supportedGenerationMethods: methods.map(([method]) => method),
  };
}
