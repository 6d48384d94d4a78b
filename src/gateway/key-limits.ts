// What a key's own limits say of a request: whether it may ask models at all, how much it may ask at the
// moment, and which models of which providers. A key without limits passes by all of it.

import { HubError } from '../base/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Model } from '../catalog/model.ts';
import type { ApiKey } from '../keys/api-key.ts';
import type { KeyLimits } from '../keys/limits.ts';
import { type Preferences, splitSuffix } from '../routing/preferences.ts';
import type { GatewayDeps } from './deps.ts';
import type { Exchange } from './exchange.ts';

/** Before anything of the body is read. Throws `key_not_allowed` or `rate_limited`. */
export function enter(exchange: Exchange, key: ApiKey, { keyMeters }: GatewayDeps): void {
  exchange.key = key;
  if (key.entersFreely) return;
  if (!key.limits.scopes.includes('inference')) {
    const message = 'Only an API key with the scope inference can ask models.';
    throw new HubError('key_not_allowed', { message });
  }
  exchange.keyMeter = keyMeters.open(key);
  exchange.keyMeter?.begin();
}

/** Throws `key_not_allowed` where a model that is asked for, if only as a fallback, is none of the key's. */
export function assertAllowed(
  { limits }: ApiKey,
  model: string,
  preferences: Preferences | undefined,
  catalog: Catalog,
): void {
  if (limits.models === null) return;
  const asked = splitSuffix(model).name;
  for (const name of [asked, ...(preferences?.fallbacks ?? [])]) {
    const offers = catalog.offers(name);
    if (offers.length === 0 || offers.some((offer) => allowsModel(limits, offer.model))) continue;
    const param = name === asked ? 'model' : 'models';
    const message = 'This API key may not ask this model.';
    throw new HubError('key_not_allowed', { param, message });
  }
}

/** Why the key has nothing of this offer; undefined where it has. */
export function refusalByLimits({ limits }: ApiKey, model: Model): HubError | undefined {
  if (!allowsModel(limits, model)) {
    return new HubError('key_not_allowed', { message: 'This API key may not ask this model.' });
  }
  if (allowsProvider(limits, model)) return undefined;
  const message = 'This API key may not ask any provider of this model.';
  return new HubError('key_not_allowed', { message });
}

/** A model's name stands for it at every provider, `provider/*` for all that is offered there. */
function allowsModel({ models }: KeyLimits, { id, base, provider }: Model): boolean {
  if (models === null) return true;
  return models.includes(id) || models.includes(base) || models.includes(`${provider}/*`);
}

function allowsProvider({ providers }: KeyLimits, { provider }: Model): boolean {
  return providers === null || providers.includes(provider);
}
