// From where somebody signs in, as they will recognise it: browser, system, and the network that the
// address belongs to. The full User-Agent and the full address are not kept with a session.

import Bowser from 'bowser';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { clientIp } from '../http/client-ip.ts';
import type { ClientPlace } from '../identity/sessions.ts';
import type { ConsoleDeps } from './deps.ts';

/** Longer than any browser's; what is beyond is not looked at. */
const MOST_AGENT_CHARACTERS = 400;
const MOST_DEVICE_CHARACTERS = 80;
/** What a person recognises, and what tells nobody where they live. */
const PLACE_BITS = { ipv4: 24, ipv6: 48 } as const;
/** What one customer of an internet provider has, and may take any address of. */
const CUSTOMER_BITS = { ipv4: 32, ipv6: 64 } as const;

export function placeOf(deps: ConsoleDeps, request: FastifyRequest): ClientPlace {
  const address = addressOf(deps, request);
  return {
    device: describeDevice(request.headers['user-agent'] ?? ''),
    ipPrefix: address === undefined ? null : prefixOf(address),
  };
}

/** The client's address, or undefined when the socket is gone. */
export function addressOf(deps: ConsoleDeps, request: FastifyRequest): string | undefined {
  const client = { headers: request.headers, peerAddress: request.raw.socket.remoteAddress };
  return clientIp(client, deps.trustedProxies);
}

/** Whom attempts are counted by: the address, or the network of one that is IPv6. */
export function networkOf(deps: ConsoleDeps, request: FastifyRequest): string {
  const address = addressOf(deps, request);
  return address === undefined ? 'unknown' : prefixOf(address, CUSTOMER_BITS);
}

/** `Firefox on Linux`; anybody can send any User-Agent, so it names and proves nothing. */
export function describeDevice(userAgent: string): string {
  if (userAgent.trim() === '') return 'Unknown device';
  const { browser, os } = Bowser.parse(userAgent.slice(0, MOST_AGENT_CHARACTERS));
  const words = [browser.name, os.name].filter(Boolean).join(' on ');
  return words.slice(0, MOST_DEVICE_CHARACTERS) || 'Unknown device';
}

/** `203.0.113.7` → `203.0.113.0/24`, `2001:db8:7:1::9` → `2001:db8:7::/48`. */
export function prefixOf(
  address: string,
  bitsOf: Readonly<Record<'ipv4' | 'ipv6', number>> = PLACE_BITS,
): string {
  const parsed = ipaddr.process(address);
  const bits = bitsOf[parsed.kind()];
  const text = `${parsed.toString()}/${bits}`;
  const network =
    parsed.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(text)
      : ipaddr.IPv6.networkAddressFromCIDR(text);
  return `${network.toString()}/${bits}`;
}
