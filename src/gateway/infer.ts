// The life of a request for inference, in order: authenticate, decode, choose, hold, send, relay,
// settle, journal. No database and no network hop but the provider's lies on this path once the key
// and the lease are in memory.

import { setTimeout as sleep } from 'node:timers/promises';
import { HubError, toHubError } from '../base/errors.ts';
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
import { admit, assertKeyMayUse } from './hold.ts';
import { type Meter, createMeter } from './meter.ts';
import { encodeUpstreamRequest } from './outgoing.ts';
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
    const body = await readBody(exchange.request, deps.maxBodyBytes);
    const facts = exchange.protocol.inspectRequest(body.json);
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
  exchange.admission = await admit(deps.wallets, key, model, facts, body.bytes.length);
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
  const usage = relayed.error ? meter.cut(promptTokens) : meter.complete(promptTokens);
  const written = record(exchange, key, { ...endingOf(exchange, relayed), usage }, deps);
  try {
    await written;
    if (relayed.error?.code === 'client_closed') return;
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
    try {
      return await sendOnce(exchange, facts, body, deps);
    } catch (error) {
      const failure = toHubError(error);
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
  deps: GatewayDeps,
): Promise<Conversation> {
  // Whoever left before this try (while money was leased, or between two tries) owes nothing for it.
  if (exchange.response.destroyed) throw new HubError('client_closed');
  const meter = createMeter();
  const { protocol: upstream, quirks, request } = encodeUpstreamRequest(exchange, facts, body);
  exchange.attempts += 1;
  const call = deps.upstreams.send(request);
  let refused = false;
  const cancel = (): void => call.abort();
  exchange.response.once('close', cancel);
  try {
    const answer = await call.answer;
    if (answer.status !== 200) {
      refused = true;
      throw await readRefusal(exchange, upstream, answer);
    }
    const way = chooseWay({
      upstream,
      quirks,
      client: exchange.protocol,
      upstreamStreams: answer.contentType.startsWith('text/event-stream'),
      clientStreams: facts.stream,
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

const CLIENT_GONE = Object.freeze({ last: '', error: new HubError('client_closed') });

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

function endingOf(exchange: Exchange, { error }: Relayed): Omit<Ending, 'usage'> {
  if (!error) return { outcome: 'completed', status: 200, errorCode: null };
  const status = exchange.response.headersSent ? 200 : error.kind.status;
  const outcome = error.code === 'client_closed' ? 'client_closed' : 'upstream_broke_off';
  return { outcome, status, errorCode: error.code };
}

/** Settles the hold and writes the record; resolves once it is on disk. */
async function record(
  exchange: Exchange,
  key: ApiKey,
  ending: Ending,
  deps: GatewayDeps,
): Promise<void> {
  const usageRecord = recordOf(exchange, key, ending, deps.clock);
  settleHold(exchange, usageRecord.chargeNanos);
  await deps.journal.append(encodeRecord(usageRecord));
}

/** Nothing of an answer has reached the client: it gets the error, and pays nothing. */
async function fail(exchange: Exchange, error: HubError, deps: GatewayDeps): Promise<void> {
  if (error.kind.owner !== 'caller') deps.log.failed(exchange.id, error);
  // While the disk fails, what was never admitted leaves no record: memory would have to keep it.
  if (exchange.key && (exchange.admission || deps.journal.healthy())) {
    const outcome = OUTCOME_BY_OWNER[error.kind.owner];
    const ending: Ending = {
      outcome: error.code === 'client_closed' ? 'client_closed' : outcome,
      status: error.kind.status,
      errorCode: error.code,
      usage: NOTHING_USED,
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
