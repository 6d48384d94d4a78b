// The life of a request for inference, in order: authenticate, decode, choose, hold, send, relay,
// settle, journal. No database and no network hop but the provider's lies on this path once the key
// and the lease are in memory.

import { setTimeout as sleep } from 'node:timers/promises';
import { HubError, assert, toHubError } from '../base/errors.ts';
import type { Quote } from '../catalog/price.ts';
import type { ApiKey } from '../keys/cache.ts';
import type { AnswerContext, RequestFacts } from '../protocols/protocol.ts';
import { encodeRecord } from '../usage/record.ts';
import { authenticate } from './authenticate.ts';
import { type Body, readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import {
  type Ending,
  type Exchange,
  NOTHING_USED,
  hubHeaders,
  recordOf,
  settleHold,
} from './exchange.ts';
import { createDirectMeter } from './direct-meter.ts';
import { type Attempt, failedAttempt } from './failed-attempts.ts';
import { admit, assertKeyMayUse } from './hold.ts';
import { refuseRepeat, takeIdempotencyKey } from './idempotency.ts';
import { type Meter, createMeter } from './meter.ts';
import { encodeUpstreamRequest, upstreamProtocol } from './outgoing.ts';
import { promptTokenEstimate } from './prompt.ts';
import { readRefusal, refuse } from './refuse.ts';
import { type Relayed, relay } from './relay.ts';
import { chooseWay } from './ways.ts';

/** Tries before the first byte has reached the client; never after it. */
const MAX_ATTEMPTS = 2;
const FIRST_PAUSE_MS = 250;
/** A provider that wants a longer pause than this is reported to the client instead. */
const LONGEST_PAUSE_MS = 2_000;

/** Serves one request to its end; every failure becomes an answer in the client's protocol. */
export async function infer(exchange: Exchange, deps: GatewayDeps): Promise<void> {
  try {
    const key = await authenticate(exchange.request, deps.keys);
    exchange.key = key;
    const body = await readBody(exchange.request, exchange.protocol.bodyFormat, deps.maxBodyBytes);
    const facts = exchange.protocol.inspectRequest(body.json, body.files);
    exchange.streamed = facts.stream;
    choose(exchange, key, facts, deps);
    await hold(exchange, key, facts, body, deps);
    await converse(exchange, key, facts, body, deps);
  } catch (error) {
    await fail(exchange, toHubError(error), deps);
  }
}

function choose(exchange: Exchange, key: ApiKey, facts: RequestFacts, deps: GatewayDeps): void {
  const route = deps.catalog.find(facts.model);
  if (!route) throw new HubError('model_not_found', { param: 'model' });
  exchange.route = route;
  upstreamProtocol(route, exchange.protocol);
  assertKeyMayUse(key, route.model, deps.livePayments);
}

async function hold(
  exchange: Exchange,
  key: ApiKey,
  facts: RequestFacts,
  body: Body,
  deps: GatewayDeps,
): Promise<void> {
  if (!exchange.route) throw new HubError('internal');
  // Never unmetered service: what cannot be recorded is not sent.
  if (!deps.journal.healthy()) throw new HubError('journal_unavailable', { retryAfterSeconds: 1 });
  const { model } = exchange.route;
  const quote = deps.prices.book().quoteAt(model.id, deps.clock.wallMs());
  if (!quote) throw new HubError('price_unknown', { param: 'model' });
  exchange.quote = quote;
  await refuseRepeat(exchange, key, deps);
  exchange.admission = await admit(deps.wallets, key, model, quote, facts, body.bytes.length);
  await takeIdempotencyKey(exchange, key, deps);
}

async function converse(
  exchange: Exchange,
  key: ApiKey,
  facts: RequestFacts,
  body: Body,
  deps: GatewayDeps,
): Promise<void> {
  const { relayed, meter, begin } = await sendUntilBegun(exchange, facts, body, deps);
  if (relayed.error && relayed.error.kind.owner !== 'caller') {
    deps.log.failed(exchange.id, relayed.error);
  }
  const promptTokens = promptTokenEstimate(facts, body.bytes.length);
  const metered = relayed.error ? meter.cut(promptTokens) : meter.complete(promptTokens);
  const written = record(exchange, key, { ...endingOf(exchange, relayed), ...metered }, deps);
  try {
    await written;
    if (relayed.last === undefined) {
      exchange.response.destroy();
      return;
    }
    if (!exchange.response.headersSent) begin(Buffer.byteLength(relayed.last));
    exchange.response.end(relayed.last);
  } catch (error) {
    // The record is not on disk, so the client must not believe that its answer is complete.
    deps.log.failed(exchange.id, toHubError(error));
    exchange.response.destroy();
  }
}

interface Conversation {
  readonly relayed: Relayed;
  readonly meter: Meter;
  /** Sends the head of the answer; with the length of the body where it is known. */
  readonly begin: (contentLength?: number) => void;
}

async function sendUntilBegun(
  exchange: Exchange,
  facts: RequestFacts,
  body: Body,
  deps: GatewayDeps,
): Promise<Conversation> {
  for (;;) {
    const attempt: Attempt = { provider: exchange.route?.provider.id ?? '', status: null };
    const attemptsBefore = exchange.attempts;
    try {
      return await sendOnce(exchange, facts, body, attempt, deps);
    } catch (error) {
      const failure = toHubError(error);
      if (exchange.attempts > attemptsBefore && exchange.quote) {
        const promptTokens = promptTokenEstimate(facts, body.bytes.length);
        const failed = failedAttempt(attempt, failure, exchange.quote, promptTokens);
        exchange.failedAttempts.push(failed);
      }
      const pauseMs = pauseBefore(failure, exchange.attempts);
      if (pauseMs === undefined || exchange.response.destroyed) throw failure;
      await sleep(pauseMs);
    }
  }
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

async function sendOnce(
  exchange: Exchange,
  facts: RequestFacts,
  body: Body,
  attempt: Attempt,
  deps: GatewayDeps,
): Promise<Conversation> {
  const { quote } = exchange;
  assert(quote, 'a request has a price before it is sent');
  // Whoever left before this try (while money was leased, or between two tries) owes nothing for it.
  if (exchange.response.destroyed) throw new HubError('client_closed');
  const meter = openMeter(exchange, quote, facts, deps);
  const { protocol: upstream, quirks, request } = encodeUpstreamRequest(exchange, facts, body);
  exchange.attempts += 1;
  const call = deps.upstreams.send(request);
  let refused = false;
  const cancel = (): void => call.abort();
  exchange.response.once('close', cancel);
  try {
    const answer = await call.answer;
    attempt.status = answer.status;
    if (answer.status !== 200) {
      refused = true;
      throw await readRefusal(exchange, upstream, answer);
    }
    const way = chooseWay({
      upstream,
      quirks,
      client: exchange.protocol,
      contentType: answer.contentType,
      facts,
      context: answerContext(exchange, facts),
      meter,
    });
    const begin = (length?: number): void => beginAnswer(exchange, way.contentType, length);
    const markFirstByte = (): void => {
      exchange.firstByteMs ??= deps.clock.monotonicMs() - exchange.startedMonotonicMs;
    };
    const relayed = await relay(call, answer, way, exchange.response, () => {
      markFirstByte();
      begin();
    });
    markFirstByte();
    return { relayed, meter, begin };
  } catch (error) {
    if (refused || !exchange.response.destroyed) throw error;
    // The request was on its way when its client left: what it may have cost is metered as cut.
    return { relayed: CLIENT_GONE, meter, begin: () => undefined };
  } finally {
    exchange.response.off('close', cancel);
  }
}

function openMeter(
  exchange: Exchange,
  quote: Quote,
  facts: RequestFacts,
  deps: GatewayDeps,
): Meter {
  return exchange.protocol.kind === 'chat'
    ? createMeter(quote, (name) => servedQuote(exchange, name, deps))
    : createDirectMeter(quote, facts, exchange.route?.model.maxOutputTokens ?? 0);
}

/** The price at admission of the provider's model with this name, where it is another of the hub's. */
function servedQuote(
  { route, quote }: Exchange,
  upstreamModel: string,
  deps: GatewayDeps,
): Quote | undefined {
  const model = deps.catalog.models.find(
    (each) => each.provider === route?.provider.id && each.upstreamModel === upstreamModel,
  );
  if (!model || !quote) return undefined;
  if (model.id === quote.modelId) return quote;
  return deps.prices.book().quoteAt(model.id, quote.atMs);
}

const CLIENT_GONE = Object.freeze({ last: undefined, error: new HubError('client_closed') });

function answerContext(exchange: Exchange, facts: RequestFacts): AnswerContext {
  return {
    requestId: exchange.id,
    model: facts.model,
    createdSeconds: Math.floor(exchange.startedAtMs / 1_000),
    includeUsage: facts.includeUsage,
  };
}

function beginAnswer(exchange: Exchange, contentType: string, length: number | undefined): void {
  exchange.response.writeHead(200, {
    'content-type': contentType,
    ...(length !== undefined && { 'content-length': String(length) }),
    // nginx in front would otherwise gather the events of a stream.
    ...(exchange.streamed && { 'x-accel-buffering': 'no' }),
    ...hubHeaders(exchange),
  });
}

function endingOf(exchange: Exchange, { error }: Relayed): Omit<Ending, 'usage' | 'quote'> {
  if (!error) return { outcome: 'completed', status: 200, errorCode: null };
  const status = exchange.response.headersSent ? 200 : error.kind.status;
  const outcome = error.code === 'client_closed' ? 'client_closed' : 'upstream_broke_off';
  return { outcome, status, errorCode: error.code };
}

/** Settles the hold and writes the record; resolves once it is on disk. */
export async function record(
  exchange: Exchange,
  key: ApiKey,
  ending: Ending,
  deps: GatewayDeps,
): Promise<void> {
  const usageRecord = recordOf(exchange, key, ending, deps.clock, deps.wallets.runId());
  settleHold(exchange, usageRecord.chargeNanos);
  await deps.journal.append(encodeRecord(usageRecord));
}

/** Nothing of an answer has reached the client: it gets the error, and pays nothing. */
export async function fail(exchange: Exchange, error: HubError, deps: GatewayDeps): Promise<void> {
  if (error.kind.owner !== 'caller') deps.log.failed(exchange.id, error);
  // While the disk fails, what was never admitted leaves no record: memory would have to keep it.
  if (exchange.key && (exchange.admission || deps.journal.healthy())) {
    const outcome = OUTCOME_BY_OWNER[error.kind.owner];
    const ending: Ending = {
      outcome: error.code === 'client_closed' ? 'client_closed' : outcome,
      status: error.kind.status,
      errorCode: error.code,
      usage: NOTHING_USED,
      quote: exchange.quote,
    };
    // A refusal costs nothing, so it is answered even while the journal cannot be written.
    await record(exchange, exchange.key, ending, deps).catch((failure: unknown) =>
      deps.log.failed(exchange.id, toHubError(failure)),
    );
  }
  refuse(exchange, error);
}

const OUTCOME_BY_OWNER = Object.freeze({
  caller: 'refused',
  hub: 'refused',
  upstream: 'upstream_error',
} as const);
