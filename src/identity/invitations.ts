// Invitations into a workspace: by address, for whoever has it. The token is in the mailed link alone,
// which the mail's maker makes. An invitation waits for a week, and only while whoever made it may
// invite: nobody who was removed, or may no longer, comes back by one of their own.

import { HubError } from '../base/errors.ts';
import { isId, newId } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';
import type { Role } from '../db/schema-people.ts';
import { queueMail } from '../mail/queue.ts';
import { consumeLink, findLink, forgetLinks } from './links.ts';
import { type Person, normaliseEmail } from './people.ts';
import { rolesWith } from './roles.ts';

const LIFETIME_MS = 7 * 86_400_000;
const MOST_WAITING = 50;

export interface Invitation {
  readonly id: string;
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly email: string;
  readonly role: Exclude<Role, 'owner'>;
  /** The name of who made it. */
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface NewInvitation {
  readonly workspaceId: string;
  readonly email: string;
  readonly role: Exclude<Role, 'owner'>;
  readonly invitedBy: Person;
}

/**
 * Invites, and queues the mail, inside the caller's transaction. The same address again renews what
 * waits: a new mail, and the old link ends. Throws `conflict` for a member's address, and where too
 * many wait.
 */
export async function invite(tx: Sql, order: NewInvitation, wallMs: number): Promise<Invitation> {
  const { workspaceId, invitedBy, role } = order;
  const email = normaliseEmail(order.email);
  // Two at once queue here, so that both count.
  await tx
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', workspaceId)
    .forNoKeyUpdate()
    .execute();
  await refuseMember(tx, workspaceId, email);
  await refuseCrowd(tx, workspaceId, email, wallMs);
  const { id } = await upsert(tx, { ...order, email }, wallMs);
  await forgetLinks(tx, 'invitation', { personId: null, subjectId: id });
  const invitation = await requireWaiting(tx, id, wallMs);
  const { workspaceName } = invitation;
  const mail = {
    kind: 'invitation' as const,
    address: email,
    subjectId: id,
    onceKey: `invitation:${id}:${newId('msg', wallMs)}`,
    facts: { workspaceName, invitedBy: invitedBy.name, role },
  };
  await queueMail(tx, mail, wallMs);
  return invitation;
}

/** Those that wait in a workspace, newest first. */
export function listInvitations(
  sql: Sql,
  workspaceId: string,
  wallMs: number,
): Promise<Invitation[]> {
  return selectWaiting(sql, wallMs)
    .where('invitation.workspace_id', '=', workspaceId)
    .orderBy('invitation.created_at', 'desc')
    .orderBy('invitation.id', 'desc')
    .execute();
}

/** Takes an invitation back with its link, inside the caller's transaction; throws `not_found`. */
export async function takeBackInvitation(
  tx: Sql,
  workspaceId: string,
  invitationId: string,
): Promise<void> {
  if (!isId('inv', invitationId)) throw new HubError('not_found');
  const gone = await tx
    .deleteFrom('invitations')
    .where('id', '=', invitationId)
    .where('workspace_id', '=', workspaceId)
    .returning('id')
    .executeTakeFirst();
  if (!gone) throw new HubError('not_found');
  await forgetLinks(tx, 'invitation', { personId: null, subjectId: invitationId });
}

/** What a mailed link is about, without using it up; throws `link_invalid`. */
export async function lookAtInvitation(
  sql: Sql,
  token: string,
  wallMs: number,
): Promise<Invitation> {
  const link = await findLink(sql, 'invitation', token, wallMs);
  return requireWaiting(sql, link?.subjectId ?? '', wallMs);
}

/**
 * Makes the person a member by a mailed link, which that uses up, inside the caller's transaction;
 * returns the workspace. A member stays what they are. Throws `link_invalid`; `forbidden` for
 * whoever does not have the address, which uses nothing up.
 */
export async function acceptInvitation(
  tx: Sql,
  token: string,
  personId: string,
  wallMs: number,
): Promise<string> {
  const invitation = await lookAtInvitation(tx, token, wallMs);
  await requireAddress(tx, personId, invitation.email);
  // In this order everywhere: the invitation, then its link.
  const gone = await tx
    .deleteFrom('invitations')
    .where('id', '=', invitation.id)
    .returning('id')
    .executeTakeFirst();
  if (!gone || !(await consumeLink(tx, 'invitation', token, wallMs))) {
    throw new HubError('link_invalid');
  }
  await tx
    .insertInto('members')
    .values({
      workspace_id: invitation.workspaceId,
      person_id: personId,
      role: invitation.role,
      created_at: new Date(wallMs),
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'person_id']).doNothing())
    .execute();
  return invitation.workspaceId;
}

/** One that can be accepted. */
export function findWaiting(sql: Sql, id: string, wallMs: number): Promise<Invitation | undefined> {
  return selectWaiting(sql, wallMs).where('invitation.id', '=', id).executeTakeFirst();
}

async function requireWaiting(sql: Sql, id: string, wallMs: number): Promise<Invitation> {
  const invitation = await findWaiting(sql, id, wallMs);
  if (!invitation) throw new HubError('link_invalid');
  return invitation;
}

function selectWaiting(sql: Sql, wallMs: number) {
  return sql
    .selectFrom('invitations as invitation')
    .innerJoin('members as inviter', (join) =>
      join
        .onRef('inviter.workspace_id', '=', 'invitation.workspace_id')
        .onRef('inviter.person_id', '=', 'invitation.invited_by'),
    )
    .innerJoin('people', 'people.id', 'inviter.person_id')
    .innerJoin('workspaces', 'workspaces.id', 'invitation.workspace_id')
    .select('workspaces.name as workspaceName')
    .select(['invitation.id', 'invitation.workspace_id as workspaceId', 'invitation.email'])
    .select(['invitation.role', 'people.name as invitedBy'])
    .select(['invitation.created_at as createdAt', 'invitation.expires_at as expiresAt'])
    .where('inviter.role', 'in', rolesWith('members.manage'))
    .where('invitation.expires_at', '>', new Date(wallMs));
}

async function refuseMember(tx: Sql, workspaceId: string, email: string): Promise<void> {
  const member = await tx
    .selectFrom('members')
    .innerJoin('people', 'people.id', 'members.person_id')
    .select('people.id')
    .where('members.workspace_id', '=', workspaceId)
    .where('people.email', '=', email)
    .executeTakeFirst();
  if (!member) return;
  throw new HubError('conflict', { param: 'email', message: 'This person is a member already.' });
}

/** What waits no longer makes room; whom it is renewed for does not count twice. */
async function refuseCrowd(
  tx: Sql,
  workspaceId: string,
  email: string,
  wallMs: number,
): Promise<void> {
  await tx
    .deleteFrom('invitations')
    .where('workspace_id', '=', workspaceId)
    .where('id', 'not in', selectWaiting(tx, wallMs).clearSelect().select('invitation.id'))
    .execute();
  const { waiting } = await tx
    .selectFrom('invitations')
    .select((eb) => eb.fn.countAll<bigint>().as('waiting'))
    .where('workspace_id', '=', workspaceId)
    .where('email', '<>', email)
    .executeTakeFirstOrThrow();
  if (waiting < MOST_WAITING) return;
  const message = `No more than ${MOST_WAITING} invitations can wait. Take some back first.`;
  throw new HubError('conflict', { message });
}

function upsert(tx: Sql, order: NewInvitation, wallMs: number): Promise<{ id: string }> {
  const state = {
    role: order.role,
    invited_by: order.invitedBy.id,
    created_at: new Date(wallMs),
    expires_at: new Date(wallMs + LIFETIME_MS),
  };
  return tx
    .insertInto('invitations')
    .values({
      id: newId('inv', wallMs),
      workspace_id: order.workspaceId,
      email: order.email,
      ...state,
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'email']).doUpdateSet(state))
    .returning('id')
    .executeTakeFirstOrThrow();
}

async function requireAddress(tx: Sql, personId: string, email: string): Promise<void> {
  const person = await tx
    .selectFrom('people')
    .select('id')
    .where('id', '=', personId)
    .where('email', '=', email)
    .where('email_verified_at', 'is not', null)
    .executeTakeFirst();
  if (person) return;
  const message = 'This invitation is for another address. Sign in with that one.';
  throw new HubError('forbidden', { message });
}
