// The budgets of keys and members: everybody in the workspace reads them, owners and admins set them.
// A change and the word of it to the gateways are one transaction.

import { z } from 'zod';
import { parseUsd } from '../base/money.ts';
import { type BudgetOwner, removeBudget, setBudget } from '../budgets/manage.ts';
import { describeBudget, listBudgets } from '../budgets/state.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import type { Permission } from '../identity/roles.ts';
import { requireMember } from '../identity/workspaces.ts';
import { requireKey, touchKey, touchLiveKeysOf } from '../keys/manage.ts';
import { requireAccess } from './access.ts';
import { budgetsReply, setBudgetRequest, spanSchema } from './contract.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ workspaceId: z.string(), ownerId: z.string() });
const spanParams = params.extend({ span: spanSchema });

interface OwnerKind {
  readonly room: 'keys' | 'members';
  readonly read: Permission;
  name(workspaceId: string, ownerId: string): BudgetOwner;
  /** Throws `not_found` for what is not the workspace's. */
  require(sql: Sql, workspaceId: string, ownerId: string): Promise<unknown>;
  /** Tells the gateways to read anew what binds the owner's keys. */
  touch(tx: Sql, workspaceId: string, ownerId: string): Promise<void>;
}

const OWNER_KINDS: readonly OwnerKind[] = [
  {
    room: 'keys',
    read: 'keys.read',
    name: (workspaceId, keyId) => ({ workspaceId, keyId }),
    require: requireKey,
    touch: (tx, _, keyId) => touchKey(tx, keyId),
  },
  {
    room: 'members',
    read: 'members.read',
    name: (workspaceId, personId) => ({ workspaceId, personId }),
    require: requireMember,
    touch: touchLiveKeysOf,
  },
];

export function addBudgetRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  for (const kind of OWNER_KINDS) addOwnerRoutes(app, deps, kind);
}

function addOwnerRoutes(app: ConsoleApp, deps: ConsoleDeps, kind: OwnerKind): void {
  const { sql } = deps.database;
  const path = `/workspaces/:workspaceId/${kind.room}/:ownerId/budgets`;

  const change = async (
    { workspaceId, ownerId }: z.infer<typeof params>,
    work: (tx: Sql, owner: BudgetOwner, wallMs: number) => Promise<void>,
  ): Promise<void> => {
    await inTransaction(sql, async (tx) => {
      await kind.require(tx, workspaceId, ownerId);
      await kind.touch(tx, workspaceId, ownerId);
      await work(tx, kind.name(workspaceId, ownerId), deps.clock.wallMs());
    });
    deps.changes.notify(workspaceId, kind.room);
  };
  const read = async ({ workspaceId, ownerId }: z.infer<typeof params>) => {
    const budgets = await listBudgets(sql, workspaceId, deps.clock.wallMs());
    const own = budgets.filter(({ keyId, personId }) => (keyId ?? personId) === ownerId);
    return { budgets: own.map(describeBudget) };
  };

  app.get(path, { schema: { params, response: { 200: budgetsReply } } }, async (request) => {
    const { workspaceId, ownerId } = request.params;
    await requireAccess(deps, request, workspaceId, kind.read);
    await kind.require(sql, workspaceId, ownerId);
    await deps.flushUsage();
    return read(request.params);
  });

  app.put(
    `${path}/:span`,
    { schema: { params: spanParams, body: setBudgetRequest, response: { 200: budgetsReply } } },
    async (request) => {
      await requireAccess(deps, request, request.params.workspaceId, 'budgets.manage');
      const limitNanos = parseUsd(request.body.limitUsd);
      await change(request.params, (tx, owner, wallMs) =>
        setBudget(tx, owner, request.params.span, limitNanos, wallMs),
      );
      return read(request.params);
    },
  );

  app.delete(`${path}/:span`, { schema: { params: spanParams } }, async (request, reply) => {
    await requireAccess(deps, request, request.params.workspaceId, 'budgets.manage');
    await change(request.params, (tx, owner, wallMs) =>
      removeBudget(tx, owner, request.params.span, wallMs),
    );
    return reply.code(204).send();
  });
}
