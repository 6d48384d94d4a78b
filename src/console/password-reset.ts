// The forgotten password: a mail with a link, and the new password that the link allows.

import { z } from 'zod';
import { askForReset, resetPassword } from '../identity/password-change.ts';
import { spendWork } from '../identity/proof-of-work.ts';
import { networkOf } from './client-place.ts';
import { passwordResetConfirmRequest, passwordResetRequest } from './contract-sign-up.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const accepted = z.object({});

export function addPasswordResetRoutes(app: ConsoleApp, deps: ConsoleDeps): void {
  const { sql } = deps.database;

  app.post(
    '/password-reset',
    { schema: { body: passwordResetRequest, response: { 202: accepted } } },
    async (request, reply) => {
      const { email, proofOfWork } = request.body;
      deps.attempts.begin([`reset-from:${networkOf(deps, request)}`, `reset-for:${email}`]);
      const wallMs = deps.clock.wallMs();
      await spendWork(sql, proofOfWork, wallMs);
      await askForReset(sql, email, wallMs);
      return reply.code(202).send({});
    },
  );

  app.post(
    '/password-reset/confirm',
    { schema: { body: passwordResetConfirmRequest } },
    async (request, reply) => {
      const { token, password } = request.body;
      const succeed = deps.attempts.begin([`ip:${networkOf(deps, request)}`]);
      await resetPassword(sql, token, password, deps.clock.wallMs());
      succeed();
      return reply.code(204).send();
    },
  );
}
