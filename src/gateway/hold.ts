// Before anything is sent: how much can this request cost at the very most, and does the balance
// cover it? A balance that falls short lowers the output cap, or the number of answers where an
// answer cannot be shorter; one that does not even cover the prompt and a short answer is refused.

import { HubError } from '../base/errors.ts';
import type { Model } from '../catalog/model.ts';
import type { Quote } from '../catalog/price.ts';
import type { ApiKey } from '../keys/cache.ts';
import type { Hold, Wallets } from '../ledger/wallets.ts';
import type { RequestFacts } from '../protocols/protocol.ts';
import { type WorstCase, worstCaseOf } from './worst-case.ts';

/** Less than this is of no use: the request is refused rather than capped below it. */
const LEAST = Object.freeze({ outputCap: 16, choices: 1 });

export interface Admission {
  readonly hold: Hold;
  readonly counts: WorstCase['counts'];
  /** The cap to send upstream, when it is not the one that the client sent. */
  readonly capToSend: number | undefined;
  /** The cap that holds. */
  readonly cap: number;
  /** Whether the balance, not the client or the model, set the cap. */
  readonly lowered: boolean;
}

/**
 * At once where the money is in memory. Throws `insufficient_balance` where the balance does not cover
 * the prompt and a short answer.
 */
export function admit(
  wallets: Wallets,
  key: ApiKey,
  model: Model,
  quote: Quote,
  facts: RequestFacts,
  bodyBytes: number,
): Admission | Promise<Admission> {
  const worst = worstCaseOf(model, quote, facts, bodyBytes);
  const { counts, limit } = worst;
  const asked = counts === 'choices' ? limit : (facts.maxOutputTokens ?? limit);
  const most = worst.costAt(limit);
  const least = worst.costAt(Math.min(limit, LEAST[counts]));
  const held = wallets.hold(key, most, least);
  return held instanceof Promise ? held.then(admitted) : admitted(held);

  function admitted(hold: Hold): Admission {
    if (hold.amountNanos >= most) {
      const capToSend = limit < asked ? limit : undefined;
      return { hold, counts, capToSend, cap: limit, lowered: false };
    }
    const cap = worst.capWithin(hold.amountNanos);
    return { hold, counts, capToSend: cap, cap, lowered: true };
  }
}

/** Which keys reach which models: play money never pays a real provider. */
export function assertKeyMayUse(key: ApiKey, model: Model, livePayments: boolean): void {
  const sandbox = model.provider === 'sandbox';
  if (key.book === 'test' && !sandbox) throw new HubError('test_key_live_model');
  if (key.book === 'live' && sandbox && livePayments) throw new HubError('live_key_sandbox_model');
}
