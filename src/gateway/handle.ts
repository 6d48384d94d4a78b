// The gateway's routes: which requests are inference and in which protocol, and the few that a key
// asks about itself. Whatever is not here is answered in the dialect that the client seems to speak.

import { HubError, toHubError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { clientIp } from '../http/client-ip.ts';
import type { Inbound, InboundHandler } from '../http/inbound.ts';
import type { ApiKey } from '../keys/api-key.ts';
import { PROTOCOLS } from '../protocols/list.ts';
import type { Address, Protocol } from '../protocols/protocol.ts';
import { showCredits, showKey, showReceipt } from './account.ts';
import { authenticate } from './authenticate.ts';
import { countTokens } from './count-tokens.ts';
import { answerCourtesy } from './courtesies.ts';
import type { GatewayDeps } from './deps.ts';
import { type Exchange, hubHeaders, openExchange } from './exchange.ts';
import { infer } from './infer.ts';
import { methodOf, readModelCall } from './model-address.ts';
import { listModels, showModel, speaksAnthropic, speaksGemini } from './models.ts';
import { refuse } from './refuse.ts';

interface Work {
  readonly protocol: Protocol;
  readonly serve: (exchange: Exchange, deps: GatewayDeps) => Promise<void>;
}

/** Where clients of each protocol send their requests. */
const POSTS: ReadonlyMap<string, Work> = new Map([
  ['/v1/chat/completions', { protocol: PROTOCOLS['openai-chat'], serve: infer }],
  ['/v1/completions', { protocol: PROTOCOLS['openai-completions'], serve: infer }],
  ['/v1/responses', { protocol: PROTOCOLS['openai-responses'], serve: infer }],
  ['/v1/responses/compact', { protocol: PROTOCOLS['openai-compaction'], serve: infer }],
  ['/v1/messages', { protocol: PROTOCOLS['anthropic-messages'], serve: infer }],
  ['/v1beta/interactions', { protocol: PROTOCOLS['gemini-interactions'], serve: infer }],
  ['/v1/interactions', { protocol: PROTOCOLS['gemini-interactions'], serve: infer }],
  ['/v1/embeddings', { protocol: PROTOCOLS['openai-embeddings'], serve: infer }],
  ['/v1/moderations', { protocol: PROTOCOLS['openai-moderations'], serve: infer }],
  ['/v1/images/generations', { protocol: PROTOCOLS['openai-images'], serve: infer }],
  ['/v1/images/edits', { protocol: PROTOCOLS['openai-image-edits'], serve: infer }],
  ['/v1/images/variations', { protocol: PROTOCOLS['openai-image-variations'], serve: infer }],
  ['/v1/audio/speech', { protocol: PROTOCOLS['openai-speech'], serve: infer }],
  ['/v1/audio/transcriptions', { protocol: PROTOCOLS['openai-transcriptions'], serve: infer }],
  ['/v1/audio/translations', { protocol: PROTOCOLS['openai-translations'], serve: infer }],
  ['/v1/rerank', { protocol: PROTOCOLS.rerank, serve: infer }],
  ['/v1/messages/count_tokens', { protocol: PROTOCOLS['anthropic-messages'], serve: countTokens }],
  ['/v1/responses/input_tokens', { protocol: PROTOCOLS['openai-responses'], serve: countTokens }],
]);

/** What Gemini's clients ask of the model in the address, by the method behind it. */
const MODEL_CALLS: ReadonlyMap<string, Work> = new Map([
  ['generateContent', { protocol: PROTOCOLS.gemini, serve: infer }],
  ['streamGenerateContent', { protocol: PROTOCOLS.gemini, serve: infer }],
  ['countTokens', { protocol: PROTOCOLS.gemini, serve: countTokens }],
  ['embedContent', { protocol: PROTOCOLS['gemini-embeddings'], serve: infer }],
  ['batchEmbedContents', { protocol: PROTOCOLS['gemini-batch-embeddings'], serve: infer }],
]);

type Show = (exchange: Exchange, rest: string, deps: GatewayDeps) => string | Promise<string>;

/** GET routes; a path that ends with a slash takes the rest as its argument. */
const READS: readonly (readonly [path: string, show: Show])[] = [
  ['/v1/models', openly((inbound, key, _, deps) => listModels(inbound, deps, key))],
  ['/v1/models/', openly((inbound, key, id, deps) => showModel(inbound, deps, key, id))],
  ['/v1beta/models', openly((inbound, key, _, deps) => listModels(inbound, deps, key))],
  ['/v1beta/models/', openly((inbound, key, id, deps) => showModel(inbound, deps, key, id))],
  ['/v1/receipts/', withKey((key, id, deps) => showReceipt(key, id, deps))],
  ['/v1/key', withKey((key, _, deps) => showKey(key, deps))],
  ['/v1/credits', withKey((key, _, deps) => showCredits(key, deps))],
];

export function createGateway(deps: GatewayDeps): InboundHandler {
  return (inbound) => {
    const path = pathOf(inbound.url);
    if (answerCourtesy(inbound, path)) return;
    const { work, address } = findWork(inbound, path);
    const ip = clientIp(inbound, deps.trustedProxies);
    const dialect = work?.protocol ?? dialectOf(inbound, path);
    const exchange = openExchange(dialect, address, inbound, ip, deps.clock);
    if (work && inbound.method === 'POST') void work.serve(exchange, deps);
    else void read(exchange, path, deps);
  };
}

/** Whether a request is for inference: the hot path, for which the fast door stands. */
export function isInference(method: string, url: string): boolean {
  return method === 'POST' && (POSTS.has(url) || MODEL_CALLS.has(methodOf(url)));
}

interface Found {
  readonly work?: Work | undefined;
  readonly address: Address | undefined;
}

/** The work of a path; that of a model's method only where it is asked for by POST. */
function findWork({ method, url }: Inbound, path: string): Found {
  const work = POSTS.get(path);
  if (work || method !== 'POST') return { work, address: undefined };
  const call = readModelCall(path, url);
  return { work: call && MODEL_CALLS.get(call.method), address: call?.address };
}

async function read(exchange: Exchange, path: string, deps: GatewayDeps): Promise<void> {
  try {
    refuseStatefulness(exchange.inbound, path);
    const route = READS.find(([prefix]) =>
      prefix.endsWith('/') ? path.startsWith(prefix) && path !== prefix : path === prefix,
    );
    if (!route && !POSTS.has(path)) throw new HubError('not_found');
    // A method of a model that nobody knows.
    if (exchange.address) throw new HubError('not_found');
    if (!route || exchange.inbound.method !== 'GET') throw new HubError('method_not_allowed');
    const [prefix, show] = route;
    const body = Buffer.from(await show(exchange, decodePath(path.slice(prefix.length)), deps));
    const headers = ['content-type', 'application/json', ...hubHeaders(exchange)];
    exchange.inbound.respond(200, headers, body);
  } catch (error) {
    const failure = toHubError(error);
    if (failure.kind.owner === 'hub') deps.log.failed(exchange.id, failure);
    refuse(exchange, failure);
  }
}

/** What Responses and Interactions have, and a hub that stores nothing has not. */
function refuseStatefulness({ method, headers }: Inbound, path: string): void {
  if (path === '/v1/responses' && method === 'GET' && headers['upgrade'] !== undefined) {
    throw new HubError('websocket_unsupported');
  }
  if (path.startsWith('/v1/responses/') && !POSTS.has(path)) {
    throw new HubError('not_found', { message: 'No response is stored here.' });
  }
  if (/^\/v1(?:beta)?\/interactions\//.test(path)) {
    throw new HubError('not_found', { message: 'No interaction is stored here.' });
  }
}

/** What anybody may see; whoever shows a key that works sees what that key may use. */
function openly(
  show: (inbound: Inbound, key: ApiKey | undefined, rest: string, deps: GatewayDeps) => JsonObject,
): Show {
  return async ({ inbound, ip }, rest, deps) => {
    let key: ApiKey | undefined;
    try {
      key = await authenticate(inbound, ip, deps.keys);
    } catch (error) {
      // A key that opens nothing, or that nobody can look up just now, hides nothing either.
      if (!(error instanceof HubError)) throw error;
    }
    return JSON.stringify(show(inbound, key, rest, deps));
  };
}

function withKey(show: (key: ApiKey, rest: string, deps: GatewayDeps) => Promise<string>): Show {
  return async (exchange, rest, deps) =>
    show(await authenticate(exchange.inbound, exchange.ip, deps.keys), rest, deps);
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HubError('not_found');
  }
}

function dialectOf(inbound: Inbound, path: string): Protocol {
  const isGoogles = speaksGemini(inbound) || path.startsWith('/v1/interactions');
  if (isGoogles || readModelCall(path, inbound.url)) return PROTOCOLS.gemini;
  const anthropic = speaksAnthropic(inbound) || path.startsWith('/v1/messages');
  return PROTOCOLS[anthropic ? 'anthropic-messages' : 'openai-chat'];
}
