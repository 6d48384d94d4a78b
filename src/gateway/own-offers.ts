// A workspace's own credentials at providers: each makes a further candidate of an offer, before the
// hub's or in its place, at the address at which the hub itself reaches the provider. What the customer
// pays the hub is a fee. Play money never spends a customer's account.

import { type ErrorCode, HubError } from '../base/errors.ts';
import type { Route } from '../catalog/catalog.ts';
import type { ApiKey } from '../keys/api-key.ts';
import type { ProviderSettings } from '../providers/provider.ts';
import type { Candidate, OwnOffers, Shop } from '../routing/plan.ts';
import type { OwnCredential } from '../vault/book.ts';
import type { GatewayDeps } from './deps.ts';

type Deps = Pick<GatewayDeps, 'credentials' | 'byokFeeBps'>;

/** Undefined where it has none. */
export function ownOffers(
  key: Pick<ApiKey, 'book' | 'workspaceId'>,
  { credentials, byokFeeBps }: Deps,
): Shop['ownOf'] {
  if (key.book !== 'live') return undefined;
  const owned = credentials.of(key.workspaceId);
  if (owned.length === 0) return undefined;
  return (offer) => {
    const fitting = owned.filter(({ provider }) => provider === offer.route.provider.id);
    return fitting.length > 0 ? offersBy(fitting, offer, byokFeeBps) : undefined;
  };
}

function offersBy(
  credentials: readonly OwnCredential[],
  { route, quote }: Candidate,
  feeBps: number,
): OwnOffers {
  const own = { ...quote, markupBps: 0, feeBps };
  return {
    candidates: credentials.flatMap((credential) => {
      const routed = routeBy(credential, route);
      return routed ? [{ route: routed, quote: own }] : [];
    }),
    replaceHubs: credentials.some(({ mode }) => mode === 'only'),
  };
}

/** The same objects for each request: connections and heads of requests hang on them. */
interface Opened {
  readonly settings: WeakMap<ProviderSettings, ProviderSettings>;
  readonly routes: WeakMap<Route, Route>;
}

const opened = new WeakMap<OwnCredential, Opened>();

/** Undefined where it cannot be opened. */
function routeBy(credential: OwnCredential, route: Route): Route | undefined {
  let { settings, routes } = opened.get(credential) ?? {};
  if (!settings || !routes) {
    settings = new WeakMap();
    routes = new WeakMap();
    opened.set(credential, { settings, routes });
  }
  let routed = routes.get(route);
  if (!routed) {
    let own = settings.get(route.settings);
    if (!own) {
      const plain = plainOf(credential);
      if (plain === undefined) return undefined;
      // Accounts and weights are of the hub's own credentials.
      const { account: _account, weight: _weight, ...shared } = route.settings;
      own = Object.freeze({ ...shared, credential: plain });
      settings.set(route.settings, own);
    }
    routed = Object.freeze({ ...route, settings: own, ownCredential: credential.id });
    routes.set(route, routed);
  }
  return routed;
}

function plainOf(credential: OwnCredential): string | undefined {
  try {
    return credential.open();
  } catch {
    return undefined;
  }
}

/** What is said of failures that are not the hub's where the credential is the customer's own. */
const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = Object.freeze({
  upstream_rate_limited: "The provider is rate limiting your workspace's own credential.",
  upstream_model_missing:
    "The provider does not serve this model to your workspace's own credential.",
});

/** The failure of a try, as it is to who brought the credential. */
export function failureAt(route: Route | undefined, failure: HubError): HubError {
  if (route?.ownCredential === undefined) return failure;
  const { code, retryAfterSeconds, cause } = failure;
  if (code === 'upstream_refused_hub') return new HubError('own_credential_refused', { cause });
  const message = WORDS[code];
  return message ? new HubError(code, { message, retryAfterSeconds, cause }) : failure;
}
