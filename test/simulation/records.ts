// Usage records of simulated requests, as the journal keeps them.

import { NO_TOKENS, NO_UNITS } from '../../src/chat/usage.ts';
import type { Hold } from '../../src/ledger/wallets.ts';
import { encodeRecord } from '../../src/usage/record.ts';
import type { Charge } from './model.ts';

export function encodeCharge(
  charge: Charge,
  { keyId }: { readonly keyId: string },
  hold: Hold,
): string {
  const { requestId, workspaceId, runId, allowances, chargeNanos, quarantined } = charge;
  return encodeRecord({
    id: requestId,
    workspaceId,
    keyId,
    book: 'live',
    protocol: 'openai-chat',
    streamed: true,
    modelAsked: 'sandbox/echo',
    modelServed: 'sandbox/echo',
    provider: 'sandbox',
    tokens: NO_TOKENS,
    units: NO_UNITS,
    usageSource: quarantined ? 'unreadable' : 'provider',
    priceId: null,
    serviceTier: null,
    markupBps: 0,
    credentialId: null,
    feeBps: null,
    providerCostNanos: chargeNanos,
    holdNanos: hold.amountNanos,
    costNanos: chargeNanos,
    chargeNanos,
    quarantined,
    outputCap: null,
    outputCapLowered: false,
    attempts: 1,
    failedAttempts: [],
    status: 200,
    outcome: 'completed',
    errorCode: null,
    firstByteMs: 1,
    durationMs: 2,
    startedAtMs: 1_700_000_000_000,
    endedAtMs: 1_700_000_000_002,
    ip: null,
    runId,
    allowances,
  });
}
