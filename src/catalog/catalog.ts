// Finds the offers behind the name that a client sends: an offer's own id (`groq/gpt-oss-120b`), or a
// name of the model (`openai/gpt-oss-120b`, `gpt-oss-120b`, an alias, a provider's name for it), which
// every provider of it answers to. Providers that are not switched on do not exist.

import type { Quirks } from '../protocols/protocol.ts';
import { PROVIDERS } from '../providers/list.ts';
import type { Provider, ProviderSettings } from '../providers/provider.ts';
import { PLAIN_CHAT, quirksOf } from './capabilities.ts';
import { LISTINGS } from './listings.ts';
import type { Listing, Model, ModelDataPolicy } from './model.ts';
import type { PriceDraft } from './price-list.ts';

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
  /** The provider's, with what the model's capabilities and the model itself say otherwise. */
  readonly quirks: Quirks;
  /** The id of the customer's own credential that the settings have, where it is not the hub's. */
  readonly ownCredential?: string;
}

export interface Catalog {
  /** The first of the name's offers. */
  find(name: string): Route | undefined;
  /**
   * Every offer that the name means, in the order of the list, with each of the hub's accounts; none
   * where nobody offers it.
   */
  offers(name: string): readonly Route[];
  /** The model that a provider knows by this name. */
  findServed(provider: string, upstreamModel: string): Model | undefined;
  /** Every offer that clients may name, by id; open providers' models are not listed. */
  readonly models: readonly Model[];
}

const NONE: readonly Route[] = Object.freeze([]);

/** The catalogue of the providers that are on. */
export function openCatalog(
  enabled: ReadonlyMap<string, ProviderSettings>,
  listings: readonly Listing[] = LISTINGS,
): Catalog {
  const routes = listings.flatMap((listing) => toRoutes(listing, enabled));
  const byBase = Map.groupBy(routes, ({ model }) => model.base);
  const named = new Map<string, readonly Route[]>();
  for (const [name, base] of namesOf(routes.map(({ model }) => model))) {
    named.set(name, byBase.get(base) ?? NONE);
  }
  // An offer's id is that offer alone, also where it is a name of the model at the same time.
  for (const [id, ofOffer] of Map.groupBy(routes, ({ model }) => model.id)) named.set(id, ofOffer);
  const open = openProviders(enabled);
  const models = [...new Set(routes.map(({ model }) => model))];
  models.sort((a, b) => (a.id < b.id ? -1 : 1));
  const served = servedBy(models);
  const offers = (name: string): readonly Route[] => named.get(name) ?? findOpen(open, name);
  return {
    find: (name) => offers(name)[0],
    offers,
    findServed: (provider, upstreamModel) => served.get(provider)?.get(upstreamModel),
    models,
  };
}

/** By provider and its own name for them; of two the first. */
function servedBy(models: readonly Model[]): ReadonlyMap<string, ReadonlyMap<string, Model>> {
  const byProvider = new Map<string, Map<string, Model>>();
  for (const model of models.toReversed()) {
    const named = byProvider.get(model.provider) ?? new Map<string, Model>();
    byProvider.set(model.provider, named.set(model.upstreamModel, model));
  }
  return byProvider;
}

function toRoutes(
  { model, prices }: Listing,
  enabled: ReadonlyMap<string, ProviderSettings>,
): readonly Route[] {
  const provider = PROVIDERS.find((candidate) => candidate.id === model.provider);
  const settings = enabled.get(model.provider);
  if (!provider || !settings || !isSoldAt(settings.baseUrl, model)) return NONE;
  const hourCaches = prices.at(-1)?.rates.cacheWrite1h !== undefined;
  const facts = { ...quirksOf(model.capabilities), hourCaches };
  const quirks = { ...provider.quirks, ...facts, ...model.quirks };
  return accountsOf(settings).map((each) => ({ model, provider, settings: each, quirks }));
}

/** The settings with each account, or as they are where none was named. */
function accountsOf(settings: ProviderSettings): readonly ProviderSettings[] {
  return settings.accounts ?? [settings];
}

/** Google's cloud says in the address where a request is answered, and prices it accordingly. */
function isSoldAt(address: string, { soldAt }: Model): boolean {
  const isGlobal = /\/locations\/global(\/|$)/.test(address);
  return soldAt === undefined || (soldAt === 'global') === isGlobal;
}

/** The names of every model and whose they are; a name that two models have is nobody's. */
export function namesOf(models: readonly Model[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const { base, aliases, upstreamModel } of models) {
    const slash = base.indexOf('/');
    const maker = base.slice(0, slash);
    const names = [base.slice(slash + 1), ...aliases];
    for (const name of [...names, ...names.map((each) => `${maker}/${each}`), upstreamModel]) {
      if ((owners.get(name) ?? base) !== base) ambiguous.add(name);
      owners.set(name, base);
    }
  }
  for (const name of ambiguous) owners.delete(name);
  return owners;
}

/** The provider's terms, where the offer has none of its own. */
export function dataPolicyOf({
  model,
  provider,
}: Omit<Route, 'quirks' | 'settings'>): ModelDataPolicy {
  const { trainsOnData, retentionDays } = model.dataPolicy ?? provider.dataPolicy;
  return { trainsOnData, retentionDays, zeroRetention: retentionDays === 0 };
}

export function regionsOf({ model, provider }: Pick<Route, 'model' | 'provider'>) {
  return model.regions ?? provider.dataPolicy.regions;
}

/** The program's own price list, as it is published at the start. */
export function builtInPrices(): { readonly prices: readonly PriceDraft[] } {
  const open = PROVIDERS.filter((provider) => provider.openCatalog).map(({ id }) => ({
    model: `${id}/*`,
    effectiveFrom: FREE_FROM,
    rates: FREE,
  }));
  const listed = LISTINGS.filter(({ model }) => isProvider(model.provider));
  return { prices: [...listed.flatMap(({ prices }) => prices), ...open] };
}

const LISTED: ReadonlySet<string> = new Set(
  LISTINGS.flatMap(({ model }) => (isProvider(model.provider) ? [model.id] : [])),
);

/** Whether a price of this model could ever hold, be its provider on or off. */
export function isPriceable(name: string): boolean {
  const { providerId, upstreamModel } = splitName(name);
  const isOpen = PROVIDERS.some((each) => each.openCatalog && each.id === providerId);
  return LISTED.has(name) || (isOpen && (upstreamModel === '*' || isOpenModel(upstreamModel)));
}

const NAMEABLE: ReadonlySet<string> = new Set(
  LISTINGS.flatMap(({ model: { id, base, provider } }) => [id, base, `${provider}/*`]),
);

/**
 * Whether a key may be limited to it: an offer, a model wherever it is offered, or `provider/*`, be the
 * providers on or off.
 */
export function isNameable(name: string): boolean {
  return NAMEABLE.has(name) || isPriceable(name);
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

function findOpen(open: ReadonlyMap<string, OpenProvider>, name: string): readonly Route[] {
  const { providerId, upstreamModel } = splitName(name);
  const found = open.get(providerId);
  if (!found || !isOpenModel(upstreamModel)) return NONE;
  const { provider, settings } = found;
  const model: Model = {
    id: name,
    base: name,
    name: upstreamModel,
    aliases: [],
    provider: provider.id,
    upstreamModel,
    ...OPEN_MODEL_LIMITS,
    // What the server of the operator can is not known; what it cannot it refuses by itself.
    modalities: { input: ['text'], output: ['text'] },
    capabilities: PLAIN_CHAT,
  };
  const { quirks } = provider;
  return accountsOf(settings).map((each) => ({ model, provider, settings: each, quirks }));
}

function isOpenModel(upstreamModel: string): boolean {
  return OPEN_MODEL_NAME.test(upstreamModel);
}

function splitName(name: string): { readonly providerId: string; readonly upstreamModel: string } {
  const slash = name.indexOf('/');
  return { providerId: name.slice(0, Math.max(slash, 0)), upstreamModel: name.slice(slash + 1) };
}
