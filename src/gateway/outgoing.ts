// What goes to the provider. Same protocol: the client's own bytes with the declared edits. Another
// protocol: the request decoded and encoded anew. Of the client's headers only those pass that the
// protocol names; its address, cookies, names and keys never do.

import { assert } from '../base/errors.ts';
import { editJson } from '../base/json-edit.ts';
import type { Route } from '../catalog/catalog.ts';
import { PROTOCOLS } from '../protocols/list.ts';
import type { Protocol, Quirks, RequestFacts } from '../protocols/protocol.ts';
import type { Body } from './body.ts';
import type { Exchange } from './exchange.ts';
import type { Admission } from './hold.ts';
import type { UpstreamRequest } from './upstream.ts';

export interface Outgoing {
  /** The protocol that the provider speaks. */
  readonly protocol: Protocol;
  readonly quirks: Quirks;
  readonly request: UpstreamRequest;
}

export function encodeUpstreamRequest(
  exchange: Exchange,
  facts: RequestFacts,
  body: Body,
): Outgoing {
  const { route, admission } = exchange;
  assert(route && admission, 'a request is admitted before it is sent');
  const { provider, settings } = route;
  const protocol = PROTOCOLS[provider.protocol];
  const same = protocol === exchange.protocol;
  return {
    protocol,
    quirks: route.quirks,
    request: {
      provider,
      settings,
      path: protocol.upstreamPath,
      headers: {
        accept: facts.stream ? 'text/event-stream' : 'application/json',
        ...provider.headers,
        ...(same && protocol.forwardHeaders(exchange.request.headers, body.json)),
      },
      body: same
        ? editedBody(protocol, route, admission, body)
        : translatedBody(exchange, protocol, route, admission, body),
    },
  };
}

function editedBody(
  protocol: Protocol,
  route: Route,
  { capToSend }: Admission,
  body: Body,
): Buffer {
  const edits = protocol.editRequest(
    body.json,
    {
      model: route.model.upstreamModel,
      ...(capToSend !== undefined && { outputCap: capToSend }),
    },
    route.quirks,
  );
  const text = editJson(body.text, body.json, edits);
  return text === body.text ? body.bytes : Buffer.from(text);
}

function translatedBody(
  exchange: Exchange,
  upstream: Protocol,
  { model, quirks }: Route,
  { capToSend, outputCap }: Admission,
  body: Body,
): Buffer {
  const request = exchange.protocol.decodeRequest(body.json);
  const maxOutputTokens = capToSend ?? request.maxOutputTokens ?? outputCap;
  const translated = { ...request, model: model.upstreamModel, maxOutputTokens };
  const encoded = upstream.encodeRequest(translated, quirks);
  exchange.dropped = encoded.dropped;
  return Buffer.from(JSON.stringify(encoded.body));
}
