// A person's passkeys: adding (the hub asks, the device answers once), renaming, removing.

import { generateRegistrationOptions } from '@simplewebauthn/server';
import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { inTransaction } from '../db/database.ts';
import {
  PASSKEY_ALGORITHMS,
  type Passkey,
  addPasskey,
  listPasskeys,
  removePasskey,
  renamePasskey,
} from '../identity/passkeys.ts';
import { tellChange } from '../identity/second-factor.ts';
import { beginFlow, takeFlow } from '../identity/session-flows.ts';
import { requireRecentSession, requireSession } from './access.ts';
import {
  type Passkey as PasskeyReply,
  addPasskeyRequest,
  passkeySchema,
  renamePasskeyRequest,
} from './contract-account.ts';
import { passkeyOptionsReply } from './contract-sign-up.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { HUB_NAME, relyingPartyOf } from './relying-party.ts';

const params = z.object({ passkeyId: z.string() });

export function addPasskeyRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.post(
    '/account/passkeys/options',
    { schema: { response: { 200: passkeyOptionsReply } } },
    async (request) => {
      const { id: sessionId, person } = await requireRecentSession(deps, request);
      const known = await listPasskeys(sql, person.id);
      const options = await generateRegistrationOptions({
        rpName: HUB_NAME,
        rpID: relyingPartyOf(deps.publicUrl()).id,
        userID: new TextEncoder().encode(person.id),
        userName: person.email,
        userDisplayName: person.name,
        attestationType: 'none',
        supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        excludeCredentials: known.map(({ credentialId, transports }) => ({
          id: credentialId,
          transports: [...transports],
        })),
      });
      const { challenge: secret } = options;
      const flow = { kind: 'passkey_register', purpose: 'register', secret } as const;
      await beginFlow(sql, sessionId, flow, deps.clock.wallMs());
      return { options: { ...options } };
    },
  );

  app.post(
    '/account/passkeys',
    { schema: { body: addPasskeyRequest, response: { 200: passkeySchema } } },
    async (request) => {
      const { id: sessionId, person } = await requireSession(deps, request);
      const wallMs = deps.clock.wallMs();
      const flow = await takeFlow(sql, sessionId, 'passkey_register', wallMs);
      if (!flow) throw new HubError('invalid_request', { message: TOO_LATE });
      const asked = { ...request.body, personId: person.id, challenge: flow.secret };
      const relyingParty = relyingPartyOf(deps.publicUrl());
      const passkey = await inTransaction(sql, async (tx) => {
        await tellChange(tx, person, 'passkey_added', wallMs);
        return addPasskey(tx, asked, relyingParty, wallMs);
      });
      return describePasskey(passkey);
    },
  );

  addPasskeyChanges(app, deps);
}

const TOO_LATE = 'The hub did not ask for a passkey, or too long ago. Try again.';

function addPasskeyChanges(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;
  const path = '/account/passkeys/:passkeyId';

  app.patch(path, { schema: { params, body: renamePasskeyRequest } }, async (request, reply) => {
    const { person } = await requireSession(deps, request);
    await renamePasskey(sql, person.id, request.params.passkeyId, request.body.name);
    return reply.code(204).send();
  });

  app.delete(path, { schema: { params } }, async (request, reply) => {
    const { person } = await requireRecentSession(deps, request);
    const wallMs = deps.clock.wallMs();
    await inTransaction(sql, async (tx) => {
      await removePasskey(tx, person.id, request.params.passkeyId);
      await tellChange(tx, person, 'passkey_removed', wallMs);
    });
    return reply.code(204).send();
  });
}

export function describePasskey({ id, name, createdAt, lastUsedAt }: Passkey): PasskeyReply {
  return {
    id,
    name,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
