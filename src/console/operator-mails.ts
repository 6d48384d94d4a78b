// The operator's look at the messages: what became of each, those that lie in the outbox of this
// machine, and another try of one that was given up.

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { inTransaction } from '../db/database.ts';
import type { Person } from '../identity/people.ts';
import { type MailRow, listMails } from '../mail/desk.ts';
import { retryMail } from '../mail/due.ts';
import { mailReply, mailsQuery, mailsReply } from './contract-mail.ts';
import type { ConsoleApp, ConsoleDeps } from './deps.ts';

const PAGE = 50;
const params = z.object({ mailId: z.string() });

export function addMailRoutes(
  app: ConsoleApp,
  { database, mailbox }: ConsoleDeps,
  requireOperator: (request: FastifyRequest) => Promise<Person>,
): void {
  const { sql } = database;

  app.get(
    '/operator/mails',
    { schema: { querystring: mailsQuery, response: { 200: mailsReply } } },
    async (request) => {
      await requireOperator(request);
      const rows = await listMails(sql, request.query.before, PAGE + 1);
      const page = rows.slice(0, PAGE);
      const next = rows.length > PAGE ? (page.at(-1)?.id ?? null) : null;
      return { transport: mailbox.transport, mails: page.map(describeMail), next };
    },
  );

  app.get(
    '/operator/mails/:mailId',
    { schema: { params, response: { 200: mailReply } } },
    async (request) => {
      await requireOperator(request);
      const message = await mailbox.read(request.params.mailId);
      if (message) return message;
      throw new HubError('not_found', {
        message: 'The outbox of this machine has no such message.',
      });
    },
  );

  app.post('/operator/mails/:mailId/retry', { schema: { params } }, async (request, reply) => {
    await requireOperator(request);
    const { mailId } = request.params;
    const isDue = isId('msg', mailId) && (await inTransaction(sql, (tx) => retryMail(tx, mailId)));
    if (isDue) return reply.code(204).send();
    throw new HubError('not_found', { message: 'No message with this id was given up.' });
  });
}

function describeMail({ createdAt, sentAt, givenUpAt, ...mail }: MailRow) {
  return {
    ...mail,
    createdAt: createdAt.toISOString(),
    sentAt: sentAt?.toISOString() ?? null,
    givenUpAt: givenUpAt?.toISOString() ?? null,
  };
}
