// Who asks, and what of the hub is theirs. Every route of a workspace begins here.

import type { FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import type { Role } from '../db/schema-people.ts';
import type { Person } from '../identity/people.ts';
import { type Permission, requireRole } from '../identity/roles.ts';
import { type Session, findSession, isRecent, touchSession } from '../identity/sessions.ts';
import { requireMember } from '../identity/workspaces.ts';
import type { ConsoleDeps } from './deps.ts';
import { readSessionToken } from './session-cookie.ts';

/** The session behind the request's cookie, or undefined unless somebody has signed in. */
export async function findSignedIn(
  deps: ConsoleDeps,
  request: FastifyRequest,
): Promise<Session | undefined> {
  const token = readSessionToken(request);
  if (token === undefined) return undefined;
  const { sql } = deps.database;
  const session = await findSession(sql, token, deps.clock.wallMs());
  if (session) await touchSession(sql, token, session, deps.clock.wallMs());
  return session;
}

/** Throws `not_signed_in`. */
export async function requireSession(deps: ConsoleDeps, request: FastifyRequest): Promise<Session> {
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

export interface Access {
  readonly person: Person;
  readonly role: Role;
}

/**
 * The signed-in member of a workspace, who may do this. Throws `not_found` for a workspace of others,
 * `forbidden` where the role does not reach, and with `recent` as `requireRecentSession` does.
 */
export async function requireAccess(
  deps: ConsoleDeps,
  request: FastifyRequest,
  workspaceId: string,
  permission: Permission,
  { recent = false }: { readonly recent?: boolean } = {},
): Promise<Access> {
  const session = await requireSession(deps, request);
  const role = await requireMember(deps.database.sql, workspaceId, session.person.id);
  requireRole(role, permission);
  if (recent && !isRecent(session, deps.clock.wallMs())) {
    throw new HubError('reauthentication_required');
  }
  return { person: session.person, role };
}
