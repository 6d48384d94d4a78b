// What an API key may do here: in its own workspace alone, what its scopes say, and never more than
// the role of whoever made it allows today. It acts in that person's name, but never as an operator.

import type { FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import type { Role } from '../db/schema-people.ts';
import { type Person, findPersonById } from '../identity/people.ts';
import { type Permission, requireRole, requireScope } from '../identity/roles.ts';
import { requireMember } from '../identity/workspaces.ts';
import { type ApiKey, assertUsable } from '../keys/api-key.ts';
import { parseKeySecret } from '../keys/secret.ts';
import { addressOf } from './client-place.ts';
import type { ConsoleDeps } from './deps.ts';

/** Somebody who may do what was asked for. */
export interface Access {
  /** Who signed in, or who made the key: never an operator then. */
  readonly person: Person;
  readonly role: Role;
}

/**
 * Throws `authentication_failed` for a key that does not work, `key_not_allowed` from an address
 * where it does not or for what its scopes leave out, `not_found` for a workspace of others.
 */
export async function requireKeyAccess(
  deps: ConsoleDeps,
  request: FastifyRequest,
  text: string,
  workspaceId: string,
  permission: Permission,
): Promise<Access> {
  const key = await requireKey(deps, request, text);
  if (key.workspaceId !== workspaceId) throw new HubError('not_found');
  requireScope(key.limits.scopes, permission);
  const { sql } = deps.database;
  const role = await requireMember(sql, workspaceId, key.createdBy);
  requireRole(role, permission);
  const maker = await findPersonById(sql, key.createdBy);
  if (!maker) throw new HubError('authentication_failed');
  return { person: { ...maker, isOperator: false }, role };
}

async function requireKey(
  deps: ConsoleDeps,
  request: FastifyRequest,
  text: string,
): Promise<ApiKey> {
  const secret = parseKeySecret(text);
  const key = secret && (await deps.keys.find(secret.hash));
  if (!key) throw new HubError('authentication_failed');
  assertUsable(key, addressOf(deps, request));
  return key;
}
