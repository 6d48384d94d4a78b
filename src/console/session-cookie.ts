// The hub's one cookie: a random token alone, of a session at whatever stage. It is set when somebody
// begins to sign up or in and when their rights rise, and at no other time.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_MS } from '../identity/sessions.ts';
import { readBearer } from './bearer.ts';

export const SESSION_COOKIE = 'ih_session';

/** Undefined also where the request shows an API key: then the cookie does not count. */
export function readSessionToken(request: FastifyRequest): string | undefined {
  if (readBearer(request) !== undefined) return undefined;
  return request.cookies[SESSION_COOKIE] || undefined;
}

export function setSessionCookie(reply: FastifyReply, token: string, publicUrl: string): void {
  reply.setCookie(SESSION_COOKIE, token, { ...attributes(publicUrl), maxAge: SESSION_MS / 1000 });
}

export function clearSessionCookie(reply: FastifyReply, publicUrl: string): void {
  reply.clearCookie(SESSION_COOKIE, attributes(publicUrl));
}

function attributes(publicUrl: string) {
  const secure = publicUrl.startsWith('https:');
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}
