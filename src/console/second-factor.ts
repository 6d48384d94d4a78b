// The second step of a sign-in, and what it is made of: the authenticator app and its recovery codes.
// Codes are few enough to be found by trying, so tries are counted by person and by address.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '../base/errors.ts';
import { inTransaction } from '../db/database.ts';
import {
  beginAuthenticator,
  confirmAuthenticator,
  hasAuthenticator,
  removeAuthenticator,
  useAuthenticatorCode,
} from '../identity/authenticator.ts';
import { type Person, findPersonById } from '../identity/people.ts';
import { renewRecoveryCodes, useRecoveryCode } from '../identity/recovery-codes.ts';
import { tellChange } from '../identity/second-factor.ts';
import type { Vault } from '../vault/seal.ts';
import { requireRecentSession, requireSession } from './access.ts';
import { networkOf } from './client-place.ts';
import {
  confirmAuthenticatorRequest,
  newAuthenticatorReply,
  recoveryCodesReply,
} from './contract-account.ts';
import { secondFactorRequest } from './contract-sign-up.ts';
import { sessionReply } from './contract.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';
import { findHeldSession } from './held-session.ts';
import { HUB_NAME } from './relying-party.ts';
import { signIn } from './signing-in.ts';

export function addSecondFactorRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;
  addAuthenticatorRoutes(app, deps);

  app.post(
    '/sign-in/second-factor',
    { schema: { body: secondFactorRequest, response: { 200: sessionReply } } },
    async (request, reply) => {
      const session = await findHeldSession(deps, request);
      const isAsked = session?.stage === 'second_factor' && session.personId !== null;
      const person = isAsked ? await findPersonById(sql, session.personId) : undefined;
      if (!person) throw new HubError('not_signed_in');
      await tryCode(deps, request, person, () => answer(deps, person, request.body.code));
      return signIn(deps, request, reply, person, 'both');
    },
  );

  app.post(
    '/account/recovery-codes',
    { schema: { response: { 200: recoveryCodesReply } } },
    async (request) => {
      const { person } = await requireRecentSession(deps, request);
      const wallMs = deps.clock.wallMs();
      const recoveryCodes = await inTransaction(sql, async (tx) => {
        if (!(await hasAuthenticator(tx, person.id))) throw nothingToReplace();
        await tellChange(tx, person, 'recovery_codes_renewed', wallMs);
        return renewRecoveryCodes(tx, person.id);
      });
      return { recoveryCodes };
    },
  );
}

function addAuthenticatorRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.post(
    '/account/authenticator',
    { schema: { response: { 200: newAuthenticatorReply } } },
    async (request) => {
      const { person } = await requireRecentSession(deps, request);
      return beginAuthenticator(sql, requireVault(deps), person, HUB_NAME);
    },
  );

  app.post(
    '/account/authenticator/confirm',
    { schema: { body: confirmAuthenticatorRequest, response: { 200: recoveryCodesReply } } },
    async (request) => {
      const { person } = await requireSession(deps, request);
      const vault = requireVault(deps);
      const code = plain(request.body.code);
      const wallMs = deps.clock.wallMs();
      const confirm = () =>
        inTransaction(sql, async (tx) => {
          if (!(await confirmAuthenticator(tx, vault, person.id, code, wallMs))) return undefined;
          await tellChange(tx, person, 'authenticator_added', wallMs);
          return renewRecoveryCodes(tx, person.id);
        });
      return { recoveryCodes: await tryCode(deps, request, person, confirm) };
    },
  );

  app.delete('/account/authenticator', async (request, reply) => remove(deps, request, reply));
}

async function remove(
  deps: ConsoleDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { person } = await requireRecentSession(deps, request);
  const wallMs = deps.clock.wallMs();
  await inTransaction(deps.database.sql, async (tx) => {
    if (!(await removeAuthenticator(tx, person.id))) throw new HubError('not_found');
    await tellChange(tx, person, 'authenticator_removed', wallMs);
  });
  return reply.code(204).send();
}

/** A try counts when it begins. Throws `second_factor_failed`, or `rate_limited` after too many. */
async function tryCode<T>(
  deps: ConsoleDeps,
  request: FastifyRequest,
  { id }: Person,
  check: () => Promise<T | undefined>,
): Promise<T> {
  const names = [`ip:${networkOf(deps, request)}`, `second_factor:${id}`];
  const succeed = deps.attempts.begin(names);
  const checked = await check();
  if (checked === undefined) throw new HubError('second_factor_failed');
  succeed();
  return checked;
}

/** Whether it is a code of the app or a recovery code of the person's; either is used up. */
async function answer(deps: ConsoleDeps, person: Person, typed: string): Promise<true | undefined> {
  const { sql } = deps.database;
  const wallMs = deps.clock.wallMs();
  const code = plain(typed);
  const isRight = /^\d{6}$/.test(code)
    ? await useAuthenticatorCode(sql, requireVault(deps), person.id, code, wallMs)
    : await inTransaction(sql, async (tx) => {
        if (!(await useRecoveryCode(tx, person.id, typed))) return false;
        await tellChange(tx, person, 'recovery_code_used', wallMs);
        return true;
      });
  return isRight || undefined;
}

/** Apps show `123 456`. */
function plain(code: string): string {
  return code.replace(/\s/g, '');
}

function requireVault({ vault }: ConsoleDeps): Vault {
  if (vault) return vault;
  throw new HubError('conflict', {
    message:
      'This hub cannot keep the secret of an authenticator app: its operator has not set ' +
      'SECRETS_KEY. Use a passkey instead.',
  });
}

function nothingToReplace(): HubError {
  const message = 'Recovery codes stand in for an authenticator app: set one up first.';
  return new HubError('conflict', { message });
}
