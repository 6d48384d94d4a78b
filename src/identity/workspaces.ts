// Workspaces: who pays, and who may look. To everybody but its members a workspace does not exist,
// so a stranger who guesses an id gets `not_found`, never `forbidden`.

import { HubError } from '../base/errors.ts';
import { isId, newId } from '../base/ids.ts';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import type { Role } from '../db/schema-people.ts';

const MOST_OWNED = 20;

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

/** Before a person gets one more: throws `conflict` where they own as many as one person may. */
export async function refuseTooMany(tx: Sql, ownerId: string): Promise<void> {
  // Of two at once the second waits here, and counts what the first has made.
  await tx.selectFrom('people').select('id').where('id', '=', ownerId).forNoKeyUpdate().execute();
  const { owned } = await tx
    .selectFrom('members')
    .select((eb) => eb.fn.countAll<bigint>().as('owned'))
    .where('person_id', '=', ownerId)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow();
  if (owned < MOST_OWNED) return;
  const message = `Nobody can own more than ${MOST_OWNED} workspaces.`;
  throw new HubError('conflict', { message });
}

export interface WorkspaceDetails {
  readonly id: string;
  readonly name: string;
  readonly lowBalanceNanos: Nanos | null;
  readonly createdAt: Date;
}

/** Throws `not_found` where there is none. */
export async function readWorkspace(sql: Sql, workspaceId: string): Promise<WorkspaceDetails> {
  const row = await sql
    .selectFrom('workspaces')
    .select(['id', 'name', 'low_balance_nanos', 'created_at'])
    .where('id', '=', workspaceId)
    .executeTakeFirst();
  if (!row) throw new HubError('not_found');
  const { id, name, low_balance_nanos: lowBalanceNanos, created_at: createdAt } = row;
  return { id, name, lowBalanceNanos, createdAt };
}

/** What is absent stays; no warning is `null`. */
export async function changeWorkspace(
  sql: Sql,
  workspaceId: string,
  change: Partial<Pick<WorkspaceDetails, 'name' | 'lowBalanceNanos'>>,
): Promise<void> {
  const { name, lowBalanceNanos } = change;
  if (name === undefined && lowBalanceNanos === undefined) return;
  await sql
    .updateTable('workspaces')
    .set({
      ...(name !== undefined && { name }),
      ...(lowBalanceNanos !== undefined && { low_balance_nanos: lowBalanceNanos }),
    })
    .where('id', '=', workspaceId)
    .execute();
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
