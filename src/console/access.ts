// Who asks, and what of the hub is theirs. Every route of a workspace begins here.

import type { FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import type { Person } from '../identity/people.ts';
import { type Permission, requireRole } from '../identity/roles.ts';
import { type Session, findSession, isRecent, touchSession } from '../identity/sessions.ts';
import { requireMember } from '../identity/workspaces.ts';
import { readBearer } from './bearer.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Access, requireKeyAccess } from './key-access.ts';
import { readSessionToken } from './session-cookie.ts';

/** The session behind the request's cookie, or undefined unless somebody has signed in. */
export async function findSignedIn(
  deps: ConsoleDeps,
  request: FastifyRequest,
  untouched = false,
): Promise<Session | undefined> {
  const token = readSessionToken(request);
  if (token === undefined) return undefined;
  const { sql } = deps.database;
  const session = await findSession(sql, token, deps.clock.wallMs());
  if (session && !untouched) await touchSession(sql, token, session, deps.clock.wallMs());
  return session;
}

/** Throws `not_signed_in`, and `key_not_allowed` for whoever shows an API key instead. */
export async function requireSession(deps: ConsoleDeps, request: FastifyRequest): Promise<Session> {
  if (readBearer(request) !== undefined) {
    const message = 'No API key can do this: sign in for it.';
    throw new HubError('key_not_allowed', { message });
  }
  const session = await findSignedIn(deps, request);
  if (!session) throw new HubError('not_signed_in');
  return session;
}

/**
 * For what a stolen session must not do: throws `reauthentication_required` where the last proof of
 * who it is is too old.
 */
export async function requireRecentSession(
  deps: ConsoleDeps,
  request: FastifyRequest,
): Promise<Session> {
  const session = await requireSession(deps, request);
  if (!isRecent(session, deps.clock.wallMs())) throw new HubError('reauthentication_required');
  return session;
}

/** The person behind the request's cookie; throws `not_signed_in`. */
export async function requirePerson(deps: ConsoleDeps, request: FastifyRequest): Promise<Person> {
  return (await requireSession(deps, request)).person;
}

interface AccessOptions {
  /** As `requireRecentSession`; of an API key nothing more is asked. */
  readonly recent?: boolean;
  /** Looks without noting that the session is in use. */
  readonly untouched?: boolean;
}

/**
 * The member of a workspace, who may do this: signed in, or by an API key of the workspace with the
 * scope for it. Throws `not_found` for a workspace of others, `forbidden` where the role does not
 * reach, `key_not_allowed` where the key does not.
 */
export async function requireAccess(
  deps: ConsoleDeps,
  request: FastifyRequest,
  workspaceId: string,
  permission: Permission,
  { recent = false, untouched = false }: AccessOptions = {},
): Promise<Access> {
  const key = readBearer(request);
  if (key !== undefined) return requireKeyAccess(deps, request, key, workspaceId, permission);
  const session = await findSignedIn(deps, request, untouched);
  if (!session) throw new HubError('not_signed_in');
  const role = await requireMember(deps.database.sql, workspaceId, session.person.id);
  requireRole(role, permission);
  if (recent && !isRecent(session, deps.clock.wallMs())) {
    throw new HubError('reauthentication_required');
  }
  return { person: session.person, role };
}
