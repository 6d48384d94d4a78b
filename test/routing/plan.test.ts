// In which order the offers of a model are tried: by the caller's wishes, by how they are doing, and
// by the conversation.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/base/errors.ts';
import { BREAKING_FAILURES, type Health, watchHealth } from '../../src/routing/health.ts';
import { keyOf, planRoutes } from '../../src/routing/plan.ts';
import { NO_PREFERENCES, type Preferences } from '../../src/routing/preferences.ts';
import { type Offer, offer } from './offers.ts';
import { manualClock } from './time.ts';

const CHEAP = offer('cheap', '1', '2', { retentionDays: 30 });
const MIDDLE = offer('middle', '2', '4', { regions: ['eu'] });
const DEAR = offer('dear', '3', '6', { trainsOnData: true });
const ALL = [DEAR, CHEAP, MIDDLE];

interface Asked {
  readonly model?: string;
  readonly wishes?: Partial<Preferences>;
  readonly conversation?: string;
  readonly offers?: Readonly<Record<string, readonly Offer[]>>;
  readonly health?: Health;
  readonly refuse?: (id: string) => HubError | undefined;
  readonly hasRoom?: (account: string | undefined) => boolean;
}

function plan(asked: Asked = {}): string[] {
  return planned(asked).map(({ route }) => route.provider.id);
}

/** The labels of the accounts. */
function planAccounts(asked: Asked): (string | undefined)[] {
  return planned(asked).map(({ route }) => route.settings.account?.label);
}

function planned(asked: Asked) {
  const offers = asked.offers ?? { m: ALL };
  const all = Object.values(offers).flat();
  return planRoutes(
    asked.model ?? 'm',
    { ...NO_PREFERENCES, ...asked.wishes },
    () => asked.conversation,
    {
      catalog: { offers: (name) => (offers[name] ?? []).map(({ route }) => route) },
      health: asked.health ?? watchHealth(manualClock()),
      quoteOf: (route) => all.find((each) => each.route === route)?.quote,
      refuse: ({ model }) => asked.refuse?.(model.id),
      hasRoom: ({ settings }) => asked.hasRoom?.(settings.account?.label) ?? true,
    },
  );
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as HubError).code;
  }
  return 'none';
}

describe('the plan of a request', () => {
  it.each<readonly [string, Partial<Preferences>, string[]]>([
    ['by price', { sort: 'price' }, ['cheap', 'middle', 'dear']],
    ['in an order', { order: ['dear', 'middle', 'cheap'] }, ['dear', 'middle', 'cheap']],
    [
      'an order by single offers',
      { order: ['middle/m'], sort: 'price' },
      ['middle', 'cheap', 'dear'],
    ],
    ['only some', { only: ['dear', 'middle'], sort: 'price' }, ['middle', 'dear']],
    ['all but some', { ignore: ['middle'], sort: 'price' }, ['cheap', 'dear']],
    ['in a region', { regions: ['eu'] }, ['middle']],
    ['without retention', { zeroRetention: true, sort: 'price' }, ['middle', 'dear']],
    ['without training', { noTraining: true, sort: 'price' }, ['cheap', 'middle']],
    [
      'no dearer prompt than',
      { maxPrice: { prompt: 2_000_000_000n }, sort: 'price' },
      ['cheap', 'middle'],
    ],
    ['no dearer answer than', { maxPrice: { completion: 2_000_000_000n } }, ['cheap']],
    ['none but the first', { allowFallbacks: false, sort: 'price' }, ['cheap']],
    [
      'none but the ordered',
      { allowFallbacks: false, order: ['dear', 'cheap'] },
      ['dear', 'cheap'],
    ],
  ])('%s', (_, wishes, expected) => {
    expect(plan({ wishes, conversation: 'c' })).toEqual(expected);
  });

  it('sorts by the suffix of the name', () => {
    expect(plan({ model: 'm:floor' })).toEqual(['cheap', 'middle', 'dear']);
    const health = watchHealth(manualClock());
    health.answered(keyOf(DEAR.route), 10, 1_000, 1_000);
    health.answered(keyOf(CHEAP.route), 10, 100, 1_000);
    expect(plan({ model: 'm:nitro', health })[0]).toBe('dear');
  });

  it('sorts by what was measured, and what was not comes last', () => {
    const health = watchHealth(manualClock());
    health.answered(keyOf(DEAR.route), 100, 10, 1);
    health.answered(keyOf(MIDDLE.route), 50, 10, 1);
    const wishes = { sort: 'latency' } as const;
    expect(plan({ wishes, health })).toEqual(['middle', 'dear', 'cheap']);
  });

  it('goes on to the models that are named as fallbacks, in their order', () => {
    const other = offer('other', '9', '9', { model: 'o' });
    const offers = { m: [CHEAP], o: [other], p: [DEAR] };
    expect(plan({ offers, wishes: { fallbacks: ['p', 'nobody', 'o'] } })).toEqual([
      'cheap',
      'dear',
      'other',
    ]);
    expect(plan({ offers, model: 'nobody', wishes: { fallbacks: ['o'] } })).toEqual(['other']);
  });

  it('says why there is none', () => {
    expect(codeOf(() => plan({ model: 'nobody' }))).toBe('model_not_found');
    expect(codeOf(() => plan({ wishes: { only: ['nobody'] } }))).toBe('no_provider');
    expect(codeOf(() => plan({ offers: { m: [CHEAP] }, wishes: { ignore: ['cheap'] } }))).toBe(
      'no_provider',
    );
    const refuse = (): HubError => new HubError('test_key_live_model');
    expect(codeOf(() => plan({ refuse }))).toBe('test_key_live_model');
  });

  it('leaves out whom the request cannot reach', () => {
    const refuse = (id: string) => (id === 'cheap/m' ? new HubError('invalid_request') : undefined);
    expect(plan({ refuse, wishes: { sort: 'price' } })).toEqual(['middle', 'dear']);
  });
});

describe('a conversation', () => {
  it('stays where it is, whatever the order of the catalogue', () => {
    fc.assert(
      fc.property(fc.string(), (conversation) => {
        const [first] = plan({ conversation });
        expect(plan({ conversation, offers: { m: ALL.toReversed() } })[0]).toBe(first);
      }),
    );
  });

  it('moves only when its own provider goes, and comes back with it', () => {
    fc.assert(
      fc.property(fc.string(), (conversation) => {
        const [first, second] = plan({ conversation });
        const gone = { m: ALL.filter(({ route }) => route.provider.id !== first) };
        expect(plan({ conversation, offers: gone })[0]).toBe(second);
        const other = { m: ALL.filter(({ route }) => route.provider.id !== second) };
        expect(plan({ conversation, offers: other })[0]).toBe(first);
      }),
    );
  });

  it('goes to the cheaper one as often as the square of the prices says', () => {
    const offers = { m: [offer('a', '1'), offer('b', '2')] };
    const firsts = Array.from(
      { length: 5_000 },
      (_, i) => plan({ conversation: `c${i}`, offers })[0],
    );
    const share = firsts.filter((id) => id === 'a').length / firsts.length;
    // Four of five; the deviation of the share is 0.0057.
    expect(share).toBeGreaterThan(0.77);
    expect(share).toBeLessThan(0.83);
  });

  it('avoids a broken circuit and one that asked for rest', () => {
    const clock = manualClock();
    const health = watchHealth(clock);
    const wishes = { sort: 'price' } as const;
    health.failed(
      keyOf(CHEAP.route),
      new HubError('upstream_rate_limited', { retryAfterSeconds: 9 }),
    );
    expect(plan({ wishes, health })).toEqual(['middle', 'dear', 'cheap']);
    clock.advance(9_001);
    expect(plan({ wishes, health })).toEqual(['cheap', 'middle', 'dear']);
    for (let i = 0; i < BREAKING_FAILURES; i++) {
      health.failed(keyOf(CHEAP.route), new HubError('upstream_failed'));
    }
    expect(plan({ wishes, health })).toEqual(['middle', 'dear', 'cheap']);
    health.answered(keyOf(CHEAP.route), 1, 1, 1);
    expect(plan({ wishes, health })).toEqual(['cheap', 'middle', 'dear']);
  });
});

describe('weights and accounts', () => {
  const accounts = ['one', 'two', 'three'].map((account) =>
    offer('a', '1', '1', { account, weight: 1 / 3 }),
  );
  const names = Array.from({ length: 3_000 }, (_, i) => `c${i}`);

  it.each<readonly [string, readonly Offer[], number]>([
    [
      'three times the weight is three of four',
      [offer('a', '1', '1', { weight: 3 }), offer('b', '1')],
      0.75,
    ],
    ['no weight is no first place', [offer('a', '1', '1', { weight: 0 }), offer('b', '1')], 0],
    ['three accounts share what their provider gets', [...accounts, offer('b', '1')], 0.5],
  ])('%s', (_, offers, expected) => {
    const firsts = names.map((conversation) => plan({ conversation, offers: { m: offers } })[0]);
    const share = firsts.filter((id) => id === 'a').length / firsts.length;
    // Four deviations of the share of 3 000.
    expect(Math.abs(share - expected)).toBeLessThanOrEqual(
      4 * Math.sqrt((expected * (1 - expected)) / 3_000),
    );
  });

  it('who has no weight still serves where the others are gone', () => {
    const offers = { m: [offer('a', '1', '1', { weight: 0 }), offer('b', '1')] };
    expect(plan({ conversation: 'c', offers })).toEqual(['b', 'a']);
  });

  it('who has no weight is not brought forward by a sorting, but by an order', () => {
    const offers = { m: [offer('a', '1', '1', { weight: 0 }), offer('b', '2')] };
    expect(plan({ wishes: { sort: 'price' }, offers })).toEqual(['b', 'a']);
    expect(plan({ wishes: { order: ['a'] }, offers })).toEqual(['a', 'b']);
  });

  it('those without any weight share conversations as others do', () => {
    const offers = { m: ['a', 'b'].map((id) => offer(id, '1', '1', { weight: 0 })) };
    const share = names.filter((conversation) => plan({ conversation, offers })[0] === 'a').length;
    expect(Math.abs(share / names.length - 1 / 2)).toBeLessThan(0.04);
  });

  it('who wants no fallback still gets the other accounts of the first choice, and nobody else', () => {
    const offers = { m: [offer('b', '2'), ...accounts] };
    const wishes = { allowFallbacks: false, sort: 'price' } as const;
    expect(plan({ conversation: 'c', wishes, offers })).toEqual(['a', 'a', 'a']);
  });

  it('a conversation keeps its account, and all accounts get some', () => {
    const firsts = names.map((conversation) => {
      const [first] = planAccounts({ conversation, offers: { m: accounts } });
      expect(planAccounts({ conversation, offers: { m: accounts.toReversed() } })[0]).toBe(first);
      return first;
    });
    for (const label of ['one', 'two', 'three']) {
      const share = firsts.filter((each) => each === label).length / firsts.length;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.04);
    }
  });

  it('accounts of one price share the conversations also where the price decides', () => {
    const wishes = { sort: 'price' } as const;
    const firsts = names.map(
      (conversation) => planAccounts({ conversation, wishes, offers: { m: accounts } })[0],
    );
    expect(new Set(firsts)).toEqual(new Set(['one', 'two', 'three']));
  });

  it('an account without room comes after those that have some', () => {
    const hasRoom = (label: string | undefined) => label === 'two';
    for (const conversation of names.slice(0, 50)) {
      expect(planAccounts({ conversation, hasRoom, offers: { m: accounts } })[0]).toBe('two');
    }
  });

  it('an account fails by itself', () => {
    const health = watchHealth(manualClock());
    const [first] = planned({ conversation: 'c', offers: { m: accounts } });
    if (!first) throw new Error('nobody serves');
    health.failed(keyOf(first.route), new HubError('upstream_refused_hub'));
    const [next] = planAccounts({ conversation: 'c', offers: { m: accounts }, health });
    expect(next).not.toBe(first.route.settings.account?.label);
  });
});
