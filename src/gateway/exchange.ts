// One request and its answer, from the socket on: what is learnt on the way stands here, and becomes
// the usage record at the end. The record's fields are set once each, in the order of the request's life.

import type { Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Nanos } from '../base/money.ts';
import type { Route } from '../catalog/catalog.ts';
import type { Cost, Quote } from '../catalog/price.ts';
import { NO_TOKENS, NO_UNITS, type Usage } from '../chat/usage.ts';
import type { Inbound } from '../http/inbound.ts';
import type { ApiKey } from '../keys/api-key.ts';
import type { KeyMeter } from '../keys/meters.ts';
import { limitHeaders } from '../protocols/limit-headers.ts';
import type { Concession } from '../protocols/concessions.ts';
import type { Address, Protocol } from '../protocols/protocol.ts';
import type { Candidate } from '../routing/plan.ts';
import type { Preferences } from '../routing/preferences.ts';
import type { FailedAttempt, Outcome, UsageRecord } from '../usage/record.ts';
import type { Body } from './body.ts';
import type { BodyRoom } from './body-room.ts';
import { type Admission, capWith } from './hold.ts';

export interface Exchange {
  readonly id: string;
  /** The protocol that the client speaks. */
  readonly protocol: Protocol;
  /** What it says in the address, in protocols that do so. */
  readonly address: Address | undefined;
  readonly inbound: Inbound;
  readonly ip: string | undefined;
  readonly startedAtMs: number;
  readonly startedMonotonicMs: number;
  key: ApiKey | undefined;
  /** Of a key whose use is counted. */
  keyMeter: KeyMeter | undefined;
  /** How the caller wants it to be routed. */
  preferences: Preferences | undefined;
  /** Who can serve it, the best first; the route and the quote are those of the current one. */
  candidates: readonly Candidate[];
  route: Route | undefined;
  /** Price and markup at admission; nothing that is published later touches them. */
  quote: Quote | undefined;
  admission: Admission | undefined;
  /** The length of its body, and about how many tokens its prompt is. */
  bodyBytes: number;
  promptTokens: number;
  /** Until an answer has begun: then it cannot be sent again. */
  body: Body | undefined;
  streamed: boolean;
  attempts: number;
  /** Those that failed and were followed by another, or by a refusal. */
  failedAttempts: readonly FailedAttempt[];
  firstByteMs: number | undefined;
  /** What the provider turned out to refuse, and the next try goes without. */
  concessions: readonly Concession[] | undefined;
  /** A provider's own words about the caller's fault, for a client of the same protocol. */
  refusal: { readonly status: number; readonly body: Buffer } | undefined;
  /** Hints of the client that the provider's protocol cannot say. */
  dropped: readonly string[];
}

const NONE: readonly never[] = Object.freeze([]);

export function openExchange(
  protocol: Protocol,
  address: Address | undefined,
  inbound: Inbound,
  ip: string | undefined,
  clock: Clock,
): Exchange {
  const startedAtMs = clock.wallMs();
  return {
    id: newId('req', startedAtMs),
    protocol,
    address,
    inbound,
    ip,
    startedAtMs,
    startedMonotonicMs: clock.monotonicMs(),
    key: undefined,
    keyMeter: undefined,
    preferences: undefined,
    candidates: NONE,
    route: undefined,
    quote: undefined,
    admission: undefined,
    bodyBytes: 0,
    promptTokens: 0,
    body: undefined,
    streamed: false,
    attempts: 0,
    failedAttempts: NONE,
    firstByteMs: undefined,
    concessions: undefined,
    refusal: undefined,
    dropped: NONE,
  };
}

export interface Ending {
  readonly outcome: Outcome;
  readonly status: number;
  readonly errorCode: ErrorCode | null;
  readonly usage: Usage;
  /** Of the model that served; undefined where none was found. */
  readonly quote: Quote | undefined;
  /** Of the usage at that quote; undefined where it is none or has no price. */
  readonly cost: Cost | undefined;
}

export const NOTHING_USED: Usage = Object.freeze({
  tokens: NO_TOKENS,
  units: NO_UNITS,
  serviceTier: undefined,
  source: 'none',
});

/**
 * The record of a finished exchange; `key` is known by then. 0 <= charge <= hold, whatever the cost.
 * `runId`: the life that the node is in, for a request that held nothing.
 */
export function recordOf(
  exchange: Exchange,
  key: ApiKey,
  ending: Ending,
  clock: Clock,
  runId: string,
): UsageRecord {
  const { admission, route } = exchange;
  const { quote, usage, cost } = ending;
  const { tokens, units, source } = usage;
  const holdNanos = admission?.hold.amountNanos ?? 0n;
  const costNanos = cost?.costNanos ?? 0n;
  const own = exchange.attempts > 0 ? route?.ownCredential : undefined;
  const durationMs = Math.round(clock.monotonicMs() - exchange.startedMonotonicMs);
  return {
    id: exchange.id,
    workspaceId: key.workspaceId,
    keyId: key.keyId,
    book: key.book,
    protocol: exchange.protocol.id,
    streamed: exchange.streamed,
    modelAsked: (exchange.candidates[0]?.route ?? route)?.model.id ?? null,
    modelServed: exchange.attempts > 0 ? (quote?.modelId ?? route?.model.id ?? null) : null,
    provider: exchange.attempts > 0 ? (route?.provider.id ?? null) : null,
    tokens,
    units,
    usageSource: source,
    priceId: cost?.priceId ?? null,
    serviceTier: usage.serviceTier ?? null,
    markupBps: own === undefined ? (quote?.markupBps ?? 0) : 0,
    credentialId: own ?? null,
    feeBps: own === undefined ? null : (exchange.quote?.feeBps ?? 0),
    providerCostNanos: cost?.providerCostNanos ?? 0n,
    holdNanos,
    costNanos,
    chargeNanos: costNanos < holdNanos ? costNanos : holdNanos,
    quarantined: source === 'unreadable',
    outputCap: capOf(exchange),
    outputCapLowered: admission?.lowered ?? false,
    attempts: exchange.attempts,
    failedAttempts: exchange.failedAttempts,
    status: ending.status,
    outcome: ending.outcome,
    errorCode: ending.errorCode,
    firstByteMs: exchange.firstByteMs === undefined ? null : Math.round(exchange.firstByteMs),
    durationMs,
    startedAtMs: exchange.startedAtMs,
    endedAtMs: exchange.startedAtMs + durationMs,
    ip: exchange.ip ?? null,
    runId: admission?.hold.runId ?? runId,
    allowances: admission?.hold.allowances ?? NONE,
  };
}

/** Of answers only where there was a choice: most endpoints give one or none. */
function capOf({ admission, route }: Exchange): number | null {
  if (!admission || (admission.counts === 'choices' && !admission.lowered)) return null;
  return route ? capWith(admission, route.model) : admission.cap;
}

const CAP_HEADERS = Object.freeze({
  outputCap: 'x-inferencehub-output-cap',
  choices: 'x-inferencehub-images-cap',
});

/** The headers of ours on every answer to a client, names and values in turn. */
export function hubHeaders(exchange: Exchange): string[] {
  const { id, protocol, route, admission, dropped } = exchange;
  const headers = [protocol.requestIdHeader, id, 'cache-control', 'no-store'];
  // Every request that a key could be told of leaves a record, refusals too.
  if (exchange.key) headers.push('x-inferencehub-receipt', `/v1/receipts/${id}`);
  if (exchange.keyMeter) headers.push(...standingsOf(exchange.keyMeter, protocol));
  if (route && exchange.attempts > 0) {
    headers.push('x-inferencehub-provider', route.provider.id);
    headers.push('x-inferencehub-model', route.model.id);
  }
  if (exchange.failedAttempts.length > 0) {
    headers.push('x-inferencehub-attempts', attemptsOf(exchange));
  }
  if (admission?.lowered) headers.push(CAP_HEADERS[admission.counts], String(admission.cap));
  if (dropped.length > 0) headers.push('x-inferencehub-dropped', dropped.join(','));
  return headers;
}

function standingsOf(meter: KeyMeter, protocol: Protocol): string[] {
  const standings = meter.standings();
  return protocol.limitHeaders?.(standings) ?? limitHeaders(standings);
}

/** `provider status` of each try that failed, and the provider of the last one. */
function attemptsOf({ failedAttempts, route }: Exchange): string {
  const failed = failedAttempts.map(({ provider, status, errorCode }) => {
    return `${provider} ${status ?? errorCode}`;
  });
  return [...failed, route?.provider.id ?? ''].join(', ');
}

/** Nothing of the request is kept while its answer streams. */
export function forgetBody(exchange: Exchange, room: BodyRoom): void {
  if (!exchange.body) return;
  room.leave(exchange.body.room);
  exchange.body = undefined;
}

/** The charge that a record books; settling it frees the rest of the hold. */
export function settleHold(exchange: Exchange, chargeNanos: Nanos): void {
  exchange.admission?.hold.settle(chargeNanos);
}
