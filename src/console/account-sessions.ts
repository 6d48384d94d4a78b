// Where a person is signed in, ending that, and proving anew by password that it is they.

import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { verifyPassword } from '../identity/passwords.ts';
import { findPersonByEmail } from '../identity/people.ts';
import { endSessionOf, endSessionsOf, listSessions } from '../identity/sessions.ts';
import { requireSession } from './access.ts';
import { networkOf } from './client-place.ts';
import { reauthenticateRequest, sessionsReply } from './contract-account.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { clearSessionCookie } from './session-cookie.ts';
import { proveAgain } from './signing-in.ts';

const params = z.object({ sessionId: z.string() });

export function addAccountSessionRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.post(
    '/account/reauthenticate',
    { schema: { body: reauthenticateRequest } },
    async (request, reply) => {
      const { id, person } = await requireSession(deps, request);
      // The same account and the same guesses as at sign-in.
      const names = [`ip:${networkOf(deps, request)}`, `email:${person.email}`];
      const succeed = deps.attempts.begin(names);
      const known = await findPersonByEmail(sql, person.email);
      if (!(await verifyPassword(request.body.password, known?.passwordHash ?? null))) {
        const message = 'The password is wrong.';
        throw new HubError('sign_in_failed', { message, param: 'password' });
      }
      succeed();
      await proveAgain(deps, reply, id);
      return reply.code(204).send();
    },
  );

  app.get(
    '/account/sessions',
    { schema: { response: { 200: sessionsReply } } },
    async (request) => {
      const { id, person } = await requireSession(deps, request);
      const sessions = await listSessions(sql, person.id, deps.clock.wallMs());
      return {
        sessions: sessions.map(({ createdAt, lastSeenAt, ...session }) => ({
          ...session,
          createdAt: createdAt.toISOString(),
          lastSeenAt: lastSeenAt.toISOString(),
          isCurrent: session.id === id,
        })),
      };
    },
  );

  app.delete('/account/sessions/:sessionId', { schema: { params } }, async (request, reply) => {
    const { id, person } = await requireSession(deps, request);
    const { sessionId } = request.params;
    await endSessionOf(sql, person.id, sessionId);
    if (sessionId === id) clearSessionCookie(reply, deps.publicUrl());
    return reply.code(204).send();
  });

  app.post('/account/sessions/end-others', async (request, reply) => {
    const { id, person } = await requireSession(deps, request);
    await endSessionsOf(sql, person.id, id);
    return reply.code(204).send();
  });
}
