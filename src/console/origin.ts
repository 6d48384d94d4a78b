// Refuses what another site makes a browser send, signed in or not. SameSite=Lax stops most of it; this
// stops the rest (siblings on the same site, old browsers, a planted sign-in). What the Host header says
// counts for nothing: a site that points its own name at the hub sends that name in both headers.
// https://owasp.org/www-community/attacks/csrf

import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import { readSessionToken } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** For apps on other sites: the route looks at no cookie and sets none. */
    anyOrigin?: boolean;
  }
}

/** One machine's names for itself. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const PREFLIGHT_SECONDS = 86_400;

/** Throws `cross_origin` for a change that does not come from the hub's own pages. */
export function guardOrigin(request: FastifyRequest, reply: FastifyReply, publicUrl: string): void {
  if (request.routeOptions.config?.anyOrigin) {
    reply.header('access-control-allow-origin', '*');
    return;
  }
  if (request.method === 'GET' || request.method === 'HEAD') return;
  if (!isOwnOrigin(request, publicUrl)) throw new HubError('cross_origin');
}

/** What a browser asks before it lets a page of another site send JSON here. */
export function answerPreflight(reply: FastifyReply, method: string): FastifyReply {
  return reply
    .code(204)
    .header('access-control-allow-methods', method)
    .header('access-control-allow-headers', 'content-type')
    .header('access-control-max-age', PREFLIGHT_SECONDS)
    .send();
}

function isOwnOrigin(request: FastifyRequest, publicUrl: string): boolean {
  const { origin } = request.headers;
  if (origin !== undefined) return listOwnOrigins(request.raw.socket, publicUrl).includes(origin);
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  // No browser: a program that sends no cookie acts for nobody.
  return readSessionToken(request) === undefined;
}

/**
 * The public address; on plain http (a laptop, a home network) also the very address and port that the
 * connection has reached, which no name can pretend to be.
 */
function listOwnOrigins({ localAddress, localPort }: Socket, publicUrl: string): string[] {
  const { origin, protocol, hostname, port } = new URL(publicUrl);
  if (protocol === 'https:') return [origin];
  const names = LOOPBACK.includes(hostname) ? LOOPBACK : [hostname];
  const own = names.map((name) => originOf(name, port));
  if (localAddress !== undefined) own.push(originOf(literalOf(localAddress), localPort));
  return own;
}

/** Without the port where it is the usual one, as browsers write it. */
function originOf(host: string, port: number | string | undefined): string {
  return new URL(`http://${host}:${port}`).origin;
}

function literalOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') ? `[${plain}]` : plain;
}
