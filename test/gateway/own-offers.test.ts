// Of which offers a key's workspace has credentials of its own, and what a failure of one is called.

import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import { failureAt, ownOffers } from '../../src/gateway/own-offers.ts';
import type { OwnCredential } from '../../src/vault/book.ts';
import { offer } from '../routing/offers.ts';

const OFFER = offer('p', '1');
const credential = (id: string, more: Partial<OwnCredential> = {}): OwnCredential => ({
  id,
  provider: 'p',
  mode: 'first',
  open: () => `secret of ${id}`,
  ...more,
});
const UNREADABLE = credential('u', {
  open() {
    throw new HubError('own_credential_unreadable');
  },
});

function offers(
  credentials: readonly OwnCredential[],
  book: 'live' | 'test' = 'live',
  offered = OFFER,
) {
  const key = { workspaceId: 'w', book };
  const deps = {
    credentials: { of: (id: string) => (id === 'w' ? credentials : []) },
    byokFeeBps: 300,
  };
  return ownOffers(key, deps)?.(offered);
}

describe('the offers by own credentials', () => {
  it('lead where the hub’s lead, with the own credential, for the fee', () => {
    const own = offers([credential('a'), credential('b', { provider: 'q' })]);
    expect(own).toMatchObject({ replaceHubs: false });
    const { settings } = OFFER.route;
    expect(own?.candidates).toEqual([
      {
        route: {
          ...OFFER.route,
          settings: { ...settings, credential: 'secret of a' },
          ownCredential: 'a',
        },
        quote: { ...OFFER.quote, markupBps: 0, feeBps: 300 },
      },
    ]);
  });

  it('have nothing of the account and the weight of the hub’s', () => {
    const hubs = offer('p', '1', '1', { account: 'main', weight: 0 });
    const [own] = offers([credential('a')], 'live', hubs)?.candidates ?? [];
    expect(own?.route.settings).toEqual({ ...OFFER.route.settings, credential: 'secret of a' });
  });

  it('are the same objects each time, of the same credential', () => {
    const [a, again] = [credential('a'), credential('a')];
    const routeOf = (each: OwnCredential) => offers([each])?.candidates[0]?.route;
    expect(routeOf(a)).toBe(routeOf(a));
    expect(routeOf(again)?.settings).not.toBe(routeOf(a)?.settings);
  });

  it('replace the hub’s where any of them is the only one wanted, also where none opens', () => {
    expect(offers([credential('a'), credential('b', { mode: 'only' })])?.replaceHubs).toBe(true);
    expect(offers([UNREADABLE])).toEqual({ candidates: [], replaceHubs: false });
    const wanted = offers([{ ...UNREADABLE, mode: 'only' }]);
    expect(wanted).toEqual({ candidates: [], replaceHubs: true });
  });

  it('are none for play money', () => {
    expect(offers([credential('a')], 'test')).toBeUndefined();
  });
});

describe('a failure', () => {
  const own = { ...OFFER.route, ownCredential: 'a' };

  it('of an own credential is not the hub’s', () => {
    expect(failureAt(own, new HubError('upstream_refused_hub')).code).toBe(
      'own_credential_refused',
    );
    const limited = new HubError('upstream_rate_limited', { retryAfterSeconds: 3 });
    expect(failureAt(own, limited)).toMatchObject({
      code: 'upstream_rate_limited',
      retryAfterSeconds: 3,
      message: expect.stringContaining('own credential'),
    });
  });

  it('of another kind, or of the hub’s, stays what it is', () => {
    const failed = new HubError('upstream_failed');
    expect(failureAt(own, failed)).toBe(failed);
    const refused = new HubError('upstream_refused_hub');
    expect(failureAt(OFFER.route, refused)).toBe(refused);
  });
});
