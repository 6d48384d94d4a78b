// How many tokens a request would be, in each protocol that has a call for it. Free, so nothing is held
// and the record's charge is zero. A provider that speaks the client's protocol is asked itself, if it
// counts; for all others the answer is the estimate of docs/billing-rules.md, and a header says so.

import { HubError, assert, toHubError } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import type { Route } from '../catalog/catalog.ts';
import type { TokenCounting } from '../protocols/protocol.ts';
import { countPathOf, nameAt } from '../providers/paths.ts';
import { authenticate } from './authenticate.ts';
import { type Body, readBody } from './body.ts';
import { noteFailure } from './attempts.ts';
import { choose, nextCandidate, useCandidate } from './choose.ts';
import type { GatewayDeps } from './deps.ts';
import { type Exchange, NOTHING_USED, forgetBody, hubHeaders } from './exchange.ts';
import { fail, record } from './infer.ts';
import { speaks } from './outgoing.ts';
import { failureAt } from './own-offers.ts';
import { promptTokenEstimate } from './prompt.ts';
import { enter } from './key-limits.ts';
import { gather, readRefusal } from './refuse.ts';
import { withoutRouting } from './routing-fields.ts';
import type { UpstreamRequest } from '../upstream/port.ts';

const ESTIMATE_HEADER = 'x-inferencehub-estimated';

/** Answers in the client's protocol, every failure too. */
export async function countTokens(exchange: Exchange, deps: GatewayDeps): Promise<void> {
  const counting = countingOf(exchange);
  try {
    const key = await authenticate(exchange.inbound, exchange.ip, deps.keys);
    enter(exchange, key, deps);
    const body = withoutRouting(await readBody(exchange.inbound, exchange.protocol, deps));
    exchange.body = body;
    const facts = counting.inspect(body.json, exchange.address);
    choose(exchange, key, facts.model, deps);
    const { route } = exchange;
    assert(route, 'somebody was chosen');
    const isExact = countPath(exchange, counting, route) !== undefined;
    const estimate = promptTokenEstimate(facts, body.bytes.length);
    const answer = isExact
      ? await askUntilCounted(exchange, counting, body, deps)
      : Buffer.from(JSON.stringify(counting.write(estimate)));
    const ending = { outcome: 'completed', status: 200, errorCode: null } as const;
    const nothing = { usage: NOTHING_USED, quote: undefined, cost: undefined };
    await record(exchange, key, { ...ending, ...nothing }, deps);
    const headers = ['content-type', 'application/json', ...hubHeaders(exchange)];
    if (!isExact) headers.push(ESTIMATE_HEADER, 'true');
    exchange.inbound.respond(200, headers, answer);
  } catch (error) {
    await fail(exchange, toHubError(error), deps);
  } finally {
    exchange.keyMeter?.end();
    forgetBody(exchange, deps.bodyRoom);
  }
}

/** Where the provider counts, undefined where it does not. */
function countPath(
  { protocol }: Exchange,
  counting: TokenCounting,
  route: Route,
): string | undefined {
  const { provider, settings, model, quirks } = route;
  if (!speaks(route, protocol) || quirks.noTokenCounting) return undefined;
  const target = { model: nameAt(settings, model.upstreamModel), stream: false };
  return countPathOf(provider, settings, protocol.id, counting, target);
}

function countingOf({ protocol }: Exchange): TokenCounting {
  const counting = protocol.kind === 'chat' ? protocol.tokenCounting : undefined;
  assert(counting, 'only protocols that count tokens are asked to');
  return counting;
}

/** Tried once, for counting is quickly asked again; but a refused own credential would stay so. */
async function askUntilCounted(
  exchange: Exchange,
  counting: TokenCounting,
  body: Body,
  deps: GatewayDeps,
): Promise<Buffer> {
  for (;;) {
    const { route } = exchange;
    assert(route, 'somebody was chosen');
    try {
      return await askProvider(exchange, counting, route, body, deps);
    } catch (error) {
      const failure = failureAt(route, toHubError(error));
      if (failure.code !== 'own_credential_refused') throw failure;
      const next = nextCandidate(exchange, failure);
      if (!next || countPath(exchange, counting, next.route) === undefined) throw failure;
      noteFailure(exchange, { provider: route.provider.id, status: null }, failure, deps);
      useCandidate(exchange, next);
    }
  }
}

/** The provider's answer as it came. */
async function askProvider(
  exchange: Exchange,
  counting: TokenCounting,
  route: Route,
  body: Body,
  deps: GatewayDeps,
): Promise<Buffer> {
  exchange.attempts += 1;
  const call = deps.upstreams.send(encodeRequest(exchange, counting, route, body));
  exchange.inbound.onGone = () => call.abort();
  try {
    const answer = await call.answer;
    if (answer.status !== 200) throw await readRefusal(exchange, exchange.protocol, answer);
    const bytes = await gather(answer);
    const count = counting.read(parseJson(bytes.toString('utf8')));
    if (count === undefined) throw new HubError('upstream_failed');
    return bytes;
  } catch (error) {
    throw exchange.inbound.isGone ? new HubError('client_closed') : error;
  } finally {
    exchange.inbound.onGone = undefined;
  }
}

function encodeRequest(
  exchange: Exchange,
  counting: TokenCounting,
  route: Route,
  body: Body,
): UpstreamRequest {
  const { provider, settings, model, quirks } = route;
  const { protocol, inbound } = exchange;
  const edits = { model: nameAt(settings, model.upstreamModel) };
  const path = countPath(exchange, counting, route);
  assert(path !== undefined, 'only providers that count are asked');
  return {
    provider,
    settings,
    path,
    headers: {
      accept: 'application/json',
      ...provider.headers,
      ...protocol.forwardHeaders(inbound.headers, body.json, quirks, exchange),
    },
    body: body.edit((json) => (counting.editRequest ?? protocol.editRequest)(json, edits, quirks))
      .parts,
  };
}
