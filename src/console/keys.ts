// The API keys of a workspace: listing, making (the only time that a key's text is sent), revoking.

import { z } from 'zod';
import { parseUsd } from '../base/money.ts';
import { setBudget } from '../budgets/manage.ts';
import { type BudgetState, listBudgets } from '../budgets/state.ts';
import { inTransaction } from '../db/database.ts';
import type { KeyLimits } from '../keys/limits.ts';
import { type KeyRow, createKey, listKeys, revokeKey } from '../keys/manage.ts';
import { requireAccess } from './access.ts';
import { describeBudget } from './budgets.ts';
import { type Key, createKeyReply, createKeyRequest, keysReply } from './contract-keys.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ workspaceId: z.string() });
const keyParams = params.extend({ keyId: z.string() });

export function addKeyRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.get(
    '/workspaces/:workspaceId/keys',
    { schema: { params, response: { 200: keysReply } } },
    async (request) => {
      const { workspaceId } = request.params;
      await requireAccess(deps, request, workspaceId, 'keys.read');
      const budgets = await listBudgets(sql, workspaceId, deps.clock.wallMs());
      const keys = await listKeys(sql, workspaceId);
      return { keys: keys.map((key) => describeKey(key, budgets)) };
    },
  );

  app.post(
    '/workspaces/:workspaceId/keys',
    { schema: { params, body: createKeyRequest, response: { 200: createKeyReply } } },
    async (request) => {
      const { workspaceId } = request.params;
      const recent = { recent: true };
      const { person } = await requireAccess(deps, request, workspaceId, 'keys.manage', recent);
      const { name, mode, budget } = request.body;
      const order = { workspaceId, name, mode, createdBy: person.id };
      const wallMs = deps.clock.wallMs();
      const { key, secret } = await inTransaction(sql, async (tx) => {
        const made = await createKey(tx, order, wallMs);
        const owner = { workspaceId, keyId: made.key.id };
        if (budget) await setBudget(tx, owner, budget.span, parseUsd(budget.limitUsd), wallMs);
        return made;
      });
      deps.changes.notify(workspaceId, 'keys');
      const budgets = budget ? await listBudgets(sql, workspaceId, wallMs) : [];
      return { key: describeKey(key, budgets), secret };
    },
  );

  app.delete(
    '/workspaces/:workspaceId/keys/:keyId',
    { schema: { params: keyParams } },
    async (request, reply) => {
      const { workspaceId, keyId } = request.params;
      await requireAccess(deps, request, workspaceId, 'keys.manage');
      await inTransaction(sql, (tx) => revokeKey(tx, workspaceId, keyId, deps.clock.wallMs()));
      deps.changes.notify(workspaceId, 'keys');
      return reply.code(204).send();
    },
  );
}

/** `budgets` are those of the workspace. */
function describeKey(key: KeyRow, budgets: readonly BudgetState[]): Key {
  return {
    id: key.id,
    name: key.name,
    mode: key.mode,
    hint: key.hint,
    createdAt: key.createdAt.toISOString(),
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    disabledAt: key.disabledAt?.toISOString() ?? null,
    previousUntil: key.previousUntil?.toISOString() ?? null,
    createdBy: key.createdBy,
    app: key.app,
    ...describeLimits(key.limits),
    budgets: budgets.filter(({ keyId }) => keyId === key.id).map(describeBudget),
  };
}

function describeLimits({ scopes, models, providers, ipRanges, expiresAt, ...rest }: KeyLimits) {
  return {
    scopes: [...scopes],
    models: models && [...models],
    providers: providers && [...providers],
    ipRanges: ipRanges && [...ipRanges],
    expiresAt: expiresAt?.toISOString() ?? null,
    ...rest,
  };
}
