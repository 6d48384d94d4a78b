// What goes to the provider. Same protocol: the client's own bytes with the declared edits. Another
// protocol: the request decoded and encoded anew. Of the client's headers only those pass that the
// protocol names; its address, cookies, names and keys never do.

import { HubError, assert, toHubError } from '../base/errors.ts';
import type { Route } from '../catalog/catalog.ts';
import { tierFor } from '../catalog/price.ts';
import { withoutSignedThoughts } from '../protocols/concessions.ts';
import { PROTOCOLS } from '../protocols/list.ts';
import { nameAt, pathOf } from '../providers/paths.ts';
import type {
  ChatProtocol,
  Dialect,
  EncodedRequest,
  Protocol,
  ProviderProtocol,
  Quirks,
  RequestFacts,
  UpstreamProtocol,
  UpstreamProtocolId,
} from '../protocols/protocol.ts';
import { type Body, type EditedBody, JSON_TYPE } from './body.ts';
import type { Exchange } from './exchange.ts';
import { type Admission, capToSend, capWith } from './hold.ts';
import { FRAMINGS } from './framings.ts';
import type { UpstreamRequest } from '../upstream/port.ts';

type Translation = ProviderProtocol | Dialect;

export interface Outgoing {
  /** The protocol that the provider is spoken to in. */
  readonly protocol: UpstreamProtocol;
  readonly quirks: Quirks;
  readonly request: UpstreamRequest;
}

export function encodeUpstreamRequest(exchange: Exchange, facts: RequestFacts): Outgoing {
  const { route, admission, body } = exchange;
  assert(route && admission && body, 'a request is admitted before it is sent');
  const { provider, settings, model } = route;
  const quirks = quirksNow(exchange, route);
  const client = exchange.protocol;
  const isSame = speaks(route, client);
  const { protocol, sent } = isSame
    ? { protocol: client, sent: editedBody(exchange, route, admission, body) }
    : translated(exchange, route, admission, body);
  const target = { model: nameAt(settings, model.upstreamModel), stream: facts.stream };
  return {
    protocol,
    quirks,
    request: {
      provider,
      settings,
      path: pathOf(provider, settings, protocol, target),
      headers: headersOf(
        route,
        acceptedTypes(protocol, facts),
        sent.contentType,
        isSame
          ? client.forwardHeaders(exchange.inbound.headers, body.json, quirks, exchange)
          : NO_HEADERS,
      ),
      body: sent.parts,
    },
  };
}

/** Those of the route, and what was learnt of it by this request. */
function quirksNow({ concessions }: Exchange, { quirks }: Route): Quirks {
  if (concessions === undefined) return quirks;
  return { ...quirks, ...Object.fromEntries(concessions.map((name) => [name, true])) };
}

/** Throws `invalid_request` where a client asks for what the model does not do. */
export function assertServes(route: Route, client: Protocol): void {
  if (serves(route, client)) return;
  const [spoken = PROTOCOLS['openai-chat']] = protocolsOf(route).flatMap(clientProtocol);
  const path = spoken.upstreamPath({ model: route.model.id, stream: false });
  throw new HubError('invalid_request', {
    param: 'model',
    message: `The model ${route.model.id} is not served at this address; ask it at /v1${path}.`,
  });
}

/** What clients speak of it; what only providers speak is a conversation, held in any protocol. */
function clientProtocol(id: UpstreamProtocolId): Protocol[] {
  const protocol: UpstreamProtocol = PROTOCOLS[id];
  if (protocol.kind === 'dialect') return [PROTOCOLS[protocol.of]];
  return 'inspectRequest' in protocol ? [protocol] : [];
}

/** Whether a client of this protocol can ask the model, in its own words or translated. */
export function serves(route: Route, client: Protocol): boolean {
  return speaks(route, client) || translations(route, client).length > 0;
}

function protocolsOf({ model, provider }: Route) {
  return model.protocols ?? provider.protocols;
}

/** Whether a client's bytes can pass. */
export function speaks(route: Route, { id }: Protocol): boolean {
  return protocolsOf(route).includes(id);
}

/** The protocols that a client's request can be translated into, the best first. */
function translations(route: Route, client: Protocol): Translation[] {
  // Pictures, and sound alone, are said in the model's own protocol only.
  const { output } = route.model.modalities;
  if (client.kind === 'chat' && (output.includes('image') || !output.includes('text'))) return [];
  return protocolsOf(route)
    .map((id): UpstreamProtocol => PROTOCOLS[id])
    .filter((protocol) => protocol.kind !== 'direct')
    .filter((protocol) =>
      protocol.kind === 'dialect' ? protocol.of === client.id : client.kind === 'chat',
    );
}

function acceptedTypes(protocol: UpstreamProtocol, facts: RequestFacts): string {
  if (protocol.kind === 'direct') return '*/*';
  const isStream = facts.stream && protocol.kind === 'chat';
  return isStream ? FRAMINGS[protocol.framing].contentType : JSON_TYPE;
}

type Headers = UpstreamRequest['headers'];

const NO_HEADERS: Headers = Object.freeze({});
/** Those of requests without headers of the client's are few, and the same objects each time. */
const usualHeaders = new WeakMap<Route, Map<string, Headers>>();

function headersOf(route: Route, accept: string, contentType: string, forwarded: Headers): Headers {
  const build = (): Headers => ({
    accept,
    'content-type': contentType,
    ...route.provider.headers,
    ...forwarded,
  });
  // The type of a form has a boundary that is new each time.
  for (const _ in forwarded) return build();
  if (contentType !== JSON_TYPE) return build();
  let usual = usualHeaders.get(route);
  if (!usual) usualHeaders.set(route, (usual = new Map()));
  let headers = usual.get(accept);
  if (!headers) usual.set(accept, (headers = Object.freeze(build())));
  return headers;
}

function editedBody(
  exchange: Exchange,
  route: Route,
  admission: Admission,
  body: Body,
): EditedBody {
  const quirks = quirksNow(exchange, route);
  const cap = capToSend(admission, route.model);
  const edits = {
    model: nameAt(route.settings, route.model.upstreamModel),
    ...(cap !== undefined && { [admission.counts]: cap }),
    ...(exchange.protocol.kind === 'direct' && isByToken(exchange) && { isByToken: true as const }),
  };
  return body.edit((json) => {
    const made = exchange.protocol.editRequest(json, edits, quirks);
    exchange.dropped = made.flatMap(({ dropped }) => dropped ?? []);
    return made;
  });
}

function isByToken({ quote }: Exchange): boolean {
  return quote !== undefined && tierFor(quote.price, undefined, 0)?.rates.inUncached !== undefined;
}

/** Into the first protocol that can say it; what none can say is refused in the first one's words. */
function translated(
  exchange: Exchange,
  route: Route,
  admission: Admission,
  body: Body,
): { readonly protocol: Translation; readonly sent: EditedBody } {
  const client = exchange.protocol;
  const model = nameAt(route.settings, route.model.upstreamModel);
  const quirks = quirksNow(exchange, route);
  const encode = client.kind === 'chat' ? conversation(client) : dialect;
  let refusal: HubError | undefined;
  for (const protocol of translations(route, client)) {
    try {
      const encoded = encode(protocol);
      exchange.dropped = encoded.dropped;
      const bytes = Buffer.from(JSON.stringify(encoded.body));
      return { protocol, sent: { parts: [bytes], contentType: JSON_TYPE } };
    } catch (error) {
      const failure = toHubError(error);
      if (failure.code !== 'unsupported_parameter') throw error;
      refusal ??= failure;
    }
  }
  throw refusal ?? new HubError('internal');

  function conversation(speaker: ChatProtocol): (protocol: Translation) => EncodedRequest {
    const read = speaker.decodeRequest(body.whole(), exchange.address);
    const request = quirks.refusesThoughts ? withoutSignedThoughts(read) : read;
    const maxOutputTokens =
      capToSend(admission, route.model) ??
      request.maxOutputTokens ??
      capWith(admission, route.model);
    const asked = { ...request, model, maxOutputTokens };
    return (protocol) => {
      assert(protocol.kind === 'chat', 'conversations stay conversations');
      return protocol.encodeRequest(asked, quirks);
    };
  }

  function dialect(protocol: Translation): EncodedRequest {
    assert(protocol.kind === 'dialect', 'a request of no conversation stays one');
    return protocol.encodeRequest({ ...body.whole(), model }, quirks);
  }
}
