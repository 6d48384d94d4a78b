// Whose request it is, by address. X-Forwarded-For is a text that anybody can send, so only what a
// trusted proxy has added to it is believed: read from the right, up to the first stranger.

import { isIPv4 } from 'node:net';
import { type IpAddress, type IpRange, isWithin, parseIp, parseIpRange } from '../base/ip.ts';
import type { RequestHeaders } from './inbound.ts';

/**
 * The client's address without port, zone or IPv4-in-IPv6 wrapping; undefined when the socket is
 * gone. `trustedProxies` are addresses and CIDR ranges; one that is neither throws.
 */
export function clientIp(
  request: { readonly headers: RequestHeaders; readonly peerAddress: string | undefined },
  trustedProxies: readonly string[],
): string | undefined {
  const { peerAddress = '' } = request;
  // Nearly every peer is plain IPv4, bare or wrapped; the library's parsing costs more than the rest.
  const plain = peerAddress.startsWith('::ffff:') ? peerAddress.slice(7) : peerAddress;
  if (trustedProxies.length === 0 && isIPv4(plain)) return plain;
  const peer = parseAddress(peerAddress);
  if (!peer) return undefined;
  if (trustedProxies.length === 0) return peer.toString();
  const ranges = parseRanges(trustedProxies);
  let client = peer;
  for (const hop of forwardedHops(request.headers).toReversed()) {
    if (!isWithin(client, ranges)) break;
    const address = parseAddress(hop);
    if (!address) break;
    client = address;
  }
  return client.toString();
}

const parsedLists = new WeakMap<readonly string[], readonly IpRange[]>();

/** The list as ranges, parsed once. Throws an error of one sentence for a wrong entry. */
export function parseRanges(trustedProxies: readonly string[]): readonly IpRange[] {
  let ranges = parsedLists.get(trustedProxies);
  if (!ranges) {
    ranges = trustedProxies.map(parseRange);
    parsedLists.set(trustedProxies, ranges);
  }
  return ranges;
}

function parseRange(text: string): IpRange {
  const range = parseIpRange(text);
  if (range) return range;
  throw new Error(`TRUSTED_PROXIES holds "${text}", which is no address and no CIDR range.`);
}

function forwardedHops(headers: RequestHeaders): readonly string[] {
  const header = headers['x-forwarded-for'];
  const text = typeof header === 'string' ? header : (header ?? []).join(',');
  return text.split(',').flatMap((hop) => hop.trim() || []);
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function parseAddress(text: string): IpAddress | undefined {
  const bare =
    /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return parseIp(bare);
}
