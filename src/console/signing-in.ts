// What every way of signing in ends with: the next stage of the session, a new cookie, and what the
// pages must know. The stages: nobody, one proof given where two are asked for, signed in.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { inTransaction } from '../db/database.ts';
import { noteDevice } from '../identity/devices.ts';
import { findFirstOperator, type Person, requireSamePassword } from '../identity/people.ts';
import { secondFactorsOf } from '../identity/second-factor.ts';
import { findAnySession, renewSession, startSession } from '../identity/sessions.ts';
import { listWorkspaces } from '../identity/workspaces.ts';
import { DOCUMENTS } from '../policy/documents.ts';
import { findSignedIn } from './access.ts';
import { placeOf } from './client-place.ts';
import type { SessionReply } from './contract.ts';
import type { ConsoleDeps } from './deps.ts';
import { readSessionToken, setSessionCookie } from './session-cookie.ts';

/** `one` proof (password, Google) may ask for a second; `both` never does (passkey, second step). */
export type Proofs = 'one' | 'both';

/**
 * Signs in, or asks for the second proof; either way the browser has a new cookie. With the hash of
 * the password that was given, throws `sign_in_failed` where a reset has changed it meanwhile.
 */
export async function signIn(
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  person: Person,
  proofs: Proofs,
  passwordHash?: string | null,
): Promise<SessionReply> {
  const { sql } = deps.database;
  const wallMs = deps.clock.wallMs();
  const asked = proofs === 'one' ? await secondFactorsOf(sql, person.id) : [];
  const stage = asked.length > 0 ? 'second_factor' : 'signed_in';
  const place = placeOf(deps, request);
  const token = await inTransaction(sql, async (tx) => {
    const session = { stage, personId: person.id, place } as const;
    const started = await startSession(tx, session, readSessionToken(request), wallMs);
    if (passwordHash !== undefined) await requireSamePassword(tx, person.id, passwordHash);
    if (stage === 'signed_in') await noteDevice(tx, person, place, wallMs);
    return started;
  });
  setSessionCookie(reply, token, deps.publicUrl());
  return stage === 'signed_in'
    ? describeSession(deps, person, null)
    : describeSession(deps, undefined, asked);
}

/** After a new proof of who it is: the same session under a new cookie. */
export async function proveAgain(
  deps: ConsoleDeps,
  reply: FastifyReply,
  sessionId: string,
): Promise<void> {
  const token = await renewSession(deps.database.sql, sessionId, deps.clock.wallMs());
  setSessionCookie(reply, token, deps.publicUrl());
}

/** The session behind the request's cookie, as GET /session tells it. */
export async function describeOwnSession(
  deps: ConsoleDeps,
  request: FastifyRequest,
): Promise<SessionReply> {
  const session = await findSignedIn(deps, request);
  if (session) return describeSession(deps, session.person, null);
  return describeSession(deps, undefined, await askedFactors(deps, request));
}

async function askedFactors(deps: ConsoleDeps, request: FastifyRequest) {
  const token = readSessionToken(request);
  if (token === undefined) return null;
  const { sql } = deps.database;
  const session = await findAnySession(sql, token, deps.clock.wallMs());
  if (session?.stage !== 'second_factor' || session.personId === null) return null;
  return secondFactorsOf(sql, session.personId);
}

async function describeSession(
  deps: ConsoleDeps,
  person: Person | undefined,
  secondFactor: SessionReply['secondFactor'],
): Promise<SessionReply> {
  const { sql } = deps.database;
  const origin = deps.publicUrl();
  return {
    person: person ?? null,
    secondFactor,
    workspaces: person ? await listWorkspaces(sql, person.id) : [],
    hub: {
      baseUrl: `${origin}/v1`,
      origin,
      version: deps.version,
      sandbox: deps.sandbox,
      google: deps.google !== undefined,
      signUp: deps.signUp,
      hasMailServer: deps.mailbox.transport === 'smtp',
      documents: { terms: DOCUMENTS.terms.version, privacy: DOCUMENTS.privacy.version },
      awaitsOperator: person ? false : (await findFirstOperator(sql)) === undefined,
    },
  };
}
