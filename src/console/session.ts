// Signing in and out: the first operator's welcome, the password, and the one-time link.

import { HubError } from '../base/errors.ts';
import { inTransaction } from '../db/database.ts';
import { welcome } from '../identity/first-operator.ts';
import { consumeLink } from '../identity/links.ts';
import { verifyPassword } from '../identity/passwords.ts';
import { findPersonByEmail, findPersonById } from '../identity/people.ts';
import { endSession } from '../identity/sessions.ts';
import { networkOf } from './client-place.ts';
import { sessionReply, signInLinkRequest, welcomeRequest } from './contract.ts';
import { signInRequest } from './contract-sign-up.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { clearSessionCookie, readSessionToken } from './session-cookie.ts';
import { describeOwnSession, signIn } from './signing-in.ts';

export function addSessionRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;
  const reply200 = { response: { 200: sessionReply } };

  app.get('/session', { schema: reply200 }, (request) => describeOwnSession(deps, request));

  app.post('/welcome', { schema: { body: welcomeRequest, ...reply200 } }, async (request, reply) =>
    signIn(deps, request, reply, await welcome(sql, request.body, deps.clock), 'both'),
  );

  app.post('/sign-in', { schema: { body: signInRequest, ...reply200 } }, async (request, reply) => {
    const { email, password } = request.body;
    const names = [`ip:${networkOf(deps, request)}`, `email:${email}`];
    const succeed = deps.attempts.begin(names);
    const person = await findPersonByEmail(sql, email);
    if (!(await verifyPassword(password, person?.passwordHash ?? null)) || !person) {
      throw new HubError('sign_in_failed');
    }
    succeed();
    return signIn(deps, request, reply, person, 'one', person.passwordHash);
  });

  app.post(
    '/sign-in/link',
    { schema: { body: signInLinkRequest, ...reply200 } },
    async (request, reply) => {
      const person = await inTransaction(sql, async (tx) => {
        const link = await consumeLink(tx, 'sign_in', request.body.token, deps.clock.wallMs());
        return link?.personId ? findPersonById(tx, link.personId) : undefined;
      });
      if (!person) throw new HubError('link_invalid');
      return signIn(deps, request, reply, person, 'both');
    },
  );

  app.post('/sign-out', async (request, reply) => {
    const token = readSessionToken(request);
    if (token !== undefined) await endSession(sql, token);
    clearSessionCookie(reply, deps.publicUrl());
    return reply.code(204).send();
  });
}
