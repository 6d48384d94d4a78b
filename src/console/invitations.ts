// Invitations into a workspace: owners and admins make them and take them back; whoever has the
// mailed link may look at it, and accepts it signed in with the address that it was mailed to.

import { z } from 'zod';
import { inTransaction } from '../db/database.ts';
import {
  acceptInvitation,
  invite,
  listInvitations,
  lookAtInvitation,
  takeBackInvitation,
  type Invitation as WaitingInvitation,
} from '../identity/invitations.ts';
import { requireMember } from '../identity/workspaces.ts';
import { requireAccess, requirePerson } from './access.ts';
import {
  type Invitation,
  acceptInvitationRequest,
  invitationSchema,
  invitationsReply,
  inviteRequest,
  lookInvitationReply,
  lookInvitationRequest,
  workspaceReply,
} from './contract-workspaces.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { describeWorkspace } from './workspaces.ts';

const params = z.object({ workspaceId: z.string() });
const invitationParams = params.extend({ invitationId: z.string() });
const PATH = '/workspaces/:workspaceId/invitations';

export function addInvitationRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.get(PATH, { schema: { params, response: { 200: invitationsReply } } }, async (request) => {
    const { workspaceId } = request.params;
    await requireAccess(deps, request, workspaceId, 'members.manage');
    const waiting = await listInvitations(sql, workspaceId, deps.clock.wallMs());
    return { invitations: waiting.map(describeInvitation) };
  });

  app.post(
    PATH,
    { schema: { params, body: inviteRequest, response: { 200: invitationSchema } } },
    async (request) => {
      const { workspaceId } = request.params;
      const { person } = await requireAccess(deps, request, workspaceId, 'members.manage');
      deps.attempts.begin([`invite:${person.id}`]);
      const order = { ...request.body, workspaceId, invitedBy: person };
      const made = await inTransaction(sql, (tx) => invite(tx, order, deps.clock.wallMs()));
      deps.changes.notify(workspaceId, 'members');
      return describeInvitation(made);
    },
  );

  app.delete(
    `${PATH}/:invitationId`,
    { schema: { params: invitationParams } },
    async (request, reply) => {
      const { workspaceId, invitationId } = request.params;
      await requireAccess(deps, request, workspaceId, 'members.manage');
      await inTransaction(sql, (tx) => takeBackInvitation(tx, workspaceId, invitationId));
      deps.changes.notify(workspaceId, 'members');
      return reply.code(204).send();
    },
  );

  addMailedRoutes(app, deps);
}

/** What the mailed link leads to. */
function addMailedRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.post(
    '/invitations/look',
    { schema: { body: lookInvitationRequest, response: { 200: lookInvitationReply } } },
    async (request) => {
      const { token } = request.body;
      const { workspaceName, role, email, invitedBy } = await lookAtInvitation(
        sql,
        token,
        deps.clock.wallMs(),
      );
      return { workspaceName, role, email, invitedBy };
    },
  );

  app.post(
    '/invitations/accept',
    { schema: { body: acceptInvitationRequest, response: { 200: workspaceReply } } },
    async (request) => {
      const { id } = await requirePerson(deps, request);
      const { token } = request.body;
      const workspaceId = await inTransaction(sql, (tx) =>
        acceptInvitation(tx, token, id, deps.clock.wallMs()),
      );
      deps.changes.notify(workspaceId, 'members');
      return describeWorkspace(sql, workspaceId, await requireMember(sql, workspaceId, id));
    },
  );
}

function describeInvitation(invitation: WaitingInvitation): Invitation {
  const { id, email, role, invitedBy, createdAt, expiresAt } = invitation;
  return {
    id,
    email,
    role,
    invitedBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}
