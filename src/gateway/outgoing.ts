// What goes to the provider. Same protocol: the client's own bytes with the declared edits. Another
// protocol: the request decoded and encoded anew. Of the client's headers only those pass that the
// protocol names; its address, cookies, names and keys never do.

import { HubError, assert, toHubError } from '../base/errors.ts';
import type { Route } from '../catalog/catalog.ts';
import { PROTOCOLS } from '../protocols/list.ts';
import type {
  Protocol,
  ProviderProtocol,
  Quirks,
  RequestFacts,
  UpstreamProtocol,
} from '../protocols/protocol.ts';
import { type Body, type EditedBody, JSON_TYPE } from './body.ts';
import type { Exchange } from './exchange.ts';
import { type Admission, capToSend, capWith } from './hold.ts';
import { FRAMINGS } from './framings.ts';
import type { UpstreamRequest } from '../upstream/port.ts';

export interface Outgoing {
  /** The protocol that the provider is spoken to in. */
  readonly protocol: UpstreamProtocol;
  readonly quirks: Quirks;
  readonly request: UpstreamRequest;
}

export function encodeUpstreamRequest(exchange: Exchange, facts: RequestFacts): Outgoing {
  const { route, admission, body } = exchange;
  assert(route && admission && body, 'a request is admitted before it is sent');
  const { provider, settings, model, quirks } = route;
  const client = exchange.protocol;
  const isSame = speaks(route, client);
  const { protocol, sent } = isSame
    ? { protocol: client, sent: editedBody(client, route, admission, body) }
    : translated(exchange, route, admission, body);
  const target = { model: model.upstreamModel, stream: facts.stream };
  return {
    protocol,
    quirks,
    request: {
      provider,
      settings,
      path: provider.paths?.[protocol.id] ?? protocol.upstreamPath(target),
      headers: headersOf(
        route,
        acceptedTypes(protocol, facts),
        sent.contentType,
        isSame ? client.forwardHeaders(exchange.inbound.headers, body.json) : NO_HEADERS,
      ),
      body: sent.parts,
    },
  };
}

/** Throws `invalid_request` where a client asks for what the model does not do. */
export function assertServes(route: Route, client: Protocol): void {
  if (speaks(route, client) || translations(route, client).length > 0) return;
  const protocol = protocolsOf(route)
    .map((id): UpstreamProtocol => PROTOCOLS[id])
    .find(isSpokenByClients);
  // What only providers speak is a conversation, which clients hold in any of their protocols.
  const asked = protocol ?? PROTOCOLS['openai-chat'];
  const path = asked.upstreamPath({ model: route.model.id, stream: false });
  throw new HubError('invalid_request', {
    param: 'model',
    message: `The model ${route.model.id} is not served at this address; ask it at /v1${path}.`,
  });
}

function isSpokenByClients(protocol: UpstreamProtocol): protocol is Protocol {
  return 'inspectRequest' in protocol;
}

function protocolsOf({ model, provider }: Route) {
  return model.protocols ?? provider.protocols;
}

/** Whether a client's bytes can pass. */
export function speaks(route: Route, { id }: Protocol): boolean {
  return protocolsOf(route).includes(id);
}

/** The protocols that a client's conversation can be translated into, the best first. */
function translations(route: Route, client: Protocol): ProviderProtocol[] {
  if (client.kind !== 'chat') return [];
  return protocolsOf(route)
    .map((id): UpstreamProtocol => PROTOCOLS[id])
    .filter((protocol) => protocol.kind === 'chat');
}

function acceptedTypes(protocol: UpstreamProtocol, facts: RequestFacts): string {
  if (protocol.kind === 'direct') return '*/*';
  return facts.stream ? FRAMINGS[protocol.framing].mediaType : JSON_TYPE;
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
  protocol: Protocol,
  route: Route,
  admission: Admission,
  body: Body,
): EditedBody {
  const cap = capToSend(admission, route.model);
  const edits = {
    model: route.model.upstreamModel,
    ...(cap !== undefined && { [admission.counts]: cap }),
  };
  return body.edit((json) => protocol.editRequest(json, edits, route.quirks));
}

/** Into the first protocol that can say it; what none can say is refused in the first one's words. */
function translated(
  exchange: Exchange,
  route: Route,
  admission: Admission,
  body: Body,
): { readonly protocol: ProviderProtocol; readonly sent: EditedBody } {
  const client = exchange.protocol;
  assert(client.kind === 'chat', 'only conversations are translated');
  const request = client.decodeRequest(body.whole(), exchange.address);
  const maxOutputTokens =
    capToSend(admission, route.model) ?? request.maxOutputTokens ?? capWith(admission, route.model);
  const asked = { ...request, model: route.model.upstreamModel, maxOutputTokens };
  let refusal: HubError | undefined;
  for (const protocol of translations(route, client)) {
    try {
      const encoded = protocol.encodeRequest(asked, route.quirks);
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
}
