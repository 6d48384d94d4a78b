// Signing in with a passkey, and proving with one once more who it is. A passkey is both proofs at
// once, so no second step follows; where one waits, a passkey of the same person answers it.

import { generateAuthenticationOptions } from '@simplewebauthn/server';
import { HubError } from '../base/errors.ts';
import { listPasskeys, usePasskey } from '../identity/passkeys.ts';
import type { Person } from '../identity/people.ts';
import { type FlowPurpose, beginFlow, takeFlow } from '../identity/session-flows.ts';
import { requireSession } from './access.ts';
import { passkeyOptionsReply, passkeyResponse } from './contract-sign-up.ts';
import { sessionReply } from './contract.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { findHeldSession, holdSession } from './held-session.ts';
import { relyingPartyOf } from './relying-party.ts';
import { proveAgain, signIn } from './signing-in.ts';

const optionsSchema = { response: { 200: passkeyOptionsReply } };

export function addPasskeySignInRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.post('/sign-in/passkey/options', { schema: optionsSchema }, async (request, reply) => {
    const { id } = await holdSession(deps, request, reply);
    return ask(deps, id, 'sign_in', []);
  });

  app.post(
    '/sign-in/passkey',
    { schema: { body: passkeyResponse, response: { 200: sessionReply } } },
    async (request, reply) => {
      const session = await findHeldSession(deps, request);
      if (!session) throw notAccepted();
      const isWaiting = session.stage === 'second_factor' && session.personId !== null;
      const personId = isWaiting ? session.personId : undefined;
      const whose = { sessionId: session.id, purpose: 'sign_in', personId } as const;
      const person = await readAnswer(deps, whose, request.body.response);
      return signIn(deps, request, reply, person, 'both');
    },
  );

  app.post(
    '/account/reauthenticate/passkey/options',
    { schema: optionsSchema },
    async (request) => {
      const { id, person } = await requireSession(deps, request);
      const known = await listPasskeys(sql, person.id);
      const allowed = known.map(({ credentialId, transports }) => ({
        id: credentialId,
        transports: [...transports],
      }));
      return ask(deps, id, 'reauthenticate', allowed);
    },
  );

  app.post(
    '/account/reauthenticate/passkey',
    { schema: { body: passkeyResponse } },
    async (request, reply) => {
      const { id: sessionId, person } = await requireSession(deps, request);
      const whose = { sessionId, purpose: 'reauthenticate', personId: person.id } as const;
      await readAnswer(deps, whose, request.body.response);
      await proveAgain(deps, reply, sessionId);
      return reply.code(204).send();
    },
  );
}

/** Without a list the device offers what it has for this hub, so nobody need say first who they are. */
async function ask(
  deps: ConsoleDeps,
  sessionId: string,
  purpose: FlowPurpose,
  allowCredentials: { id: string; transports: string[] }[],
) {
  const options = await generateAuthenticationOptions({
    rpID: relyingPartyOf(deps.publicUrl()).id,
    userVerification: 'required',
    allowCredentials,
  });
  const flow = { kind: 'passkey_sign_in', purpose, secret: options.challenge } as const;
  await beginFlow(deps.database.sql, sessionId, flow, deps.clock.wallMs());
  return { options: { ...options } };
}

interface Whose {
  readonly sessionId: string;
  readonly purpose: FlowPurpose;
  readonly personId: string | undefined;
}

/** Throws `sign_in_failed`. */
async function readAnswer(
  deps: ConsoleDeps,
  { sessionId, purpose, personId }: Whose,
  response: unknown,
): Promise<Person> {
  const { sql } = deps.database;
  const wallMs = deps.clock.wallMs();
  const flow = await takeFlow(sql, sessionId, 'passkey_sign_in', wallMs);
  if (flow?.purpose !== purpose) throw notAccepted();
  const answer = { challenge: flow.secret, response, personId };
  const person = await usePasskey(sql, answer, relyingPartyOf(deps.publicUrl()), wallMs);
  if (!person) throw notAccepted();
  return person;
}

function notAccepted(): HubError {
  const message = 'This passkey is not known here, or its answer came too late.';
  return new HubError('sign_in_failed', { message });
}
