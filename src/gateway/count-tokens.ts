// POST /v1/messages/count_tokens: how many tokens a Messages request would be. Free, so nothing is held
// and the record's charge is zero. Anthropic's models are asked themselves; for all others the answer
// is the estimate of docs/billing-rules.md, and a header says so.

import { HubError, toHubError } from '../base/errors.ts';
import { isObject, parseJson } from '../base/json.ts';
import type { Route } from '../catalog/catalog.ts';
import { PROTOCOLS } from '../protocols/list.ts';
import { authenticate } from './authenticate.ts';
import { type Body, readBody } from './body.ts';
import type { GatewayDeps } from './deps.ts';
import { type Exchange, NOTHING_USED, forgetBody, hubHeaders } from './exchange.ts';
import { assertKeyMayUse } from './hold.ts';
import { fail, record } from './infer.ts';
import { promptTokenEstimate } from './prompt.ts';
import { gather, readRefusal } from './refuse.ts';
import type { UpstreamRequest } from '../upstream/port.ts';

const UPSTREAM_PATH = '/messages/count_tokens';
const ESTIMATE_HEADER = 'x-inferencehub-estimated';

/** Answers `{"input_tokens": n}`; every failure becomes an answer in the client's protocol. */
export async function countTokens(exchange: Exchange, deps: GatewayDeps): Promise<void> {
  try {
    const key = await authenticate(exchange.inbound.headers, deps.keys);
    exchange.key = key;
    const body = await readBody(exchange.inbound, exchange.protocol, deps);
    exchange.body = body;
    // The cap is no part of this request; everything else is judged as in the one that it is about.
    const facts = exchange.protocol.inspectRequest({ max_tokens: 0, ...body.json });
    const route = deps.catalog.find(facts.model);
    if (!route) throw new HubError('model_not_found', { param: 'model' });
    exchange.route = route;
    assertKeyMayUse(key, route.model, deps.livePayments);
    const isExact = PROTOCOLS[route.provider.protocol] === exchange.protocol;
    const answer = isExact
      ? await askProvider(exchange, route, body, deps)
      : Buffer.from(`{"input_tokens":${promptTokenEstimate(facts, body.bytes.length)}}`);
    const ending = { outcome: 'completed', status: 200, errorCode: null } as const;
    const nothing = { usage: NOTHING_USED, quote: undefined, cost: undefined };
    await record(exchange, key, { ...ending, ...nothing }, deps);
    const headers = ['content-type', 'application/json', ...hubHeaders(exchange)];
    if (!isExact) headers.push(ESTIMATE_HEADER, 'true');
    exchange.inbound.respond(200, headers, answer);
  } catch (error) {
    await fail(exchange, toHubError(error), deps);
  } finally {
    forgetBody(exchange, deps.bodyRoom);
  }
}

/** The provider's answer as it came. Tried once: counting is quickly asked again. */
async function askProvider(
  exchange: Exchange,
  route: Route,
  body: Body,
  deps: GatewayDeps,
): Promise<Buffer> {
  exchange.attempts += 1;
  const call = deps.upstreams.send(encodeRequest(exchange, route, body));
  exchange.inbound.onGone = () => call.abort();
  try {
    const answer = await call.answer;
    if (answer.status !== 200) throw await readRefusal(exchange, exchange.protocol, answer);
    const bytes = await gather(answer);
    const count = parseJson(bytes.toString('utf8'));
    if (!isObject(count) || typeof count['input_tokens'] !== 'number') {
      throw new HubError('upstream_failed');
    }
    return bytes;
  } catch (error) {
    throw exchange.inbound.isGone ? new HubError('client_closed') : error;
  } finally {
    exchange.inbound.onGone = undefined;
  }
}

function encodeRequest(exchange: Exchange, route: Route, body: Body): UpstreamRequest {
  const { provider, settings, model, quirks } = route;
  const { protocol, inbound } = exchange;
  return {
    provider,
    settings,
    path: UPSTREAM_PATH,
    headers: {
      accept: 'application/json',
      ...provider.headers,
      ...protocol.forwardHeaders(inbound.headers, body.json),
    },
    body: body.edit((json) => protocol.editRequest(json, { model: model.upstreamModel }, quirks))
      .parts,
  };
}
