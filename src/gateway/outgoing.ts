// What goes to the provider. Same protocol: the client's own bytes with the declared edits. Another
// protocol: the request decoded and encoded anew. Of the client's headers only those pass that the
// protocol names; its address, cookies, names and keys never do.

import { HubError, assert } from '../base/errors.ts';
import type { Route } from '../catalog/catalog.ts';
import { PROTOCOLS } from '../protocols/list.ts';
import type { Protocol, Quirks, RequestFacts } from '../protocols/protocol.ts';
import { type Body, type EditedBody, JSON_TYPE } from './body.ts';
import type { Exchange } from './exchange.ts';
import type { Admission } from './hold.ts';
import type { UpstreamRequest } from '../upstream/port.ts';

export interface Outgoing {
  /** The protocol that the provider speaks. */
  readonly protocol: Protocol;
  readonly quirks: Quirks;
  readonly request: UpstreamRequest;
}

export function encodeUpstreamRequest(exchange: Exchange, facts: RequestFacts): Outgoing {
  const { route, admission, body } = exchange;
  assert(route && admission && body, 'a request is admitted before it is sent');
  const { provider, settings } = route;
  const protocol = upstreamProtocol(route, exchange.protocol);
  const same = protocol === exchange.protocol;
  const sent = same
    ? editedBody(protocol, route, admission, body)
    : translatedBody(exchange, protocol, route, admission, body);
  return {
    protocol,
    quirks: route.quirks,
    request: {
      provider,
      settings,
      path: protocol.upstreamPath,
      headers: headersOf(
        route,
        acceptedTypes(protocol, facts),
        sent.contentType,
        same ? protocol.forwardHeaders(exchange.inbound.headers, body.json) : NO_HEADERS,
      ),
      body: sent.parts,
    },
  };
}

/**
 * The protocol in which the model's provider is spoken to. Throws `invalid_request` where a client
 * asks for what the model does not do.
 */
export function upstreamProtocol({ model, provider }: Route, client: Protocol): Protocol {
  if (provider.endpoints?.some((id) => id === client.id)) return client;
  const protocol = PROTOCOLS[model.protocol ?? provider.protocol];
  if (protocol === client || (protocol.kind === 'chat' && client.kind === 'chat')) return protocol;
  throw new HubError('invalid_request', {
    param: 'model',
    message: `The model ${model.id} is not served at this address; ask it at /v1${protocol.upstreamPath}.`,
  });
}

function acceptedTypes(protocol: Protocol, facts: RequestFacts): string {
  if (protocol.kind === 'direct') return '*/*';
  return facts.stream ? 'text/event-stream' : 'application/json';
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
  { capToSend, counts }: Admission,
  body: Body,
): EditedBody {
  const edits = {
    model: route.model.upstreamModel,
    ...(capToSend !== undefined && { [counts]: capToSend }),
  };
  return body.edit((json) => protocol.editRequest(json, edits, route.quirks));
}

function translatedBody(
  exchange: Exchange,
  upstream: Protocol,
  { model, quirks }: Route,
  { capToSend, cap }: Admission,
  body: Body,
): EditedBody {
  const client = exchange.protocol;
  assert(client.kind === 'chat' && upstream.kind === 'chat', 'only conversations are translated');
  const request = client.decodeRequest(body.whole());
  const maxOutputTokens = capToSend ?? request.maxOutputTokens ?? cap;
  const translated = { ...request, model: model.upstreamModel, maxOutputTokens };
  const encoded = upstream.encodeRequest(translated, quirks);
  exchange.dropped = encoded.dropped;
  const bytes = Buffer.from(JSON.stringify(encoded.body));
  return { parts: [bytes], contentType: JSON_TYPE };
}
