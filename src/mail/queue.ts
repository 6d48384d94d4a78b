// What is to be sent, as rows: a message is queued in the transaction of what it is about, so that
// neither happens without the other. The words come later (templates.ts), and so do links: no token
// waits in the database.

import { sql as rawSql } from 'kysely';
import { newId } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';
import type { MailFacts } from './kinds.ts';

/** Says that something is due. */
export const MAILS_CHANNEL = 'mails';

interface About {
  readonly address: string;
  /** Whose message it is; when that person goes, it goes. */
  readonly personId?: string;
  /** The sign-up or the invitation that its link is for. */
  readonly subjectId?: string;
  /** What it is about: a second message with this key is not queued. */
  readonly onceKey: string;
}

export type NewMail = {
  [K in keyof MailFacts]: About & { readonly kind: K; readonly facts: MailFacts[K] };
}[keyof MailFacts];

/** Queues a message inside the caller's transaction; one that was queued before changes nothing. */
export async function queueMail(tx: Sql, mail: NewMail, wallMs: number): Promise<void> {
  await tx
    .insertInto('mails')
    .values({
      id: newId('msg', wallMs),
      kind: mail.kind,
      address: mail.address,
      person_id: mail.personId ?? null,
      subject_id: mail.subjectId ?? null,
      facts: JSON.stringify(mail.facts),
      once_key: mail.onceKey,
      created_at: new Date(wallMs),
      // By the clock that says when it is taken (due.ts).
      due_at: rawSql<Date>`now()`,
    })
    .onConflict((conflict) => conflict.column('once_key').doNothing())
    .execute();
  await announceMails(tx);
}

/** Wakes the senders of all nodes once the caller's transaction is done. */
export async function announceMails(tx: Sql): Promise<void> {
  await rawSql`select pg_notify(${MAILS_CHANNEL}, '')`.execute(tx);
}
