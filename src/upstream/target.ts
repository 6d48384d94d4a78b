// What both clients agree on: where a request goes, what it says of the hub, which addresses may be
// connected to. Only an address that the operator set may lead into a private network; a public name
// that resolves there is refused.

import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { systemClock } from '../base/clock.ts';
import type { Provider, ProviderSettings } from '../providers/provider.ts';
import { signRequest } from './aws-signature.ts';
import type { UpstreamRequest } from './port.ts';

const JSON_TYPE = 'application/json';

export const CONNECT_TIMEOUT_MS = 10_000;
/** A finished answer whose connection does not come to rest is cut after this. */
export const LINGER_MS = 2_000;

/** What every request to this provider carries unless it says otherwise; names in lower case. */
export function usualHeaders(
  provider: Provider,
  settings: ProviderSettings,
): Record<string, string> {
  return {
    'content-type': JSON_TYPE,
    'accept-encoding': 'identity',
    'user-agent': 'inferencehub',
    ...authorization(provider, settings),
  };
}

function authorization(provider: Provider, settings: ProviderSettings): Record<string, string> {
  const { auth } = provider;
  const { credential } = settings;
  // Those that sign do so for each request anew, and tokens come with the request.
  if (typeof credential !== 'string') return {};
  // A server of the operator's own may be asked with a key though it needs none.
  return auth === 'bearer' || auth === 'aws' || auth === 'none'
    ? { authorization: `Bearer ${credential}` }
    : { [auth]: credential };
}

/** The headers of this request's own, with its signature where its provider wants one. */
export function ownHeaders(request: UpstreamRequest, base: URL): UpstreamRequest['headers'] {
  const { settings, headers, path, body } = request;
  const { credential } = settings;
  if (typeof credential !== 'object' || !('secretAccessKey' in credential)) return headers;
  const signed = {
    host: base.host,
    path: pathBelow(base, path),
    contentType: headers['content-type'] ?? JSON_TYPE,
    body,
  };
  return { ...headers, ...signRequest(credential, signed, systemClock.wallMs()) };
}

export function pathBelow(base: URL, path: string): string {
  return base.pathname === '/' ? path : `${base.pathname}${path}`;
}

export function lengthOf(body: readonly Buffer[]): number {
  let bytes = 0;
  for (const part of body) bytes += part.length;
  return bytes;
}

/** dns.lookup that fails where a name leads to anything but public unicast addresses. */
export const lookUpPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const refused = addresses?.some(({ address }) => ipaddr.process(address).range() !== 'unicast');
    if (error || refused || !addresses[0]) {
      const failure = error ?? new Error(`${hostname} does not lead to a public address`);
      callback(failure, '', 4);
    } else if (options.all) callback(null, addresses);
    else callback(null, addresses[0].address, addresses[0].family);
  });
};
