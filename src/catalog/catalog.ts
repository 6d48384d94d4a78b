// Finds the model and the provider behind the name that a client sends: `provider/model`, or the
// bare name of a model that only one provider has. Providers that are not switched on do not exist.

import type { Quirks } from '../protocols/protocol.ts';
import { PROVIDERS } from '../providers/list.ts';
import type { Provider, ProviderSettings } from '../providers/provider.ts';
import { ANTHROPIC_MODELS } from './anthropic.ts';
import { GEMINI_MODELS } from './gemini.ts';
import type { Model } from './model.ts';
import { OPENAI_MODELS } from './openai.ts';
import { freePrice } from './price.ts';
import { SANDBOX_CATALOG } from './sandbox.ts';

const ALL_MODELS: readonly Model[] = [
  ...OPENAI_MODELS,
  ...ANTHROPIC_MODELS,
  ...GEMINI_MODELS,
  ...SANDBOX_CATALOG,
];

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
  /** Every model that clients may name, by id; open providers' models are not listed. */
  readonly models: readonly Model[];
}

/** The catalogue of the providers that are on. */
export function openCatalog(enabled: ReadonlyMap<string, ProviderSettings>): Catalog {
  const routes = new Map<string, Route>();
  const ambiguous = new Set<string>();
  const models: Model[] = [];
  for (const model of ALL_MODELS) {
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
  return {
    find: (name) => routes.get(name) ?? findOpen(open, name),
    models: models.sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

type OpenProvider = Omit<Route, 'model' | 'quirks'> & { readonly price: Model['price'] };

function openProviders(
  enabled: ReadonlyMap<string, ProviderSettings>,
): ReadonlyMap<string, OpenProvider> {
  const open = new Map<string, OpenProvider>();
  for (const provider of PROVIDERS) {
    const settings = enabled.get(provider.id);
    if (provider.openCatalog && settings) {
      open.set(provider.id, { provider, settings, price: freePrice(provider.id) });
    }
  }
  return open;
}

function findOpen(open: ReadonlyMap<string, OpenProvider>, name: string): Route | undefined {
  const slash = name.indexOf('/');
  const upstreamModel = name.slice(slash + 1);
  const found = open.get(name.slice(0, slash));
  if (!found || !OPEN_MODEL_NAME.test(upstreamModel)) return undefined;
  const { provider, settings, price } = found;
  const model: Model = {
    id: name,
    name: upstreamModel,
    provider: provider.id,
    upstreamModel,
    ...OPEN_MODEL_LIMITS,
    price,
  };
  return { model, provider, settings, quirks: provider.quirks };
}
