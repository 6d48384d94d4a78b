// Where the customer's own credentials stand among the offers of a model.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import { type Health, BREAKING_FAILURES, watchHealth } from '../../src/routing/health.ts';
import { type Candidate, type OwnOffers, keyOf, planRoutes } from '../../src/routing/plan.ts';
import { NO_PREFERENCES, type Preferences } from '../../src/routing/preferences.ts';
import { offer } from './offers.ts';
import { manualClock } from './time.ts';

const CHEAP = offer('cheap', '1');
const DEAR = offer('dear', '3');
/** Another account of the hub's at the same provider. */
const DEAR_TOO = { ...DEAR, route: { ...DEAR.route, settings: { ...DEAR.route.settings } } };

function own(of: Candidate, ...credentials: readonly string[]): readonly Candidate[] {
  return credentials.map((ownCredential) => ({
    route: { ...of.route, ownCredential },
    quote: { ...of.quote, feeBps: 500 },
  }));
}

interface Asked {
  readonly offers?: readonly Candidate[];
  readonly wishes?: Partial<Preferences>;
  readonly conversation?: string;
  readonly health?: Health;
}

/** `owned`: by provider. */
function plan(owned: Readonly<Record<string, OwnOffers>>, asked: Asked = {}): string[] {
  const offers = asked.offers ?? [CHEAP, DEAR];
  return planRoutes(
    'm',
    { ...NO_PREFERENCES, sort: 'price', ...asked.wishes },
    () => asked.conversation ?? 'c',
    {
      catalog: { offers: () => offers.map(({ route }) => route) },
      health: asked.health ?? watchHealth(manualClock()),
      quoteOf: (route) => offers.find((each) => each.route === route)?.quote,
      refuse: () => undefined,
      ownOf: ({ route }) => owned[route.provider.id],
    },
  ).map(({ route }) => route.ownCredential ?? route.provider.id);
}

const first = (candidates: readonly Candidate[]): OwnOffers => ({ candidates, replaceHubs: false });
const only = (candidates: readonly Candidate[]): OwnOffers => ({ candidates, replaceHubs: true });

describe('own credentials', () => {
  it('go before all of the hub’s, by whatever these are sorted', () => {
    expect(plan({ dear: first(own(DEAR, 'a')) })).toEqual(['a', 'cheap', 'dear']);
    const wishes = { order: ['cheap', 'dear'] };
    expect(plan({ dear: first(own(DEAR, 'a')) }, { wishes })).toEqual(['a', 'cheap', 'dear']);
  });

  it('take the place of the hub’s at their provider, and of no other’s', () => {
    expect(plan({ dear: only(own(DEAR, 'a')) })).toEqual(['a', 'cheap']);
  });

  it('come once, however many accounts the hub has at the provider', () => {
    const offers = [CHEAP, DEAR, DEAR_TOO];
    const owned = own(DEAR, 'a');
    expect(plan({ dear: first(owned) }, { offers })).toEqual(['a', 'cheap', 'dear', 'dear']);
    expect(plan({ dear: only(owned) }, { offers })).toEqual(['a', 'cheap']);
  });

  it('serve only where the offer suits the caller', () => {
    const wishes = { ignore: ['dear'] };
    expect(plan({ dear: first(own(DEAR, 'a')) }, { wishes })).toEqual(['cheap']);
  });

  it('that cannot be opened let nobody else serve where only they may', () => {
    const refusal = () => plan({ dear: only([]) }, { offers: [DEAR] });
    expect(refusal).toThrow(expect.objectContaining({ code: 'own_credential_unreadable' }));
    expect(plan({ dear: only([]) })).toEqual(['cheap']);
    expect(plan({ dear: first([]) }, { offers: [DEAR] })).toEqual(['dear']);
  });

  it('share conversations among them, each of which stays with one', () => {
    const owned = { dear: first(own(DEAR, 'a', 'b', 'c')) };
    const sorted = { sort: undefined };
    const firsts = Array.from({ length: 60 }, (_, i) => {
      const asked = { conversation: `c${i}`, wishes: sorted };
      const [chosen] = plan(owned, asked);
      expect(plan(owned, asked)[0]).toBe(chosen);
      return chosen;
    });
    expect(new Set(firsts)).toEqual(new Set(['a', 'b', 'c']));
  });

  it('have a health each: one that is refused again and again waits behind the hub’s', () => {
    const health = watchHealth(manualClock());
    const [a, b] = own(DEAR, 'a', 'b');
    for (let i = 0; i < BREAKING_FAILURES; i++) {
      health.failed(keyOf(a!.route), new HubError('own_credential_refused'));
    }
    const owned = { dear: first([a!, b!]) };
    expect(plan(owned, { health })).toEqual(['b', 'cheap', 'dear', 'a']);
    expect([health.isWell(keyOf(b!.route)), health.isWell(keyOf(DEAR.route))]).toEqual([
      true,
      true,
    ]);
  });
});
