// Refuses what another site makes a signed-in browser send. SameSite=Lax stops most of it; this
// stops the rest (siblings on the same site, old browsers). https://owasp.org/www-community/attacks/csrf

import type { FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import { readSessionToken } from './session-cookie.ts';

/** Throws `cross_origin` for a change that does not come from the hub's own pages. */
export function refuseCrossOrigin(request: FastifyRequest, publicUrl: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  if (!isOwnOrigin(request, publicUrl)) throw new HubError('cross_origin');
}

function isOwnOrigin(request: FastifyRequest, publicUrl: string): boolean {
  const { origin, host } = request.headers;
  if (origin !== undefined) {
    const own = [new URL(publicUrl).origin, `http://${host}`, `https://${host}`];
    return own.includes(origin);
  }
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  // No browser: a program that sends no cookie acts for nobody.
  return readSessionToken(request) === undefined;
}
