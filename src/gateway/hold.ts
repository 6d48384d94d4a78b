// Before anything is sent: how much can this request cost at the very most, and does the balance
// cover it? A balance that falls short lowers the output cap, or the number of answers where an
// answer cannot be shorter; one that does not even cover the prompt and a short answer is refused.

import { HubError, toHubError } from '../base/errors.ts';
import type { Model } from '../catalog/model.ts';
import type { ApiKey } from '../keys/api-key.ts';
import type { Hold, Wallets } from '../ledger/wallets.ts';
import type { Quirks, RequestFacts } from '../protocols/protocol.ts';
import type { Candidate } from '../routing/plan.ts';
import { type WorstCase, dearestOf, worstCaseOf } from './worst-case.ts';

/** Less than this is of no use: the request is refused rather than capped below it. */
const LEAST = Object.freeze({ outputCap: 16, choices: 1 });

export interface Admission {
  readonly hold: Hold;
  /** Whose worst case the hold covers; nobody else may serve. */
  readonly candidates: readonly Candidate[];
  readonly counts: WorstCase['counts'];
  /** What the client asked for; undefined leaves it to the model. */
  readonly asked: number | undefined;
  /** The cap that holds, where the model allows as much. */
  readonly cap: number;
  /** Whether the balance, not the client or the model, set the cap. */
  readonly lowered: boolean;
}

/**
 * At once where the money is in memory. Throws `insufficient_balance` where the balance does not cover
 * the prompt and a short answer of the first candidate.
 */
export function admit(
  wallets: Wallets,
  key: ApiKey,
  candidates: readonly Candidate[],
  facts: RequestFacts,
  bodyBytes: number,
): Admission | Promise<Admission> {
  const priced = pricedFor(candidates, facts, bodyBytes);
  if (priced.length === 1) return take(wallets, key, priced, facts);
  return takeForMany(wallets, key, priced, facts);
}

interface Priced {
  readonly candidate: Candidate;
  readonly worst: WorstCase;
}

/** The candidates that sell what is asked for. Throws the first one's refusal where none does. */
function pricedFor(
  candidates: readonly Candidate[],
  facts: RequestFacts,
  bodyBytes: number,
): readonly Priced[] {
  const priced: Priced[] = [];
  let refusal: unknown;
  for (const candidate of candidates) {
    const { route, quote } = candidate;
    try {
      const billed = withSearches(facts, route.quirks);
      priced.push({ candidate, worst: worstCaseOf(route.model, quote, billed, bodyBytes) });
    } catch (error) {
      refusal ??= error;
    }
  }
  if (priced.length === 0) throw refusal;
  return priced;
}

/** The facts with what the provider bills for every answer, asked for or not. */
export function withSearches(facts: RequestFacts, quirks: Quirks): RequestFacts {
  return quirks.searchesEachAnswer ? { ...facts, units: { searchUnits: 1 } } : facts;
}

/**
 * Who cannot pay for the dearest of all may still pay for the best of them, or for the cheapest. And
 * what a customer's own credential can answer is not cut short for the sake of the hub's, which costs
 * far more.
 */
async function takeForMany(
  wallets: Wallets,
  key: ApiKey,
  priced: readonly Priced[],
  facts: RequestFacts,
): Promise<Admission> {
  const own = priced.filter(({ candidate }) => candidate.route.ownCredential !== undefined);
  const isOwnFirst = own.length > 0 && own[0] === priced[0];
  try {
    const admission = await take(wallets, key, priced, facts);
    if (!admission.lowered || !isOwnFirst) return admission;
    admission.hold.settle(0n);
  } catch (error) {
    if (toHubError(error).kind.status !== 402) throw error;
  }
  if (isOwnFirst) return take(wallets, key, own, facts);
  try {
    return await take(wallets, key, priced.slice(0, 1), facts);
  } catch (error) {
    const cheapest = cheapestOf(priced);
    if (toHubError(error).kind.status !== 402 || cheapest === priced[0]) throw error;
    return take(wallets, key, [cheapest], facts);
  }
}

function cheapestOf(priced: readonly Priced[]): Priced {
  const cost = ({ worst }: Priced) => worst.costAt(Math.min(worst.limit, LEAST[worst.counts]));
  return priced.reduce((best, each) => (cost(each) < cost(best) ? each : best));
}

function take(
  wallets: Wallets,
  key: ApiKey,
  priced: readonly Priced[],
  facts: RequestFacts,
): Admission | Promise<Admission> {
  const candidates = priced.map(({ candidate }) => candidate);
  const worst = dearestOf(priced.map((each) => each.worst));
  const { counts, limit } = worst;
  const asked = counts === 'choices' ? limit : facts.maxOutputTokens;
  const most = worst.costAt(limit);
  const least = worst.costAt(Math.min(limit, LEAST[counts]));
  const held = wallets.hold(key, most, least);
  return held instanceof Promise ? held.then(admitted) : admitted(held);

  function admitted(hold: Hold): Admission {
    const lowered = hold.amountNanos < most;
    const cap = lowered ? worst.capWithin(hold.amountNanos) : limit;
    return { hold, candidates, counts, asked, cap, lowered };
  }
}

/** The cap that holds at this model. */
export function capWith({ counts, cap }: Admission, model: Model): number {
  return counts === 'choices' ? cap : Math.min(cap, model.maxOutputTokens);
}

/** The cap to send to this model, where it is not the one that the client sent. */
export function capToSend(admission: Admission, model: Model): number | undefined {
  const { asked, lowered } = admission;
  const cap = capWith(admission, model);
  const isLess = asked === undefined ? lowered : cap < asked;
  return isLess ? cap : undefined;
}

/** Which keys reach which models: play money never pays a real provider. */
export function assertKeyMayUse(key: ApiKey, model: Model, livePayments: boolean): void {
  const sandbox = model.provider === 'sandbox';
  if (key.book === 'test' && !sandbox) throw new HubError('test_key_live_model');
  if (key.book === 'live' && sandbox && livePayments) throw new HubError('live_key_sandbox_model');
}
