// The API keys of a workspace: listing, making (the only time that a key's text is sent), revoking.

import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { inTransaction } from '../db/database.ts';
import type { Role } from '../db/schema.ts';
import { type KeyRow, createKey, listKeys, revokeKey } from '../keys/manage.ts';
import { requireMembership } from './access.ts';
import { type Key, createKeyReply, createKeyRequest, keysReply } from './contract.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ workspaceId: z.string() });
const keyParams = params.extend({ keyId: z.string() });
const KEY_MAKERS: ReadonlySet<Role> = new Set(['owner', 'admin', 'developer']);

export function addKeyRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.get(
    '/workspaces/:workspaceId/keys',
    { schema: { params, response: { 200: keysReply } } },
    async (request) => {
      const { workspaceId } = request.params;
      await requireMembership(deps, request, workspaceId);
      return { keys: (await listKeys(sql, workspaceId)).map(describeKey) };
    },
  );

  app.post(
    '/workspaces/:workspaceId/keys',
    { schema: { params, body: createKeyRequest, response: { 200: createKeyReply } } },
    async (request) => {
      const { workspaceId } = request.params;
      const { person, role } = await requireMembership(deps, request, workspaceId);
      requireKeyMaker(role);
      const { name, mode } = request.body;
      const order = { workspaceId, name, mode, createdBy: person.id };
      const { key, secret } = await inTransaction(sql, (tx) =>
        createKey(tx, order, deps.clock.wallMs()),
      );
      deps.changes.notify(workspaceId, 'keys');
      return { key: describeKey(key), secret };
    },
  );

  app.delete(
    '/workspaces/:workspaceId/keys/:keyId',
    { schema: { params: keyParams } },
    async (request, reply) => {
      const { workspaceId, keyId } = request.params;
      const { role } = await requireMembership(deps, request, workspaceId);
      requireKeyMaker(role);
      await inTransaction(sql, (tx) => revokeKey(tx, workspaceId, keyId, deps.clock.wallMs()));
      deps.changes.notify(workspaceId, 'keys');
      return reply.code(204).send();
    },
  );
}

function requireKeyMaker(role: Role): void {
  if (KEY_MAKERS.has(role)) return;
  throw new HubError('forbidden', { message: `The role ${role} cannot make or revoke keys.` });
}

function describeKey(key: KeyRow): Key {
  return {
    id: key.id,
    name: key.name,
    mode: key.mode,
    hint: key.hint,
    createdAt: key.createdAt.toISOString(),
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  };
}
