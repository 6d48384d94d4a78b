// The tries of one request: each is sent, and one that fails before the first byte has reached the
// client may be followed by another; never after it. The answer that begins is relayed to its end.

import { setTimeout as sleep } from 'node:timers/promises';
import { HubError, assert, toHubError } from '../base/errors.ts';
import type { Quote } from '../catalog/price.ts';
import type {
  AnswerContext,
  Quirks,
  RequestFacts,
  UpstreamProtocol,
} from '../protocols/protocol.ts';
import type { Account } from '../providers/provider.ts';
import { keyOf } from '../routing/plan.ts';
import type { UpstreamCall } from '../upstream/port.ts';
import { asArray, wantsArray } from './array-stream.ts';
import type { GatewayDeps } from './deps.ts';
import { nextCandidate, useCandidate } from './choose.ts';
import { createDirectMeter } from './direct-meter.ts';
import { type Exchange, forgetBody, hubHeaders } from './exchange.ts';
import { type Attempt, failedAttempt } from './failed-attempts.ts';
import { type Meter, createMeter } from './meter.ts';
import { encodeUpstreamRequest } from './outgoing.ts';
import { failureAt } from './own-offers.ts';
import { readRefusal } from './refuse.ts';
import { type Relayed, relay } from './relay.ts';
import { chooseWay } from './ways.ts';

/** Tries of one offer before the first byte has reached the client; never after it. */
const MAX_ATTEMPTS = 2;
/** Offers that are tried, each once. */
const MAX_OFFERS = 4;
const FIRST_PAUSE_MS = 250;
/** A provider that wants a longer pause than this is reported to the client instead. */
const LONGEST_PAUSE_MS = 2_000;

export interface Conversation {
  readonly relayed: Relayed;
  readonly meter: Meter;
  /** Sends the head of the answer; with the length of the body where it is known. */
  readonly begin: (contentLength?: number) => void;
}

/** Tries until an answer has begun, and relays it to its end; rejects where none began. */
export async function sendUntilBegun(
  exchange: Exchange,
  facts: RequestFacts,
  deps: GatewayDeps,
): Promise<Conversation> {
  for (;;) {
    const attempt: Attempt = { provider: exchange.route?.provider.id ?? '', status: null };
    const attemptsBefore = exchange.attempts;
    try {
      return await sendOnce(exchange, facts, attempt, deps);
    } catch (error) {
      const failure = failureAt(exchange.route, toHubError(error));
      if (exchange.attempts > attemptsBefore) noteFailure(exchange, attempt, failure, deps);
      if (exchange.inbound.isGone) throw failure;
      if (concede(exchange, attempt)) continue;
      const next = exchange.attempts < MAX_OFFERS ? nextCandidate(exchange, failure) : undefined;
      if (next) {
        useCandidate(exchange, next);
        continue;
      }
      // What was not even sent is not worth waiting for.
      if (exchange.attempts === attemptsBefore) throw failure;
      const pauseMs = pauseBefore(failure, exchange.attempts);
      if (pauseMs === undefined) throw failure;
      await sleep(pauseMs);
    }
  }
}

/** Each thing that an answer can do without is given up once, and the same offer asked again. */
function concede(exchange: Exchange, { concession }: Attempt): boolean {
  const { concessions = [] } = exchange;
  if (concession === undefined || concessions.includes(concession)) return false;
  exchange.concessions = [...concessions, concession];
  exchange.refusal = undefined;
  return true;
}

export function noteFailure(
  exchange: Exchange,
  attempt: Attempt,
  failure: HubError,
  deps: GatewayDeps,
): void {
  const { route, quote, promptTokens } = exchange;
  if (!route || !quote) return;
  const failed = failedAttempt(attempt, failure, quote, promptTokens);
  exchange.failedAttempts = [...exchange.failedAttempts, failed];
  deps.health.failed(keyOf(route), failure);
}

/** How long to wait before the next try; undefined when there must be none. */
function pauseBefore(failure: HubError, attempts: number): number | undefined {
  const { owner, retryable } = failure.kind;
  if (owner !== 'upstream' || !retryable || attempts >= MAX_ATTEMPTS) return undefined;
  // A provider that has taken minutes to fail is not asked for minutes more.
  if (failure.code === 'upstream_timeout') return undefined;
  const wantedMs = (failure.retryAfterSeconds ?? 0) * 1_000;
  if (wantedMs > LONGEST_PAUSE_MS) return undefined;
  return Math.max(wantedMs, FIRST_PAUSE_MS * 2 ** (attempts - 1));
}

/** Throws at once what goes wrong before it is sent. What is sent is not kept for the answer's time. */
function sendOnce(
  exchange: Exchange,
  facts: RequestFacts,
  attempt: Attempt,
  deps: GatewayDeps,
): Promise<Conversation> {
  const { quote } = exchange;
  assert(quote, 'a request has a price before it is sent');
  // Whoever left before this try (while money was leased, or between two tries) owes nothing for it.
  if (exchange.inbound.isGone) throw new HubError('client_closed');
  if (exchange.route) deps.health.enter(keyOf(exchange.route));
  const meter = openMeter(exchange, quote, facts, deps);
  const { protocol, quirks, request } = encodeUpstreamRequest(exchange, facts);
  deps.accounts.begin(request.settings.account, exchange.promptTokens);
  exchange.attempts += 1;
  const call = deps.upstreams.send(request);
  exchange.inbound.onGone = () => call.abort();
  const { account } = request.settings;
  return follow({ exchange, facts, attempt, deps, meter, protocol, quirks, call, account });
}

interface Sent {
  readonly exchange: Exchange;
  readonly facts: RequestFacts;
  readonly attempt: Attempt;
  readonly deps: GatewayDeps;
  readonly meter: Meter;
  /** The provider's. */
  readonly protocol: UpstreamProtocol;
  readonly quirks: Quirks;
  readonly call: UpstreamCall;
  /** The hub's that it was sent with. */
  readonly account: Account | undefined;
}

async function follow(sent: Sent): Promise<Conversation> {
  const { exchange, facts, deps, meter, protocol, call } = sent;
  let refused = false;
  try {
    const answer = await call.answer;
    sent.attempt.status = answer.status;
    if (answer.status !== 200) {
      refused = true;
      throw await readRefusal(exchange, protocol, answer, sent.attempt);
    }
    const chosen = chooseWay({
      upstream: protocol,
      quirks: sent.quirks,
      client: exchange.protocol,
      contentType: answer.contentType,
      facts,
      context: answerContext(exchange, facts, protocol),
      meter,
    });
    const way = wantsArray(exchange.address) ? asArray(chosen) : chosen;
    const begin = (length?: number): void => beginAnswer(exchange, way.contentType, length);
    const markFirstByte = (): void => {
      exchange.firstByteMs ??= deps.clock.monotonicMs() - exchange.startedMonotonicMs;
    };
    const relayed = await relay({
      call,
      answer,
      way,
      inbound: exchange.inbound,
      keepAlives: deps.keepAlives,
      begin,
      onFirstBytes() {
        markFirstByte();
        forgetBody(exchange, deps.bodyRoom);
      },
    });
    markFirstByte();
    return { relayed, meter, begin };
  } catch (error) {
    if (refused || !exchange.inbound.isGone) throw error;
    // The request was on its way when its client left: what it may have cost is metered as cut.
    return { relayed: CLIENT_GONE, meter, begin: () => undefined };
  } finally {
    exchange.inbound.onGone = undefined;
    deps.accounts.end(sent.account, exchange.promptTokens);
  }
}

function openMeter(
  exchange: Exchange,
  quote: Quote,
  facts: RequestFacts,
  deps: GatewayDeps,
): Meter {
  const mostOutTokens = exchange.route?.model.maxOutputTokens ?? 0;
  return exchange.protocol.kind === 'chat'
    ? createMeter(quote, (name) => servedQuote(exchange, name, deps), mostOutTokens * facts.choices)
    : createDirectMeter(quote, facts, mostOutTokens);
}

/** The price at admission of the provider's model with this name, where it is another of the hub's. */
function servedQuote(
  { route, quote }: Exchange,
  upstreamModel: string,
  deps: GatewayDeps,
): Quote | undefined {
  const model = route && deps.catalog.findServed(route.provider.id, upstreamModel);
  if (!model || !quote) return undefined;
  if (model.id === quote.modelId) return quote;
  const served = deps.prices.book().quoteAt(model.id, quote.atMs);
  return served && quote.feeBps !== undefined ? { ...served, feeBps: quote.feeBps } : served;
}

const CLIENT_GONE = Object.freeze({ last: undefined, error: new HubError('client_closed') });

/** While the body is still there: an answer that is written anew may repeat something of it. */
function answerContext(
  exchange: Exchange,
  facts: RequestFacts,
  upstream: UpstreamProtocol,
): AnswerContext {
  const { protocol, body } = exchange;
  const isTranslated = protocol.kind === 'chat' && protocol !== upstream;
  const echo = isTranslated && body ? protocol.echoOf?.(body.whole()) : undefined;
  return {
    requestId: exchange.id,
    model: facts.model,
    createdSeconds: Math.floor(exchange.startedAtMs / 1_000),
    includeUsage: facts.includeUsage,
    ...(echo && { echo }),
  };
}

function beginAnswer(exchange: Exchange, contentType: string, length: number | undefined): void {
  const headers = ['content-type', contentType];
  // nginx in front would otherwise gather the events of a stream.
  if (exchange.streamed) headers.push('x-accel-buffering', 'no');
  headers.push(...hubHeaders(exchange));
  exchange.inbound.begin(200, headers, length);
}
