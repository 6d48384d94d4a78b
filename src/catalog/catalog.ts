// Finds the model and the provider behind the name that a client sends: `provider/model`, or the
// bare name of a model that only one provider has. Providers that are not switched on do not exist.

import type { Quirks } from '../protocols/protocol.ts';
import { PROVIDERS } from '../providers/list.ts';
import type { Provider, ProviderSettings } from '../providers/provider.ts';
import { ANTHROPIC_LISTINGS } from './anthropic.ts';
import { BEDROCK_LISTINGS } from './bedrock.ts';
import { COHERE_LISTINGS } from './cohere.ts';
import { GEMINI_LISTINGS } from './gemini.ts';
import type { Listing, Model } from './model.ts';
import { OPENAI_DIRECT_LISTINGS } from './openai-direct.ts';
import { OPENAI_LISTINGS } from './openai.ts';
import type { PriceDraft } from './price-list.ts';
import { RETRIEVAL_LISTINGS } from './retrieval.ts';
import { SANDBOX_LISTINGS } from './sandbox.ts';

const LISTINGS: readonly Listing[] = [
  ...OPENAI_LISTINGS,
  ...OPENAI_DIRECT_LISTINGS,
  ...ANTHROPIC_LISTINGS,
  ...BEDROCK_LISTINGS,
  ...COHERE_LISTINGS,
  ...GEMINI_LISTINGS,
  ...RETRIEVAL_LISTINGS,
  ...SANDBOX_LISTINGS,
];

/** A server of the operator's own costs its customers nothing until the operator says otherwise. */
const FREE_FROM = '2026-11-23';
const FREE = { input: 'free', cacheRead: 'free', cacheWrite: 'free', output: 'free' };

/** Names that a server of the operator's own may give its models; they become ids in records. */
const OPEN_MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;
const OPEN_MODEL_LIMITS = { contextWindow: 1_000_000, maxOutputTokens: 128_000 };

/** Where a request goes. */
export interface Route {
  readonly model: Model;
  readonly provider: Provider;
  readonly settings: ProviderSettings;
  /** The provider's, where the model has none of its own. */
  readonly quirks: Quirks;
}

export interface Catalog {
  find(name: string): Route | undefined;
  /** Every offer of the model of this name, in the order of the catalogue; none where it has none. */
  offers(name: string): readonly Route[];
  /** Every model that clients may name, by id; open providers' models are not listed. */
  readonly models: readonly Model[];
}

/** The catalogue of the providers that are on. */
export function openCatalog(enabled: ReadonlyMap<string, ProviderSettings>): Catalog {
  const routes = new Map<string, Route>();
  const ambiguous = new Set<string>();
  const models: Model[] = [];
  for (const { model } of LISTINGS) {
    const provider = PROVIDERS.find((candidate) => candidate.id === model.provider);
    const settings = enabled.get(model.provider);
    if (!provider || !settings) continue;
    const quirks = { ...provider.quirks, ...model.quirks };
    const route = { model, provider, settings, quirks };
    models.push(model);
    routes.set(model.id, route);
    if (routes.has(model.upstreamModel)) ambiguous.add(model.upstreamModel);
    else routes.set(model.upstreamModel, route);
  }
  for (const name of ambiguous) routes.delete(name);
  const open = openProviders(enabled);
  const find = (name: string): Route | undefined => routes.get(name) ?? findOpen(open, name);
  return {
    find,
    offers(name) {
      const route = find(name);
      return route ? [route] : [];
    },
    models: models.sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** The program's own price list, as it is published at the start. */
export function builtInPrices(): { readonly prices: readonly PriceDraft[] } {
  const open = PROVIDERS.filter((provider) => provider.openCatalog).map(({ id }) => ({
    model: `${id}/*`,
    effectiveFrom: FREE_FROM,
    rates: FREE,
  }));
  return { prices: [...LISTINGS.map(({ price }) => price), ...open] };
}

const LISTED: ReadonlySet<string> = new Set(LISTINGS.map(({ model }) => model.id));

/** Whether a price of this model could ever hold, be its provider on or off. */
export function isPriceable(name: string): boolean {
  const { providerId, upstreamModel } = splitName(name);
  const isOpen = PROVIDERS.some((each) => each.openCatalog && each.id === providerId);
  return LISTED.has(name) || (isOpen && (upstreamModel === '*' || isOpenModel(upstreamModel)));
}

export function isProvider(id: string): boolean {
  return PROVIDERS.some((provider) => provider.id === id);
}

type OpenProvider = Omit<Route, 'model' | 'quirks'>;

function openProviders(
  enabled: ReadonlyMap<string, ProviderSettings>,
): ReadonlyMap<string, OpenProvider> {
  const open = new Map<string, OpenProvider>();
  for (const provider of PROVIDERS) {
    const settings = enabled.get(provider.id);
    if (provider.openCatalog && settings) open.set(provider.id, { provider, settings });
  }
  return open;
}

function findOpen(open: ReadonlyMap<string, OpenProvider>, name: string): Route | undefined {
  const { providerId, upstreamModel } = splitName(name);
  const found = open.get(providerId);
  if (!found || !isOpenModel(upstreamModel)) return undefined;
  const { provider, settings } = found;
  const model: Model = {
    id: name,
    name: upstreamModel,
    provider: provider.id,
    upstreamModel,
    ...OPEN_MODEL_LIMITS,
  };
  return { model, provider, settings, quirks: provider.quirks };
}

function isOpenModel(upstreamModel: string): boolean {
  return OPEN_MODEL_NAME.test(upstreamModel);
}

function splitName(name: string): { readonly providerId: string; readonly upstreamModel: string } {
  const slash = name.indexOf('/');
  return { providerId: name.slice(0, Math.max(slash, 0)), upstreamModel: name.slice(slash + 1) };
}
