// A workspace's own credentials at providers: listing, adding, replacing, changing, checking, removing, for owners
// and admins. Each answers with the whole list, which never has more of a credential than its end.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import type { Person } from '../identity/people.ts';
import {
  type CredentialRow,
  addCredential,
  changeCredential,
  listCredentials,
  openCredential,
  removeCredential,
  replaceCredential,
} from '../vault/manage.ts';
import type { Vault } from '../vault/seal.ts';
import { requireAccess } from './access.ts';
import {
  type Credential,
  type CredentialCheckReply,
  type CredentialsReply,
  addCredentialRequest,
  changeCredentialRequest,
  credentialCheckReply,
  credentialsReply,
  replaceCredentialRequest,
} from './contract-credentials.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const params = z.object({ workspaceId: z.string() });
const credentialParams = params.extend({ credentialId: z.string() });
const PATH = '/workspaces/:workspaceId/credentials';
const response = { 200: credentialsReply };

export function addCredentialRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  addCheckRoute(app, deps);

  app.get(PATH, { schema: { params, response } }, async (request) => {
    const { workspaceId } = request.params;
    await requireKeeper(deps, request, workspaceId);
    return read(deps, workspaceId);
  });

  app.post(PATH, { schema: { params, body: addCredentialRequest, response } }, async (request) => {
    const { workspaceId } = request.params;
    const { id: createdBy } = await requireKeeper(deps, request, workspaceId);
    const vault = requireVault(deps);
    const { provider, mode, secret } = request.body;
    if (!deps.credentialProviders.some(({ id }) => id === provider)) {
      const message = 'This hub has no such provider that takes a key.';
      throw new HubError('invalid_request', { param: 'provider', message });
    }
    const credential = { workspaceId, provider, mode, secret, createdBy };
    return change(deps, workspaceId, (tx, wallMs) => addCredential(tx, vault, credential, wallMs));
  });

  app.post(
    `${PATH}/:credentialId/replacement`,
    { schema: { params: credentialParams, body: replaceCredentialRequest, response } },
    async (request) => {
      const { workspaceId } = request.params;
      const { id: createdBy } = await requireKeeper(deps, request, workspaceId);
      const vault = requireVault(deps);
      const replacement = { secret: request.body.secret, createdBy };
      return change(deps, workspaceId, (tx, wallMs) =>
        replaceCredential(tx, vault, request.params, replacement, wallMs),
      );
    },
  );

  app.put(
    `${PATH}/:credentialId`,
    { schema: { params: credentialParams, body: changeCredentialRequest, response } },
    async (request) => {
      const { workspaceId } = request.params;
      await requireKeeper(deps, request, workspaceId);
      return change(deps, workspaceId, (tx, wallMs) =>
        changeCredential(tx, request.params, request.body, wallMs),
      );
    },
  );

  app.delete(
    `${PATH}/:credentialId`,
    { schema: { params: credentialParams, response } },
    async (request) => {
      const { workspaceId } = request.params;
      await requireKeeper(deps, request, workspaceId);
      return change(deps, workspaceId, (tx, wallMs) =>
        removeCredential(tx, request.params, wallMs),
      );
    },
  );
}

/** One at a time for a workspace: each is a call to somebody else. */
function addCheckRoute(app: ConsoleApp, deps: ConsoleDeps): void {
  const busy = new Set<string>();

  async function check(workspaceId: string, credentialId: string): Promise<CredentialCheckReply> {
    const { sql } = deps.database;
    const ref = { workspaceId, credentialId };
    const { provider, secret } = await openCredential(sql, requireVault(deps), ref);
    const ask = deps.credentialProviders.find(({ id }) => id === provider)?.check;
    if (ask) return ask(secret);
    throw new HubError('conflict', { message: 'Keys of this provider cannot be checked.' });
  }

  app.post(
    `${PATH}/:credentialId/check`,
    { schema: { params: credentialParams, response: { 200: credentialCheckReply } } },
    async (request) => {
      const { workspaceId, credentialId } = request.params;
      await requireKeeper(deps, request, workspaceId);
      if (busy.has(workspaceId)) throw new HubError('rate_limited', { retryAfterSeconds: 10 });
      busy.add(workspaceId);
      try {
        return await check(workspaceId, credentialId);
      } finally {
        busy.delete(workspaceId);
      }
    },
  );
}

async function change(
  deps: ConsoleDeps,
  workspaceId: string,
  work: (tx: Sql, wallMs: number) => Promise<unknown>,
): Promise<CredentialsReply> {
  await inTransaction(deps.database.sql, (tx) => work(tx, deps.clock.wallMs()));
  deps.changes.notify(workspaceId, 'credentials');
  return read(deps, workspaceId);
}

async function read(deps: ConsoleDeps, workspaceId: string): Promise<CredentialsReply> {
  const { credentialVault, byokFeeBps: feeBps, credentialProviders } = deps;
  const credentials = await listCredentials(deps.database.sql, workspaceId);
  return {
    isOn: credentialVault !== undefined,
    feeBps,
    providers: credentialProviders.map(({ id, name, check }) => ({
      id,
      name,
      isChecked: check !== undefined,
    })),
    credentials: credentials.map(describe),
  };
}

async function requireKeeper(
  deps: ConsoleDeps,
  request: FastifyRequest,
  workspaceId: string,
): Promise<Person> {
  const access = await requireAccess(deps, request, workspaceId, 'credentials.manage');
  return access.person;
}

function requireVault({ credentialVault }: ConsoleDeps): Vault {
  if (credentialVault) return credentialVault;
  throw new HubError('conflict', {
    message: 'This hub keeps no credentials: its operator has not set SECRETS_KEY.',
  });
}

function describe(row: CredentialRow): Credential {
  const { createdAt, disabledAt, lastUsedAt, ...rest } = row;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    disabledAt: disabledAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
