// Workspaces themselves: opening one, what it is called, and below which balance people are warned.

import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { type Nanos, parseUsd } from '../base/money.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import type { Role } from '../db/schema-people.ts';
import { openWorkspace } from '../identity/new-workspace.ts';
import { requireRole } from '../identity/roles.ts';
import { changeWorkspace, readWorkspace, refuseTooMany } from '../identity/workspaces.ts';
import { requireAccess, requirePerson } from './access.ts';
import {
  type WorkspaceReply,
  changeWorkspaceRequest,
  createWorkspaceRequest,
  workspaceReply,
} from './contract-workspaces.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ workspaceId: z.string() });
const PATH = '/workspaces/:workspaceId';
const response = { 200: workspaceReply };

export function addWorkspaceRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.post(
    '/workspaces',
    { schema: { body: createWorkspaceRequest, response } },
    async (request) => {
      const person = await requirePerson(deps, request);
      const workspaceId = await inTransaction(sql, async (tx) => {
        await refuseTooMany(tx, person.id);
        return openWorkspace(tx, request.body.name, person.id, deps.clock.wallMs());
      });
      return describeWorkspace(sql, workspaceId, 'owner');
    },
  );

  app.get(PATH, { schema: { params, response } }, async (request) => {
    const { workspaceId } = request.params;
    const { role } = await requireAccess(deps, request, workspaceId, 'workspace.read');
    return describeWorkspace(sql, workspaceId, role);
  });

  app.patch(
    PATH,
    { schema: { params, body: changeWorkspaceRequest, response } },
    async (request) => {
      const { workspaceId } = request.params;
      const { role } = await requireAccess(deps, request, workspaceId, 'workspace.warning');
      const { name, lowBalanceUsd } = request.body;
      if (name !== undefined) requireRole(role, 'workspace.change');
      await changeWorkspace(sql, workspaceId, {
        ...(name !== undefined && { name }),
        ...(lowBalanceUsd !== undefined && { lowBalanceNanos: readWarning(lowBalanceUsd) }),
      });
      return describeWorkspace(sql, workspaceId, role);
    },
  );
}

/** `role` is the asker's. */
export async function describeWorkspace(
  sql: Sql,
  workspaceId: string,
  role: Role,
): Promise<WorkspaceReply> {
  const { id, name, lowBalanceNanos, createdAt } = await readWorkspace(sql, workspaceId);
  return {
    id,
    name,
    role,
    lowBalanceNanos: lowBalanceNanos?.toString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}

function readWarning(lowBalanceUsd: string | null): Nanos | null {
  if (lowBalanceUsd === null) return null;
  const nanos = parseUsd(lowBalanceUsd);
  if (nanos > 0n) return nanos;
  const message = 'The amount must be more than zero; null is no warning.';
  throw new HubError('invalid_request', { param: 'lowBalanceUsd', message });
}
