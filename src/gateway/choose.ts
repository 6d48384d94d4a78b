// Who serves a request: the offers of the model that it names, as far as this client, this key and the
// caller's wishes allow, the best first, with the workspace's own credentials before the hub's. One of
// them is the current one until it has failed.

import { HubError, toHubError } from '../base/errors.ts';
import type { Route } from '../catalog/catalog.ts';
import type { ApiKey } from '../keys/api-key.ts';
import { type Candidate, planRoutes } from '../routing/plan.ts';
import { conversationOf } from '../routing/conversation.ts';
import type { GatewayDeps } from './deps.ts';
import type { Exchange } from './exchange.ts';
import { assertKeyMayUse } from './hold.ts';
import { assertAllowed, refusalByLimits } from './key-limits.ts';
import { assertServes } from './outgoing.ts';
import { ownOffers } from './own-offers.ts';

/** Throws `model_not_found`, or why none of the model's offers can serve. */
export function choose(exchange: Exchange, key: ApiKey, model: string, deps: GatewayDeps): void {
  const { inbound, body, preferences } = exchange;
  assertAllowed(key, model, preferences, deps.catalog);
  const book = deps.prices.book();
  const nowMs = deps.clock.wallMs();
  const conversation = (): string | undefined => conversationOf(inbound.headers, body?.json ?? {});
  exchange.candidates = planRoutes(model, preferences, conversation, {
    catalog: deps.catalog,
    health: deps.health,
    quoteOf: (route) => book.quoteAt(route.model.id, nowMs),
    refuse: (route) => refusalOf(exchange, key, route, deps),
    hasRoom: ({ settings }) => deps.accounts.hasRoom(settings.account, exchange.promptTokens),
    ownOf: ownOffers(key, deps),
  });
  useCandidate(exchange, exchange.candidates[0]);
}

export function useCandidate(exchange: Exchange, candidate: Candidate | undefined): void {
  if (!candidate) throw new HubError('internal');
  exchange.route = candidate.route;
  exchange.quote = candidate.quote;
}

/** The one after the current one that may help after this failure; undefined where there is none. */
export function nextCandidate(
  { candidates, route }: Exchange,
  failure: HubError,
): Candidate | undefined {
  const at = candidates.findIndex((candidate) => candidate.route === route);
  const rest = candidates.slice(at + 1);
  switch (failure.code) {
    case 'context_too_long':
      return rest.find(
        (each) => each.route.model.contextWindow > (route?.model.contextWindow ?? 0),
      );
    // Another provider's protocol may have the words, another credential the right.
    case 'unsupported_parameter':
    case 'own_credential_refused':
      return rest[0];
    case 'upstream_rejected':
      return undefined;
    default:
      return failure.kind.owner === 'upstream' ? rest[0] : undefined;
  }
}

function refusalOf(
  { protocol }: Exchange,
  key: ApiKey,
  route: Route,
  deps: GatewayDeps,
): HubError | undefined {
  const refusal = refusalByLimits(key, route.model);
  if (refusal) return refusal;
  try {
    assertServes(route, protocol);
    assertKeyMayUse(key, route.model, deps.livePayments);
    return undefined;
  } catch (error) {
    return toHubError(error);
  }
}
