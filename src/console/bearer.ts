// An API key that a request shows instead of a cookie. Where there is one, the cookie is not looked
// at: a browser adds cookies by itself, this header never.

import type { FastifyRequest } from 'fastify';

/** The text after `Bearer`, or undefined: a proxy's own `Basic` sign-in is no business of the hub's. */
export function readBearer(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}
