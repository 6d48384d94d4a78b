// Before anything is sent: how much can this request cost at the very most, and does the balance
// cover it? A balance that falls short lowers the output cap; one that does not even cover the
// prompt and a short answer is refused.

import { HubError } from '../base/errors.ts';
import { type Nanos, affordableUnits, chargeNanos } from '../base/money.ts';
import type { Model } from '../catalog/model.ts';
import { worstCase } from '../catalog/price.ts';
import type { ApiKey } from '../keys/cache.ts';
import type { Hold } from '../ledger/wallet.ts';
import type { Wallets } from '../ledger/wallets.ts';
import type { RequestFacts } from '../protocols/protocol.ts';
import { promptTokenBound } from './prompt.ts';

/** An answer shorter than this is of no use: the request is refused rather than capped below it. */
const LEAST_OUTPUT_TOKENS = 16;

export interface Admission {
  readonly hold: Hold;
  /** The cap to send upstream, when it is not the one that the client sent. */
  readonly capToSend: number | undefined;
  /** The cap that holds, per choice. */
  readonly outputCap: number;
  /** Whether the balance, not the client or the model, set the cap. */
  readonly lowered: boolean;
}

/** Throws `insufficient_balance` where the balance does not cover the prompt and a short answer. */
export async function admit(
  wallets: Wallets,
  key: ApiKey,
  model: Model,
  facts: RequestFacts,
  bodyBytes: number,
): Promise<Admission> {
  const promptTokens = promptTokenBound(model, facts, bodyBytes);
  const rates = worstCase(model.price, promptTokens);
  const asked = facts.maxOutputTokens ?? model.maxOutputTokens;
  const limit = Math.min(asked, model.maxOutputTokens);
  const worst = (cap: number): Nanos =>
    chargeNanos([
      { quantity: BigInt(promptTokens), nanosPerMillion: rates.input },
      { quantity: BigInt(cap) * BigInt(facts.choices), nanosPerMillion: rates.output },
    ]);
  const least = worst(Math.min(limit, LEAST_OUTPUT_TOKENS));
  const hold = await wallets.hold(key.book, key.workspaceId, worst(limit), least);
  if (hold.amountNanos >= worst(limit)) {
    return { hold, capToSend: limit < asked ? limit : undefined, outputCap: limit, lowered: false };
  }
  const left = hold.amountNanos - worst(0);
  const cap = Number(affordableUnits(left, rates.output * BigInt(facts.choices)));
  return { hold, capToSend: cap, outputCap: cap, lowered: true };
}

/** Which keys reach which models: play money never pays a real provider. */
export function assertKeyMayUse(key: ApiKey, model: Model, livePayments: boolean): void {
  const sandbox = model.provider === 'sandbox';
  if (key.book === 'test' && !sandbox) throw new HubError('test_key_live_model');
  if (key.book === 'live' && sandbox && livePayments) throw new HubError('live_key_sandbox_model');
}
