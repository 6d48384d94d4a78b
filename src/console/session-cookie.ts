// The hub's one cookie: a random token alone, of a session at whatever stage. It is set when somebody
// begins to sign up or in and when their rights rise, and at no other time.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_MS } from '../identity/sessions.ts';

const NAME = 'ih_session';

export function readSessionToken(request: FastifyRequest): string | undefined {
  return request.cookies[NAME] || undefined;
}

export function setSessionCookie(reply: FastifyReply, token: string, publicUrl: string): void {
  reply.setCookie(NAME, token, { ...attributes(publicUrl), maxAge: SESSION_MS / 1000 });
}

export function clearSessionCookie(reply: FastifyReply, publicUrl: string): void {
  reply.clearCookie(NAME, attributes(publicUrl));
}

function attributes(publicUrl: string) {
  const secure = publicUrl.startsWith('https:');
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}
