// Signing in and out: the first operator's welcome, the password, and the one-time link.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import { inTransaction } from '../db/database.ts';
import { welcome } from '../identity/first-operator.ts';
import { consumeLink } from '../identity/links.ts';
import { verifyPassword } from '../identity/passwords.ts';
import {
  type Person,
  findFirstOperator,
  findPersonByEmail,
  findPersonById,
  normaliseEmail,
} from '../identity/people.ts';
import { endSession, startSession } from '../identity/sessions.ts';
import { listWorkspaces } from '../identity/workspaces.ts';
import { clientIp } from '../http/client-ip.ts';
import { findPerson } from './access.ts';
import { createAttempts } from './attempts.ts';
import {
  type SessionReply,
  sessionReply,
  signInLinkRequest,
  signInRequest,
  welcomeRequest,
} from './contract.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { clearSessionCookie, readSessionToken, setSessionCookie } from './session-cookie.ts';

export function addSessionRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;
  const attempts = createAttempts(deps.clock, deps.siblings);
  const reply200 = { response: { 200: sessionReply } };

  app.get('/session', { schema: reply200 }, async (request) =>
    describeSession(deps, await findPerson(deps, request)),
  );

  app.post('/welcome', { schema: { body: welcomeRequest, ...reply200 } }, async (request, reply) =>
    signIn(deps, request, reply, await welcome(sql, request.body, deps.clock)),
  );

  app.post('/sign-in', { schema: { body: signInRequest, ...reply200 } }, async (request, reply) => {
    const { email, password } = request.body;
    const client = { headers: request.headers, peerAddress: request.raw.socket.remoteAddress };
    const ip = clientIp(client, deps.trustedProxies) ?? 'unknown';
    const succeed = attempts.begin([`ip:${ip}`, `email:${normaliseEmail(email)}`]);
    const person = await findPersonByEmail(sql, email);
    if (!(await verifyPassword(password, person?.passwordHash ?? null)) || !person) {
      throw new HubError('sign_in_failed');
    }
    succeed();
    return signIn(deps, request, reply, person);
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
      return signIn(deps, request, reply, person);
    },
  );

  app.post('/sign-out', async (request, reply) => {
    const token = readSessionToken(request);
    if (token !== undefined) await endSession(sql, token);
    clearSessionCookie(reply, deps.publicUrl());
    return reply.code(204).send();
  });
}

async function signIn(
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  person: Person,
): Promise<SessionReply> {
  const token = await startSession(
    deps.database.sql,
    person.id,
    readSessionToken(request),
    deps.clock.wallMs(),
  );
  setSessionCookie(reply, token, deps.publicUrl());
  return describeSession(deps, person);
}

async function describeSession(
  deps: ConsoleDeps,
  person: Person | undefined,
): Promise<SessionReply> {
  const { sql } = deps.database;
  const origin = deps.publicUrl();
  return {
    person: person ?? null,
    workspaces: person ? await listWorkspaces(sql, person.id) : [],
    hub: {
      baseUrl: `${origin}/v1`,
      origin,
      version: deps.version,
      sandbox: deps.sandbox,
      awaitsOperator: person ? false : (await findFirstOperator(sql)) === undefined,
    },
  };
}
