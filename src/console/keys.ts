// The API keys of a workspace: listing, making, changing, rotating (making and rotating are the only times that
// a key's text is sent), revoking.

import { z } from 'zod';
import { parseUsd } from '../base/money.ts';
import { setBudget } from '../budgets/manage.ts';
import { type BudgetState, describeBudget, listBudgets } from '../budgets/state.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { changeKey, rotateKey } from '../keys/change.ts';
import { requireRole } from '../identity/roles.ts';
import { type KeyRow, createKey, listKeys, requireKey, revokeKey } from '../keys/manage.ts';
import { requireAccess } from './access.ts';
import {
  type CreateKeyReply,
  type Key,
  changeKeyRequest,
  createKeyReply,
  createKeyRequest,
  keySchema,
  keysReply,
  rotateKeyRequest,
} from './contract-keys.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import type { Access } from './key-access.ts';
import { describeLimits, readLimits } from './key-limits.ts';

const params = z.object({ workspaceId: z.string() });
const keyParams = params.extend({ keyId: z.string() });
const PATH = '/workspaces/:workspaceId/keys';

export function addKeyRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;
  addMakingRoutes(app, deps);

  app.get(PATH, { schema: { params, response: { 200: keysReply } } }, async (request) => {
    const { workspaceId } = request.params;
    await requireAccess(deps, request, workspaceId, 'keys.read');
    const wallMs = deps.clock.wallMs();
    const budgets = await listBudgets(sql, workspaceId, wallMs);
    const keys = await listKeys(sql, workspaceId);
    return { keys: keys.map((key) => describeKey(key, budgets, wallMs)) };
  });

  app.patch(
    `${PATH}/:keyId`,
    { schema: { params: keyParams, body: changeKeyRequest, response: { 200: keySchema } } },
    async (request) => {
      const { workspaceId } = request.params;
      const access = await requireAccess(deps, request, workspaceId, 'keys.manage');
      await requireOwnKey(deps, access, request.params);
      const { name, disabled, ...asked } = request.body;
      const change = { name, disabled, limits: readLimits(asked, deps) };
      const wallMs = deps.clock.wallMs();
      return write(deps, workspaceId, async (tx) => {
        const key = await changeKey(tx, request.params, change, wallMs);
        return describeKey(key, await listBudgets(tx, workspaceId, wallMs), wallMs);
      });
    },
  );

  app.delete(`${PATH}/:keyId`, { schema: { params: keyParams } }, async (request, reply) => {
    const { workspaceId, keyId } = request.params;
    await requireAccess(deps, request, workspaceId, 'keys.manage');
    const wallMs = deps.clock.wallMs();
    await write(deps, workspaceId, (tx) => revokeKey(tx, workspaceId, keyId, wallMs));
    return reply.code(204).send();
  });
}

/** Those whose answers have a key's text. */
function addMakingRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const response = { 200: createKeyReply };
  const recent = { recent: true };

  app.post(PATH, { schema: { params, body: createKeyRequest, response } }, async (request) => {
    const { workspaceId } = request.params;
    const { person } = await requireAccess(deps, request, workspaceId, 'keys.manage', recent);
    const { name, mode, budget, ...asked } = request.body;
    const limits = readLimits(asked, deps);
    const order = { workspaceId, name, mode, createdBy: person.id, limits };
    const wallMs = deps.clock.wallMs();
    return write(deps, workspaceId, async (tx) => {
      const made = await createKey(tx, order, wallMs);
      const owner = { workspaceId, keyId: made.key.id };
      if (budget) await setBudget(tx, owner, budget.span, parseUsd(budget.limitUsd), wallMs);
      return describeMade(tx, workspaceId, made, wallMs);
    });
  });

  app.post(
    `${PATH}/:keyId/rotate`,
    { schema: { params: keyParams, body: rotateKeyRequest, response } },
    async (request) => {
      const { workspaceId } = request.params;
      const access = await requireAccess(deps, request, workspaceId, 'keys.manage', recent);
      await requireOwnKey(deps, access, request.params);
      const { overlapSeconds } = request.body;
      const wallMs = deps.clock.wallMs();
      return write(deps, workspaceId, async (tx) => {
        const rotated = await rotateKey(tx, request.params, overlapSeconds, wallMs);
        return describeMade(tx, workspaceId, rotated, wallMs);
      });
    },
  );
}

/**
 * A key acts in its maker's name and spends what its maker may: whoever gets its text or widens it must
 * be that person, or manage members. Anybody who makes keys may revoke one.
 */
async function requireOwnKey(
  deps: ConsoleDeps,
  { person, role }: Access,
  { workspaceId, keyId }: z.infer<typeof keyParams>,
): Promise<void> {
  const { createdBy } = await requireKey(deps.database.sql, workspaceId, keyId);
  if (createdBy !== person.id) requireRole(role, 'keys.manage_others');
}

/** One transaction; the pages of the workspace hear of it once it has committed. */
async function write<T>(
  { database, changes }: ConsoleDeps,
  workspaceId: string,
  work: (tx: Sql) => Promise<T>,
): Promise<T> {
  const result = await inTransaction(database.sql, work);
  changes.notify(workspaceId, 'keys');
  return result;
}

async function describeMade(
  tx: Sql,
  workspaceId: string,
  { key, secret }: { readonly key: KeyRow; readonly secret: string },
  wallMs: number,
): Promise<CreateKeyReply> {
  return { key: describeKey(key, await listBudgets(tx, workspaceId, wallMs), wallMs), secret };
}

/** `budgets` are those of the workspace. */
function describeKey(key: KeyRow, budgets: readonly BudgetState[], wallMs: number): Key {
  const { previousUntil } = key;
  const hasPrevious = previousUntil !== null && previousUntil.getTime() > wallMs;
  return {
    id: key.id,
    name: key.name,
    mode: key.mode,
    hint: key.hint,
    createdAt: key.createdAt.toISOString(),
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    disabledAt: key.disabledAt?.toISOString() ?? null,
    previousUntil: hasPrevious ? previousUntil.toISOString() : null,
    createdBy: key.createdBy,
    app: key.app,
    ...describeLimits(key.limits),
    budgets: budgets.filter(({ keyId }) => keyId === key.id).map(describeBudget),
  };
}
