// The session of somebody who is on the way to sign up or in. What they have asked elsewhere is bound
// to it, so whoever comes without one gets an anonymous one under the same cookie.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { assert } from '../base/errors.ts';
import { type AnySession, findAnySession, startSession } from '../identity/sessions.ts';
import { networkOf, placeOf } from './client-place.ts';
import type { ConsoleDeps } from './deps.ts';
import { readSessionToken, setSessionCookie } from './session-cookie.ts';

/** The browser's session at whatever stage, or undefined where it has none. */
export async function findHeldSession(
  { database, clock }: ConsoleDeps,
  request: FastifyRequest,
): Promise<AnySession | undefined> {
  const token = readSessionToken(request);
  return token === undefined ? undefined : findAnySession(database.sql, token, clock.wallMs());
}

/** The same; where there is none, an anonymous one is started. */
export async function holdSession(
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<AnySession> {
  const held = await findHeldSession(deps, request);
  if (held) return held;
  deps.attempts.begin([`visit-from:${networkOf(deps, request)}`]);
  const { sql } = deps.database;
  const wallMs = deps.clock.wallMs();
  const anonymous = { stage: 'anonymous', personId: null, place: placeOf(deps, request) } as const;
  const token = await startSession(sql, anonymous, readSessionToken(request), wallMs);
  setSessionCookie(reply, token, deps.publicUrl());
  const started = await findAnySession(sql, token, wallMs);
  assert(started, 'a session that was just started is there');
  return started;
}
