// A person's own account: what there is to know of it, its name, password and address. Whatever a
// stolen session must not do asks for a recent proof of who it is.

import { z } from 'zod';
import { inTransaction } from '../db/database.ts';
import { type Account, readAccount, renamePerson } from '../identity/account.ts';
import { askForEmail, cancelEmailChange, confirmEmail } from '../identity/email-change.ts';
import { changePassword } from '../identity/password-change.ts';
import { requireRecentSession, requireSession } from './access.ts';
import { networkOf } from './client-place.ts';
import {
  type AccountReply,
  accountReply,
  changeAccountRequest,
  changeEmailRequest,
  changePasswordRequest,
  confirmEmailRequest,
} from './contract-account.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { describePasskey } from './passkeys.ts';

const accepted = z.object({});

export function addAccountRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;
  const reply200 = { response: { 200: accountReply } };
  const describe = async (personId: string): Promise<AccountReply> =>
    describeAccount(await readAccount(sql, personId, deps.clock.wallMs()));

  app.get('/account', { schema: reply200 }, async (request) =>
    describe((await requireSession(deps, request)).person.id),
  );

  app.patch(
    '/account',
    { schema: { body: changeAccountRequest, ...reply200 } },
    async (request) => {
      const { person } = await requireSession(deps, request);
      await renamePerson(sql, person.id, request.body.name);
      return describe(person.id);
    },
  );

  app.put(
    '/account/password',
    { schema: { body: changePasswordRequest } },
    async (request, reply) => {
      const session = await requireRecentSession(deps, request);
      deps.attempts.begin([`password-change:${session.person.id}`]);
      await changePassword(sql, session, request.body.password, deps.clock.wallMs());
      return reply.code(204).send();
    },
  );

  app.post(
    '/account/email',
    { schema: { body: changeEmailRequest, response: { 202: accepted } } },
    async (request, reply) => {
      const session = await requireRecentSession(deps, request);
      deps.attempts.begin([`email-change:${session.person.id}`]);
      await askForEmail(sql, session, request.body.email, deps.clock.wallMs());
      return reply.code(202).send({});
    },
  );

  app.delete('/account/email', async (request, reply) => {
    const { person } = await requireSession(deps, request);
    await inTransaction(sql, (tx) => cancelEmailChange(tx, person.id));
    return reply.code(204).send();
  });

  app.post(
    '/account/email/confirm',
    { schema: { body: confirmEmailRequest } },
    async (request, reply) => {
      const succeed = deps.attempts.begin([`ip:${networkOf(deps, request)}`]);
      await confirmEmail(sql, request.body.token, deps.clock.wallMs());
      succeed();
      return reply.code(204).send();
    },
  );
}

function describeAccount(account: Account): AccountReply {
  const { person, pending, google, recoveryCodesLeft, passkeys, acceptances } = account;
  return {
    id: person.id,
    name: person.name,
    email: person.email,
    pendingEmail: pending?.email ?? null,
    hasPassword: person.password_hash !== null,
    google: google ? { email: google.email, linkedAt: google.linkedAt.toISOString() } : null,
    hasAuthenticator: person.totp_confirmed_at !== null,
    recoveryCodesLeft,
    passkeys: passkeys.map(describePasskey),
    createdAt: person.created_at.toISOString(),
    acceptances: acceptances.map(({ document, version, accepted_at }) => ({
      document,
      version,
      acceptedAt: accepted_at.toISOString(),
    })),
  };
}
