// Making an account oneself, and the proof of work that its form and others ask for. Every reply is
// the same for an address that has an account and for one that has none.

import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { challengeWork, spendWork } from '../identity/proof-of-work.ts';
import {
  confirmSignUp,
  findSignUp,
  isOfSession,
  openSignUp,
  requireSignUpPassword,
} from '../identity/sign-up.ts';
import { networkOf, placeOf } from './client-place.ts';
import { requireCurrentDocuments } from './consent.ts';
import {
  challengeReply,
  confirmSignUpReply,
  confirmSignUpRequest,
  signUpRequest,
} from './contract-sign-up.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { readSessionToken, setSessionCookie } from './session-cookie.ts';
import { signIn } from './signing-in.ts';

const accepted = z.object({});

export function addSignUpRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.get('/proof-of-work', { schema: { response: { 200: challengeReply } } }, async () => ({
    challenge: { ...(await challengeWork(sql, deps.clock.wallMs())) },
  }));

  app.post(
    '/sign-up',
    { schema: { body: signUpRequest, response: { 202: accepted } } },
    async (request, reply) => {
      requireSignUp(deps);
      requireCurrentDocuments(request.body);
      const { name, email, password, proofOfWork, termsVersion, privacyVersion } = request.body;
      deps.attempts.begin([`sign-up-from:${networkOf(deps, request)}`, `sign-up-for:${email}`]);
      const wallMs = deps.clock.wallMs();
      await spendWork(sql, proofOfWork, wallMs);
      const form = { name, email, password, consent: { termsVersion, privacyVersion } };
      const browser = { place: placeOf(deps, request), previousToken: readSessionToken(request) };
      setSessionCookie(reply, await openSignUp(sql, form, browser, wallMs), deps.publicUrl());
      return reply.code(202).send({});
    },
  );

  app.post(
    '/sign-up/confirm',
    { schema: { body: confirmSignUpRequest, response: { 200: confirmSignUpReply } } },
    async (request, reply) => {
      requireSignUp(deps);
      const { token, password } = request.body;
      const wallMs = deps.clock.wallMs();
      const signUp = await findSignUp(sql, token, wallMs);
      if (!(await isOfSession(sql, signUp, readSessionToken(request), wallMs))) {
        if (password === undefined) return { step: 'password' as const };
        const names = [`ip:${networkOf(deps, request)}`, `confirm:${signUp.id}`];
        const succeed = deps.attempts.begin(names);
        await requireSignUpPassword(signUp, password);
        succeed();
      }
      const person = await confirmSignUp(sql, token, signUp, wallMs);
      await signIn(deps, request, reply, person, 'one');
      return { step: 'done' as const };
    },
  );
}

/** Throws `forbidden` where accounts are not made by the people themselves. */
export function requireSignUp(deps: ConsoleDeps): void {
  if (deps.signUp) return;
  const message = 'Nobody can sign up here: the operator of this hub has closed it.';
  throw new HubError('forbidden', { message });
}
