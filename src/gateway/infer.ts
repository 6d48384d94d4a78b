// The life of a request for inference, in order: authenticate, decode, choose, hold, send, relay,
// settle, journal. No database and no network hop but the provider's lies on this path once the key
// and the lease are in memory.

import { HubError, toHubError } from '../base/errors.ts';
import { inputTokens, outputTokens } from '../chat/usage.ts';
import type { ApiKey } from '../keys/api-key.ts';
import type { RequestFacts } from '../protocols/protocol.ts';
import { keyOf } from '../routing/plan.ts';
import { ROUTING_HEADER, readPreferences } from '../routing/preferences.ts';
import { encodeRecord } from '../usage/record.ts';
import { type Conversation, sendUntilBegun } from './attempts.ts';
import { authenticate } from './authenticate.ts';
import { type Body, readBody } from './body.ts';
import { choose, useCandidate } from './choose.ts';
import type { GatewayDeps } from './deps.ts';
import {
  type Ending,
  type Exchange,
  NOTHING_USED,
  forgetBody,
  recordOf,
  settleHold,
} from './exchange.ts';
import { type Admission, admit } from './hold.ts';
import { hasIdempotencyKey, refuseRepeat, takeIdempotencyKey } from './idempotency.ts';
import { enter } from './key-limits.ts';
import type { Metered } from './meter.ts';
import { promptTokenEstimate } from './prompt.ts';
import { refuse } from './refuse.ts';
import { withoutRouting } from './routing-fields.ts';
import type { Relayed } from './relay.ts';

/** Serves one request to its end; every failure becomes an answer in the client's protocol. */
export async function infer(exchange: Exchange, deps: GatewayDeps): Promise<void> {
  try {
    const found = authenticate(exchange.inbound, exchange.ip, deps.keys);
    const key = found instanceof Promise ? await found : found;
    enter(exchange, key, deps);
    const read = readFacts(exchange, deps);
    const facts = read instanceof Promise ? await read : read;
    choose(exchange, key, facts.model, deps);
    const held = hold(exchange, key, facts, deps);
    if (held) await held;
    finish(exchange, key, await sendUntilBegun(exchange, facts, deps), deps);
  } catch (error) {
    await fail(exchange, toHubError(error), deps);
  } finally {
    exchange.keyMeter?.end();
    forgetBody(exchange, deps.bodyRoom);
  }
}

/** Apart from `infer`, which would keep the body for as long as it runs. */
function readFacts(exchange: Exchange, deps: GatewayDeps): RequestFacts | Promise<RequestFacts> {
  const body = readBody(exchange.inbound, exchange.protocol, deps);
  return body instanceof Promise
    ? body.then((later) => inspect(exchange, later))
    : inspect(exchange, body);
}

function inspect(exchange: Exchange, whole: Body): RequestFacts {
  exchange.preferences = readPreferences(whole.json, exchange.inbound.headers[ROUTING_HEADER]);
  const body = withoutRouting(whole);
  exchange.body = body;
  const facts = exchange.protocol.inspectRequest(body.json, body.files, exchange.address);
  exchange.streamed = facts.stream;
  exchange.bodyBytes = body.bytes.length;
  exchange.promptTokens = promptTokenEstimate(facts, body.bytes.length);
  return facts;
}

/** At once (undefined) where nothing has to be waited for. */
function hold(
  exchange: Exchange,
  key: ApiKey,
  facts: RequestFacts,
  deps: GatewayDeps,
): Promise<void> | undefined {
  // Never unmetered service: what cannot be recorded is not sent.
  if (!deps.journal.healthy()) throw new HubError('journal_unavailable', { retryAfterSeconds: 1 });
  const take = (): Admission | Promise<Admission> =>
    admit(deps.wallets, key, exchange.candidates, facts, exchange.bodyBytes);
  if (hasIdempotencyKey(exchange.inbound)) return holdOnce(exchange, key, take, deps);
  const admission = take();
  if (admission instanceof Promise) return admission.then((later) => admitTo(exchange, later));
  admitTo(exchange, admission);
  return undefined;
}

function admitTo(exchange: Exchange, admission: Admission): void {
  exchange.admission = admission;
  exchange.candidates = admission.candidates;
  useCandidate(exchange, admission.candidates[0]);
}

async function holdOnce(
  exchange: Exchange,
  key: ApiKey,
  take: () => Admission | Promise<Admission>,
  deps: GatewayDeps,
): Promise<void> {
  await refuseRepeat(exchange, key, deps);
  admitTo(exchange, await take());
  await takeIdempotencyKey(exchange, key, deps);
}

/** The answer has ended, well or not: its last bytes wait for the record. */
function finish(
  exchange: Exchange,
  key: ApiKey,
  { relayed, meter, begin }: Conversation,
  deps: GatewayDeps,
): void {
  if (relayed.error && relayed.error.kind.owner !== 'caller') {
    deps.log.failed(exchange.id, relayed.error);
  }
  const { promptTokens } = exchange;
  const metered = relayed.error ? meter.cut(promptTokens) : meter.complete(promptTokens);
  const ending = endingOf(exchange, relayed, metered);
  const { tokens } = metered.usage;
  const used = inputTokens(tokens) + outputTokens(tokens);
  exchange.keyMeter?.spent(used);
  noteHealth(exchange, relayed, metered, used, deps);
  write(exchange, key, ending, deps, (failure) => {
    try {
      // The record is not on disk, so the client must not believe that its answer is complete.
      if (failure) throw failure;
      if (relayed.last === undefined) return exchange.inbound.cut();
      if (!exchange.inbound.isBegun) begin(Buffer.byteLength(relayed.last));
      exchange.inbound.end(relayed.last);
    } catch (error) {
      deps.log.failed(exchange.id, toHubError(error));
      exchange.inbound.cut();
    }
  });
}

/** What this answer tells of the offer that gave it, and of the account. */
function noteHealth(
  { route, firstByteMs, startedMonotonicMs, promptTokens }: Exchange,
  { error }: Relayed,
  { usage }: Metered,
  usedTokens: number,
  { health, accounts, clock }: GatewayDeps,
): void {
  if (!route) return;
  const { account } = route.settings;
  if (account) accounts.spent(account, promptTokens, usedTokens);
  if (error) return health.failed(keyOf(route), error);
  if (firstByteMs === undefined) return;
  const streamMs = clock.monotonicMs() - startedMonotonicMs - firstByteMs;
  health.answered(keyOf(route), firstByteMs, outputTokens(usage.tokens), streamMs);
}

function endingOf(exchange: Exchange, { error }: Relayed, metered: Metered): Ending {
  const { usage, quote, cost } = metered;
  if (!error) return { outcome: 'completed', status: 200, errorCode: null, usage, quote, cost };
  const status = exchange.inbound.isBegun ? 200 : error.kind.status;
  const outcome = error.code === 'client_closed' ? 'client_closed' : 'upstream_broke_off';
  return { outcome, status, errorCode: error.code, usage, quote, cost };
}

/** Settles the hold and writes the record; says when that is on disk, or why it is not. */
function write(
  exchange: Exchange,
  key: ApiKey,
  ending: Ending,
  deps: GatewayDeps,
  done: (error?: HubError) => void,
): void {
  const usageRecord = recordOf(exchange, key, ending, deps.clock, deps.wallets.runId());
  settleHold(exchange, usageRecord.chargeNanos);
  deps.journal.append(encodeRecord(usageRecord), done);
}

/** Resolves once the record is on disk. */
export function record(
  exchange: Exchange,
  key: ApiKey,
  ending: Ending,
  deps: GatewayDeps,
): Promise<void> {
  return new Promise((resolve, reject) => {
    write(exchange, key, ending, deps, (error) => (error ? reject(error) : resolve()));
  });
}

/** Nothing of an answer has reached the client: it gets the error, and pays nothing. */
export async function fail(exchange: Exchange, error: HubError, deps: GatewayDeps): Promise<void> {
  if (error.kind.owner !== 'caller') deps.log.failed(exchange.id, error);
  // While the disk fails, what was never admitted leaves no record: memory would have to keep it.
  if (exchange.key && (exchange.admission || deps.journal.healthy())) {
    const outcome = OUTCOME_BY_OWNER[error.kind.owner];
    const ending: Ending = {
      outcome: error.code === 'client_closed' ? 'client_closed' : outcome,
      status: exchange.inbound.isBegun ? 200 : error.kind.status,
      errorCode: error.code,
      usage: NOTHING_USED,
      quote: exchange.quote,
      cost: undefined,
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
