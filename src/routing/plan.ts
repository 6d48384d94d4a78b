// Which offers can serve a request, the best first. A conversation goes to the offer that it went to
// before, by rendezvous hashing (each offer draws a number from the conversation's name, weighted by
// how cheap it is): no node has to remember or tell another, and an offer that fails or comes back
// moves its own conversations only. A caller's own order or sorting goes before that, and before all of
// it the customer's own credentials, as long as they are well.

import { HubError } from '../base/errors.ts';
import type { Nanos } from '../base/money.ts';
import { type Catalog, type Route, dataPolicyOf, regionsOf } from '../catalog/catalog.ts';
import { type Quote, addedTo, tierFor } from '../catalog/price.ts';
import { spread } from './conversation.ts';
import type { Health } from './health.ts';
import { NO_PREFERENCES, type Preferences, splitSuffix } from './preferences.ts';

export interface Candidate {
  readonly route: Route;
  readonly quote: Quote;
}

export interface Shop {
  readonly catalog: Pick<Catalog, 'offers'>;
  readonly health: Health;
  quoteOf(route: Route): Quote | undefined;
  /** Why an offer cannot serve this request; undefined where it can. */
  refuse(route: Route): HubError | undefined;
  /** Whether the hub's account of an offer is below its limits; true where it has none. */
  hasRoom?(route: Route): boolean;
  /** The customer's own credentials for an offer; undefined where there are none. */
  readonly ownOf?: ((offer: Candidate) => OwnOffers | undefined) | undefined;
}

export interface OwnOffers {
  /** The same offer with each of them. */
  readonly candidates: readonly Candidate[];
  /** Whether the hub's own credential must not serve. */
  readonly replaceHubs: boolean;
}

/** `conversation`: names it, where that can be told; asked for only where there is a choice. */
export function planRoutes(
  model: string,
  preferences: Preferences = NO_PREFERENCES,
  conversation: () => string | undefined,
  shop: Shop,
): readonly Candidate[] {
  const { name, sort } = splitSuffix(model);
  const wishes = sort === undefined ? preferences : { ...preferences, sort };
  let told: string | undefined;
  let failure: HubError | undefined;
  const planned = [name, ...wishes.fallbacks].flatMap((each) => {
    const found = gather(each, shop);
    failure ??= found.failure;
    const suited = found.candidates.filter((candidate) => suits(candidate, wishes));
    if (found.candidates.length > 0 && suited.length === 0) failure ??= new HubError('no_provider');
    const offered = withOwn(suited, shop);
    if (offered.length < suited.length) failure ??= new HubError('own_credential_unreadable');
    if (offered.length < 2) return offered;
    told ??= conversation() ?? String(Math.random());
    const ranked = rank(offered, wishes, told, shop);
    return wishes.allowFallbacks || wishes.order.length > 0 ? ranked : firstOf(ranked);
  });
  if (planned.length === 0) throw failure ?? new HubError('model_not_found', { param: 'model' });
  return planned;
}

/** The first choice alone, be it with whichever of the hub's accounts there. */
function firstOf(ranked: readonly Candidate[]): readonly Candidate[] {
  const [first] = ranked;
  if (first?.route.settings.account === undefined) return ranked.slice(0, 1);
  return ranked.filter(
    ({ route }) => route.model.id === first.route.model.id && route.settings.account !== undefined,
  );
}

interface Gathered {
  readonly candidates: readonly Candidate[];
  /** Why there is none, or one less. */
  readonly failure: HubError | undefined;
}

function gather(name: string, { catalog, quoteOf, refuse }: Shop): Gathered {
  const candidates: Candidate[] = [];
  let failure: HubError | undefined;
  for (const route of catalog.offers(name)) {
    const refusal = refuse(route);
    const quote = refusal ? undefined : quoteOf(route);
    if (quote) candidates.push({ route, quote });
    else failure ??= refusal ?? new HubError('price_unknown', { param: 'model' });
  }
  return { candidates, failure };
}

/** A model of a provider at which the hub has several accounts is offered as often, and meant once. */
function withOwn(offers: readonly Candidate[], { ownOf }: Shop): readonly Candidate[] {
  if (!ownOf) return offers;
  const seen = new Set<string>();
  return offers.flatMap((offer) => {
    const own = ownOf(offer);
    if (!own) return [offer];
    const candidates = seen.has(offer.route.model.id) ? [] : own.candidates;
    seen.add(offer.route.model.id);
    return own.replaceHubs ? candidates : [...candidates, offer];
  });
}

function suits({ route, quote }: Candidate, wishes: Preferences): boolean {
  const { order, allowFallbacks, only, ignore, regions, zeroRetention, noTraining, maxPrice } =
    wishes;
  const { trainsOnData, zeroRetention: keepsNothing } = dataPolicyOf(route);
  if (only && !only.some((name) => isNamed(route, name))) return false;
  if (!allowFallbacks && order.length > 0 && !order.some((name) => isNamed(route, name))) {
    return false;
  }
  if (ignore.some((name) => isNamed(route, name))) return false;
  if (regions && !regionsOf(route).some((place) => regions.includes(place))) return false;
  if (zeroRetention && !keepsNothing) return false;
  if (noTraining && trainsOnData) return false;
  return !maxPrice || isWithin(quote, maxPrice);
}

/** By its provider, or as this very offer. */
function isNamed({ model, provider }: Route, name: string): boolean {
  return provider.id === name || model.id === name;
}

function isWithin(quote: Quote, { prompt, completion }: NonNullable<Preferences['maxPrice']>) {
  const { input, output } = soldAt(quote);
  return (
    (prompt === undefined || input <= prompt) && (completion === undefined || output <= completion)
  );
}

/** What the caller pays for a million tokens, markup included, rounded up. */
function soldAt(quote: Quote): { readonly input: Nanos; readonly output: Nanos } {
  const rates = tierFor(quote.price, undefined, 0)?.rates ?? {};
  const share = BigInt(10_000 + addedTo(quote));
  const withMarkup = (rate: Nanos = 0n): Nanos => (rate * share + 9_999n) / 10_000n;
  return { input: withMarkup(rates.inUncached), output: withMarkup(rates.outText) };
}

/**
 * The ones that can take it first, own ones before others; then the caller's order, what has no weight
 * behind what has some, the sorting, the draw.
 */
function rank(
  candidates: readonly Candidate[],
  { order, sort }: Preferences,
  conversation: string,
  { health, hasRoom }: Shop,
): Candidate[] {
  const ranked = candidates.map((candidate) => {
    const key = keyOf(candidate.route);
    const place = order.findIndex((name) => isNamed(candidate.route, name));
    return {
      candidate,
      isFree: health.isWell(key) && (hasRoom?.(candidate.route) ?? true),
      isOwn: candidate.route.ownCredential !== undefined,
      place: place < 0 ? order.length : place,
      isSpare: candidate.route.settings.weight === 0,
      score: scoreOf(candidate, sort, health),
      draw: -Math.log(spread(conversation, key)) / weightOf(candidate),
    };
  });
  return ranked
    .sort(
      (a, b) =>
        Number(b.isFree) - Number(a.isFree) ||
        Number(b.isOwn) - Number(a.isOwn) ||
        a.place - b.place ||
        Number(a.isSpare) - Number(b.isSpare) ||
        a.score - b.score ||
        a.draw - b.draw,
    )
    .map(({ candidate }) => candidate);
}

/** Under which an offer's health is kept: each credential fails, and is limited, by itself. */
export function keyOf({ model, settings, ownCredential }: Route): string {
  const credential = ownCredential ?? settings.account?.label;
  return credential === undefined ? model.id : `${model.id} ${credential}`;
}

/** The lower, the sooner. */
function scoreOf({ route, quote }: Candidate, sort: Preferences['sort'], health: Health): number {
  const key = keyOf(route);
  switch (sort) {
    case 'price':
      return priceOf(quote);
    case 'latency':
      return health.latencyMs(key) ?? Number.MAX_VALUE;
    case 'throughput':
      return -(health.throughput(key) ?? 0);
    case undefined:
      return 0;
  }
}

/** Three parts of prompt and one of answer; prices are compared here, never charged. */
function priceOf(quote: Quote): number {
  const { input, output } = soldAt(quote);
  return Number(3n * input + output) / 4;
}

/**
 * A provider of half the price gets four times as many conversations, and the operator's share of it.
 * What has no weight draws as if it had: it is among its like alone.
 */
function weightOf({ route, quote }: Candidate): number {
  const price = Math.max(priceOf(quote), 1);
  return (route.settings.weight || 1) / (price * price);
}
