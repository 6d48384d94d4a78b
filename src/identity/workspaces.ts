// Workspaces: who pays, and who may look. To everybody but its members a workspace does not exist,
// so a stranger who guesses an id gets `not_found`, never `forbidden`.

import { HubError } from '../base/errors.ts';
import { isId, newId } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';
import type { Role } from '../db/schema-people.ts';

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** Makes a workspace with its owner, inside the caller's transaction; returns its id. */
export async function createWorkspace(
  tx: Sql,
  name: string,
  ownerId: string,
  wallMs: number,
): Promise<string> {
  const id = newId('ws', wallMs);
  const now = new Date(wallMs);
  await tx
    .insertInto('workspaces')
    .values({ id, name, created_at: now, low_balance_nanos: null })
    .execute();
  await tx
    .insertInto('members')
    .values({ workspace_id: id, person_id: ownerId, role: 'owner', created_at: now })
    .execute();
  return id;
}

/** The workspaces of one person, oldest first. */
export function listWorkspaces(sql: Sql, personId: string): Promise<Workspace[]> {
  return sql
    .selectFrom('members')
    .innerJoin('workspaces', 'workspaces.id', 'members.workspace_id')
    .select(['workspaces.id', 'workspaces.name', 'members.role'])
    .where('members.person_id', '=', personId)
    .orderBy('workspaces.id')
    .execute();
}

export interface Member {
  readonly personId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly joinedAt: Date;
}

/** The members of a workspace, in the order in which they joined. */
export function listMembers(sql: Sql, workspaceId: string): Promise<Member[]> {
  return sql
    .selectFrom('members')
    .innerJoin('people', 'people.id', 'members.person_id')
    .select(['people.id as personId', 'people.name', 'people.email', 'members.role'])
    .select('members.created_at as joinedAt')
    .where('members.workspace_id', '=', workspaceId)
    .orderBy('members.created_at')
    .orderBy('people.id')
    .execute();
}

/** The person's role in a workspace; throws `not_found` for everybody who is no member. */
export async function requireMember(
  sql: Sql,
  workspaceId: string,
  personId: string,
): Promise<Role> {
  if (!isId('ws', workspaceId) || !isId('usr', personId)) throw new HubError('not_found');
  const member = await sql
    .selectFrom('members')
    .select('role')
    .where('workspace_id', '=', workspaceId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  if (!member) throw new HubError('not_found');
  return member.role;
}

/** Throws `not_found` when there is no such workspace. */
export async function requireWorkspace(sql: Sql, workspaceId: string): Promise<void> {
  if (!isId('ws', workspaceId)) throw new HubError('not_found');
  const row = await sql
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', workspaceId)
    .executeTakeFirst();
  if (!row) throw new HubError('not_found');
}
