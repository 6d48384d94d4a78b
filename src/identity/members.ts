// Who belongs to a workspace, and as what. There is one owner, whom a hand-over alone changes. Owners
// and admins manage everybody else, each other and themselves included; who asks is the caller's matter.

import { HubError } from '../base/errors.ts';
import type { Sql } from '../db/database.ts';
import type { Role } from '../db/schema-people.ts';
import { requireRole } from './roles.ts';
import { refuseTooMany, requireMember } from './workspaces.ts';

export interface MemberRef {
  readonly workspaceId: string;
  readonly personId: string;
}

/** Gives a member another role, inside the caller's transaction. Throws `conflict` for the owner. */
export async function changeRole(
  tx: Sql,
  member: MemberRef,
  role: Exclude<Role, 'owner'>,
): Promise<void> {
  await requireNoOwner(tx, member);
  await setRole(tx, member, role);
}

/**
 * Ends a membership inside the caller's transaction, which has dealt with the member's keys and
 * budgets. Throws `conflict` for the owner.
 */
export async function endMembership(tx: Sql, member: MemberRef): Promise<void> {
  await requireNoOwner(tx, member);
  const { workspaceId, personId } = member;
  await tx
    .deleteFrom('app_grants')
    .where('workspace_id', '=', workspaceId)
    .where('person_id', '=', personId)
    .execute();
  await tx
    .deleteFrom('members')
    .where('workspace_id', '=', workspaceId)
    .where('person_id', '=', personId)
    .execute();
}

/** Makes a member the owner, and the owner an admin, inside the caller's transaction. */
export async function transferWorkspace(
  tx: Sql,
  { workspaceId, personId: ownerId }: MemberRef,
  newOwnerId: string,
): Promise<void> {
  // Whoever was the owner when the request came may have handed it over in the meantime.
  requireRole(await lockRole(tx, { workspaceId, personId: ownerId }), 'workspace.transfer');
  if (newOwnerId === ownerId) {
    throw new HubError('conflict', { message: 'You own this workspace already.' });
  }
  await lockRole(tx, { workspaceId, personId: newOwnerId });
  await refuseTooMany(tx, newOwnerId);
  await setRole(tx, { workspaceId, personId: ownerId }, 'admin');
  await setRole(tx, { workspaceId, personId: newOwnerId }, 'owner');
}

/** The owner of a workspace. */
export async function ownerOf(sql: Sql, workspaceId: string): Promise<string> {
  const { person_id } = await sql
    .selectFrom('members')
    .select('person_id')
    .where('workspace_id', '=', workspaceId)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow();
  return person_id;
}

async function requireNoOwner(tx: Sql, member: MemberRef): Promise<void> {
  if ((await lockRole(tx, member)) !== 'owner') return;
  const message = 'The owner stays. Hand the workspace over to another member first.';
  throw new HubError('conflict', { message });
}

/** The role, which nobody else changes until the transaction ends. All changes of one workspace queue. */
async function lockRole(tx: Sql, { workspaceId, personId }: MemberRef): Promise<Role> {
  await tx
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', workspaceId)
    .forNoKeyUpdate()
    .execute();
  return requireMember(tx, workspaceId, personId);
}

async function setRole(tx: Sql, { workspaceId, personId }: MemberRef, role: Role): Promise<void> {
  await tx
    .updateTable('members')
    .set({ role })
    .where('workspace_id', '=', workspaceId)
    .where('person_id', '=', personId)
    .execute();
}
