// One request and its answer, from the socket on: what is learnt on the way stands here, and becomes
// the usage record at the end. The record's fields are set once each, in the order of the request's life.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Nanos } from '../base/money.ts';
import type { Route } from '../catalog/catalog.ts';
import { costOf } from '../catalog/price.ts';
import { NO_TOKENS, type Usage } from '../chat/usage.ts';
import type { ApiKey } from '../keys/cache.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Outcome, UsageRecord } from '../usage/record.ts';
import type { Admission } from './hold.ts';

export interface Exchange {
  readonly id: string;
  /** The protocol that the client speaks. */
  readonly protocol: Protocol;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly ip: string | undefined;
  readonly startedAtMs: number;
  readonly startedMonotonicMs: number;
  key: ApiKey | undefined;
  route: Route | undefined;
  admission: Admission | undefined;
  streamed: boolean;
  attempts: number;
  firstByteMs: number | undefined;
  /** A provider's own words about the caller's fault, for a client of the same protocol. */
  refusal: { readonly status: number; readonly body: Buffer } | undefined;
  /** Hints of the client that the provider's protocol cannot say. */
  dropped: readonly string[];
}

export function openExchange(
  protocol: Protocol,
  request: IncomingMessage,
  response: ServerResponse,
  ip: string | undefined,
  clock: Clock,
): Exchange {
  const startedAtMs = clock.wallMs();
  return {
    id: newId('req', startedAtMs),
    protocol,
    request,
    response,
    ip,
    startedAtMs,
    startedMonotonicMs: clock.monotonicMs(),
    key: undefined,
    route: undefined,
    admission: undefined,
    streamed: false,
    attempts: 0,
    firstByteMs: undefined,
    refusal: undefined,
    dropped: [],
  };
}

export interface Ending {
  readonly outcome: Outcome;
  readonly status: number;
  readonly errorCode: ErrorCode | null;
  readonly usage: Usage;
}

export const NOTHING_USED: Usage = Object.freeze({ tokens: NO_TOKENS, source: 'none' });

/** The record of a finished exchange; `key` is known by then. 0 <= charge <= hold, whatever the cost. */
export function recordOf(
  exchange: Exchange,
  key: ApiKey,
  ending: Ending,
  clock: Clock,
): UsageRecord {
  const { admission, route } = exchange;
  const { tokens, source } = ending.usage;
  const holdNanos = admission?.hold.amountNanos ?? 0n;
  const cost = route && source !== 'none' ? costOf(route.model.price, tokens) : undefined;
  const costNanos = cost?.costNanos ?? 0n;
  const durationMs = Math.round(clock.monotonicMs() - exchange.startedMonotonicMs);
  return {
    id: exchange.id,
    workspaceId: key.workspaceId,
    keyId: key.keyId,
    book: key.book,
    protocol: exchange.protocol.id,
    streamed: exchange.streamed,
    modelAsked: route?.model.id ?? null,
    modelServed: exchange.attempts > 0 ? (route?.model.id ?? null) : null,
    provider: exchange.attempts > 0 ? (route?.provider.id ?? null) : null,
    tokens,
    usageSource: source,
    priceId: cost?.priceId ?? null,
    holdNanos,
    costNanos,
    chargeNanos: costNanos < holdNanos ? costNanos : holdNanos,
    quarantined: source === 'unreadable',
    outputCap: admission?.outputCap ?? null,
    outputCapLowered: admission?.lowered ?? false,
    attempts: exchange.attempts,
    status: ending.status,
    outcome: ending.outcome,
    errorCode: ending.errorCode,
    firstByteMs: exchange.firstByteMs === undefined ? null : Math.round(exchange.firstByteMs),
    durationMs,
    startedAtMs: exchange.startedAtMs,
    endedAtMs: exchange.startedAtMs + durationMs,
    ip: exchange.ip ?? null,
  };
}

/** The headers of ours on every answer to a client. */
export function hubHeaders(exchange: Exchange): Record<string, string> {
  const { id, protocol, route, admission, dropped } = exchange;
  const headers: Record<string, string> = {
    [protocol.requestIdHeader]: id,
    'cache-control': 'no-store',
  };
  // Every request that a key could be told of leaves a record, refusals too.
  if (exchange.key) headers['x-inferencehub-receipt'] = `/v1/receipts/${id}`;
  if (route && exchange.attempts > 0) {
    headers['x-inferencehub-provider'] = route.provider.id;
    headers['x-inferencehub-model'] = route.model.id;
  }
  if (admission?.lowered) headers['x-inferencehub-output-cap'] = String(admission.outputCap);
  if (dropped.length > 0) headers['x-inferencehub-dropped'] = dropped.join(',');
  return headers;
}

/** The charge that a record books; settling it frees the rest of the hold. */
export function settleHold(exchange: Exchange, chargeNanos: Nanos): void {
  exchange.admission?.hold.settle(chargeNanos);
}
