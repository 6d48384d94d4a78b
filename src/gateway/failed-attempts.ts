// What a try that failed cost the hub. A provider bills nothing for what it refused; for a request
// that it accepted and did not finish it may bill the prompt, which is estimated at the list price.
// The customer pays none of it to the hub.

import type { HubError } from '../base/errors.ts';
import { type Quote, costOf } from '../catalog/price.ts';
import { NO_TOKENS, NO_UNITS } from '../chat/usage.ts';
import type { Concession } from '../protocols/concessions.ts';
import { isConnectTimeout } from '../upstream/failure.ts';
import type { FailedAttempt } from '../usage/record.ts';

/** One try, from its sending on. */
export interface Attempt {
  readonly provider: string;
  /** The provider's HTTP status, once it has answered. */
  status: number | null;
  /** What it refused of the request, where the answer can do without. */
  concession?: Concession | undefined;
}

/** `promptTokens`: the estimate of the prompt. */
export function failedAttempt(
  attempt: Attempt,
  failure: HubError,
  quote: Quote,
  promptTokens: number,
): FailedAttempt {
  const { provider, status } = attempt;
  const tokens = { ...NO_TOKENS, inUncached: promptTokens };
  const cost = mayBeBilled(status, failure)
    ? costOf(quote, { tokens, units: NO_UNITS })
    : undefined;
  return {
    provider,
    status,
    errorCode: failure.code,
    costNanos: cost?.providerCostNanos ?? 0n,
  };
}

/** A connection that never came about has carried nothing to the provider. */
function mayBeBilled(status: number | null, failure: HubError): boolean {
  if (status === 200) return true;
  return status === null && failure.code === 'upstream_timeout' && !isConnectTimeout(failure);
}
