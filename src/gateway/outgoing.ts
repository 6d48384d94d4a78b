// What goes to the provider. Same protocol: the client's own bytes with the declared edits. Another
// protocol: the request decoded and encoded anew. Of the client's headers only those pass that the
// protocol names; its address, cookies, names and keys never do.

import { Buffer } from 'node:buffer';
import { HubError } from '../base/errors.ts';
import { editJson } from '../base/json-edit.ts';
import { PROTOCOLS } from '../protocols/list.ts';
import type { Protocol, RequestFacts } from '../protocols/protocol.ts';
import type { Body } from './body.ts';
import type { Exchange } from './exchange.ts';
import type { UpstreamRequest } from './upstream.ts';

export interface Outgoing {
  /** The protocol that the provider speaks. */
  readonly protocol: Protocol;
  readonly request: UpstreamRequest;
}

export function encodeUpstreamRequest(
  exchange: Exchange,
  facts: RequestFacts,
  body: Body,
): Outgoing {
  const { route } = exchange;
  if (!route) throw new HubError('internal');
  const { provider, settings } = route;
  const protocol = PROTOCOLS[provider.protocol];
  const same = protocol === exchange.protocol;
  return {
    protocol,
    request: {
      provider,
      settings,
      path: protocol.upstreamPath,
      headers: {
        accept: facts.stream ? 'text/event-stream' : 'application/json',
        ...provider.headers,
        ...(same && forwardedHeaders(exchange)),
      },
      body: same ? editedBody(exchange, body) : translatedBody(exchange, protocol, body),
    },
  };
}

function forwardedHeaders({ protocol, request }: Exchange): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of protocol.forwardedHeaders) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}

function editedBody(exchange: Exchange, body: Body): Buffer {
  const { admission, protocol, route } = exchange;
  if (!route || !admission) throw new HubError('internal');
  const outputCap = admission.capToSend;
  const edits = protocol.editRequest(
    body.json,
    { model: route.model.upstreamModel, ...(outputCap !== undefined && { outputCap }) },
    route.provider.quirks,
  );
  return edits.length === 0 ? body.bytes : Buffer.from(editJson(body.text, body.json, edits));
}

function translatedBody(exchange: Exchange, upstream: Protocol, body: Body): Buffer {
  const { admission, route } = exchange;
  if (!route || !admission) throw new HubError('internal');
  const request = exchange.protocol.decodeRequest(body.json);
  const maxOutputTokens = admission.capToSend ?? request.maxOutputTokens ?? admission.outputCap;
  const encoded = upstream.encodeRequest(
    { ...request, model: route.model.upstreamModel, maxOutputTokens },
    route.provider.quirks,
  );
  exchange.dropped = encoded.dropped;
  return Buffer.from(JSON.stringify(encoded.body));
}
