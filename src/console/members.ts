// The members of a workspace, each with the budgets that bind the live keys they made: what they are,
// that they leave, and to whom the workspace is handed over. With a member go their budgets and their
// keys, in the same transaction.

import { z } from 'zod';
import { removeBudgetsOf } from '../budgets/manage.ts';
import { describeBudget, listBudgets } from '../budgets/state.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import {
  type MemberRef,
  changeRole,
  endMembership,
  ownerOf,
  transferWorkspace,
} from '../identity/members.ts';
import { requireRole } from '../identity/roles.ts';
import { listMembers } from '../identity/workspaces.ts';
import { countActiveKeys, handOverKeys, revokeKeysOf } from '../keys/manage.ts';
import { requireAccess } from './access.ts';
import {
  changeMemberRequest,
  membersReply,
  removeMemberQuery,
  transferRequest,
} from './contract-workspaces.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ workspaceId: z.string() });
const memberParams = params.extend({ personId: z.string() });

export function addMemberRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.get(
    '/workspaces/:workspaceId/members',
    { schema: { params, response: { 200: membersReply } } },
    async (request) => {
      const { workspaceId } = request.params;
      await requireAccess(deps, request, workspaceId, 'members.read');
      const budgets = await listBudgets(sql, workspaceId, deps.clock.wallMs());
      const members = await listMembers(sql, workspaceId);
      const active = await countActiveKeys(sql, workspaceId);
      return {
        members: members.map(({ joinedAt, ...member }) => ({
          ...member,
          joinedAt: joinedAt.toISOString(),
          activeKeys: active.get(member.personId) ?? 0,
          budgets: budgets
            .filter(({ personId }) => personId === member.personId)
            .map(describeBudget),
        })),
      };
    },
  );
  app.patch(
    '/workspaces/:workspaceId/members/:personId',
    { schema: { params: memberParams, body: changeMemberRequest } },
    async (request, reply) => {
      const { workspaceId } = request.params;
      await requireAccess(deps, request, workspaceId, 'members.manage');
      await inTransaction(sql, (tx) => changeRole(tx, request.params, request.body.role));
      deps.changes.notify(workspaceId, 'members');
      return reply.code(204).send();
    },
  );

  app.delete(
    '/workspaces/:workspaceId/members/:personId',
    { schema: { params: memberParams, querystring: removeMemberQuery } },
    async (request, reply) => {
      const { workspaceId, personId } = request.params;
      const access = await requireAccess(deps, request, workspaceId, 'workspace.leave');
      if (personId !== access.person.id) requireRole(access.role, 'members.manage');
      const wallMs = deps.clock.wallMs();
      await inTransaction(sql, async (tx) => {
        if (request.query.keys === 'revoke') await revokeKeysOf(tx, request.params, wallMs);
        else await keepKeys(tx, request.params, access.person.id, wallMs);
        // Before the membership, whose end would delete what limits something.
        await removeBudgetsOf(tx, { workspaceId, personId }, wallMs);
        await endMembership(tx, request.params);
      });
      for (const what of ['members', 'keys'] as const) deps.changes.notify(workspaceId, what);
      return reply.code(204).send();
    },
  );

  app.post(
    '/workspaces/:workspaceId/transfer',
    { schema: { params, body: transferRequest } },
    async (request, reply) => {
      const { workspaceId } = request.params;
      const recent = { recent: true };
      const access = await requireAccess(deps, request, workspaceId, 'workspace.transfer', recent);
      const owner = { workspaceId, personId: access.person.id };
      await inTransaction(sql, (tx) => transferWorkspace(tx, owner, request.body.personId));
      deps.changes.notify(workspaceId, 'members');
      return reply.code(204).send();
    },
  );
}

/** They become the remover's; of whoever leaves by themselves, the owner's. */
async function keepKeys(
  tx: Sql,
  { workspaceId, personId }: MemberRef,
  removerId: string,
  wallMs: number,
): Promise<void> {
  const heir = removerId === personId ? await ownerOf(tx, workspaceId) : removerId;
  await handOverKeys(tx, workspaceId, personId, heir, wallMs);
}
