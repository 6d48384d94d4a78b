// Who asks, and what of the hub is theirs. Every route of a workspace begins here.

import type { FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import type { Role } from '../db/schema.ts';
import type { Person } from '../identity/people.ts';
import { findSession, touchSession } from '../identity/sessions.ts';
import { requireMember } from '../identity/workspaces.ts';
import type { ConsoleDeps } from './deps.ts';
import { readSessionToken } from './session-cookie.ts';

/** The person behind the request's cookie, or undefined. */
export async function findPerson(
  deps: ConsoleDeps,
  request: FastifyRequest,
): Promise<Person | undefined> {
  const token = readSessionToken(request);
  if (token === undefined) return undefined;
  const { sql } = deps.database;
  const session = await findSession(sql, token, deps.clock.wallMs());
  if (!session) return undefined;
  await touchSession(sql, token, session, deps.clock.wallMs());
  return session.person;
}

/** The person behind the request's cookie; throws `not_signed_in`. */
export async function requirePerson(deps: ConsoleDeps, request: FastifyRequest): Promise<Person> {
  const person = await findPerson(deps, request);
  if (!person) throw new HubError('not_signed_in');
  return person;
}

/** The signed-in member of a workspace; throws `not_found` for a workspace of others. */
export async function requireMembership(
  deps: ConsoleDeps,
  request: FastifyRequest,
  workspaceId: string,
): Promise<{ readonly person: Person; readonly role: Role }> {
  const person = await requirePerson(deps, request);
  return { person, role: await requireMember(deps.database.sql, workspaceId, person.id) };
}
