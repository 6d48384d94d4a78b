// What the hub has to say by mail, as its operator sees it.

import { z } from 'zod';
import { time } from './contract-fields.ts';

/** GET /api/v1/operator/mails?before=: newest first. */
export const mailsQuery = z.object({ before: z.string().max(40).optional() });
export const mailsReply = z.object({
  /** `outbox`: there is no SMTP server, so messages land in files that this page shows. */
  transport: z.enum(['smtp', 'outbox']),
  mails: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      address: z.string(),
      createdAt: time,
      attempts: z.number(),
      /** Why the last try failed, in one word such as `smtp_450`. */
      failure: z.string().nullable(),
      sentAt: time.nullable(),
      givenUpAt: time.nullable(),
    }),
  ),
  next: z.string().nullable(),
});

/** GET /api/v1/operator/mails/:mailId: a message in the outbox; `not_found` where it went by SMTP. */
export const mailReply = z.object({ subject: z.string(), text: z.string() });
/** POST /api/v1/operator/mails/:mailId/retry → 204: one that was given up is due again. */

export type MailsReply = z.infer<typeof mailsReply>;
export type MailReply = z.infer<typeof mailReply>;
