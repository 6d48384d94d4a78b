// The members of a workspace, each with the budgets that bind the live keys they made.

import { z } from 'zod';
import { listBudgets } from '../budgets/state.ts';
import { countActiveKeys } from '../keys/manage.ts';
import { listMembers } from '../identity/workspaces.ts';
import { requireAccess } from './access.ts';
import { describeBudget } from './budgets.ts';
import { membersReply } from './contract-workspaces.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ workspaceId: z.string() });

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
}
