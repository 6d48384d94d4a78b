// Going to Google: to sign in or up, to link an account there, or to prove once more who it is. What
// the hub asked stays with the session until the browser is back (google-callback.ts). Nothing here
// fails because Google is away: the browser is then sent where a failure would have led it.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import { inTransaction } from '../db/database.ts';
import { findGoogleLink, unlinkGoogle } from '../identity/google-accounts.ts';
import { type GoogleClient, createGoogleClient, reasonOf } from '../identity/google-client.ts';
import type { Consent } from '../identity/new-account.ts';
import { tellChange } from '../identity/second-factor.ts';
import { type FlowPurpose, beginFlow } from '../identity/session-flows.ts';
import { hashToken } from '../identity/tokens.ts';
import { requireRecentSession, requireSession } from './access.ts';
import { requireCurrentDocuments } from './consent.ts';
import {
  type GoogleReply,
  googleReply,
  googleRequest,
  googleSignUpRequest,
} from './contract-sign-up.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { addGoogleCallback, callbackUrl, failurePath } from './google-callback.ts';
import { holdSession } from './held-session.ts';
import { requireOwnPath } from './own-path.ts';
import { requireSignUp } from './sign-up.ts';

export function addGoogleRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const google = deps.google && createGoogleClient(deps.google, deps.clock);
  addGoogleCallback(app, deps, google);
  const response = { 200: googleReply };
  const schema = { body: googleRequest, response };

  app.post('/sign-in/google', { schema }, async (request, reply) => {
    const { id } = await holdSession(deps, request, reply);
    return goTo(deps, google, id, { purpose: 'sign_in', back: request.body.back });
  });

  app.post(
    '/sign-up/google',
    { schema: { body: googleSignUpRequest, response } },
    async (request, reply) => {
      requireSignUp(deps);
      const { back, termsVersion, privacyVersion } = request.body;
      const consent = { termsVersion, privacyVersion };
      requireCurrentDocuments(consent);
      const { id } = await holdSession(deps, request, reply);
      return goTo(deps, google, id, { purpose: 'sign_up', back, consent });
    },
  );

  app.post('/account/google/link', { schema }, async (request) => {
    const { id, person } = await requireRecentSession(deps, request);
    if (await findGoogleLink(deps.database.sql, person.id)) {
      const message = 'A Google account is linked already. Unlink it first.';
      throw new HubError('conflict', { message });
    }
    return goTo(deps, google, id, { purpose: 'link', back: request.body.back });
  });

  app.post('/account/google/reauthenticate', { schema }, async (request) => {
    const { id } = await requireSession(deps, request);
    return goTo(deps, google, id, { purpose: 'reauthenticate', back: request.body.back });
  });

  app.delete('/account/google', async (request, reply) => unlink(deps, request, reply));
}

interface Going {
  readonly purpose: FlowPurpose;
  readonly back: string;
  readonly consent?: Consent;
}

async function goTo(
  deps: ConsoleDeps,
  google: GoogleClient | undefined,
  sessionId: string,
  { purpose, back, consent }: Going,
): Promise<GoogleReply> {
  const returnPath = requireOwnPath(back);
  if (!google) {
    throw new HubError('not_found', { message: 'Nobody signs in with Google on this hub.' });
  }
  const isFresh = purpose === 'reauthenticate';
  const asked = await google.request(callbackUrl(deps), isFresh).catch((error: unknown) => {
    deps.log.warn('google_unreachable', { code: reasonOf(error) });
    return undefined;
  });
  if (!asked) {
    return { url: deps.publicUrl() + failurePath(purpose, returnPath, 'google_failed') };
  }
  const { url, state, nonce, verifier: secret } = asked;
  const kept = { stateHash: hashToken(state), nonce, returnPath };
  await beginFlow(
    deps.database.sql,
    sessionId,
    { kind: 'google', purpose, secret, google: kept, ...(consent && { consent }) },
    deps.clock.wallMs(),
  );
  return { url };
}

async function unlink(
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { person } = await requireRecentSession(deps, request);
  const wallMs = deps.clock.wallMs();
  await inTransaction(deps.database.sql, async (tx) => {
    await unlinkGoogle(tx, person.id);
    await tellChange(tx, person, 'google_unlinked', wallMs);
  });
  return reply.code(204).send();
}
