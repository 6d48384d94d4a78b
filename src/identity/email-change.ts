// Changing one's address: it changes when the link that was mailed to the new one is opened, in any
// browser. The old one is told when it is asked for, while that can still be stopped, and when it is
// done. Whether the new one has an account is not told: no link comes of it then (mail-links.ts).

import { randomUUID } from 'node:crypto';
import { HubError } from '../base/errors.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { queueMail } from '../mail/queue.ts';
import { consumeLink, findLink, forgetLinks, forgetLinksOf } from './links.ts';
import { findPersonById, lockPerson, refuseTakenAddress } from './people.ts';
import { type Session, requireLiveSession } from './sessions.ts';

const LIFETIME_MS = 24 * 3_600_000;

/** Begins a change, in the place of one that waits. Throws `not_signed_in` where the session ended. */
export async function askForEmail(
  sql: Sql,
  { id, person }: Session,
  email: string,
  wallMs: number,
): Promise<void> {
  if (email === person.email) {
    const message = 'This is your email address already.';
    throw new HubError('invalid_request', { message, param: 'email' });
  }
  await inTransaction(sql, async (tx) => {
    await lockPerson(tx, person.id);
    await requireLiveSession(tx, id);
    await cancelEmailChange(tx, person.id);
    await tx
      .insertInto('email_changes')
      .values({
        person_id: person.id,
        email,
        created_at: new Date(wallMs),
        expires_at: new Date(wallMs + LIFETIME_MS),
      })
      .execute();
    const of = { personId: person.id };
    const confirm = { kind: 'confirm_email', facts: { name: person.name } } as const;
    const once = `confirm_email:${randomUUID()}`;
    await queueMail(tx, { ...confirm, ...of, address: email, onceKey: once }, wallMs);
    await tellOldAddress(tx, person, { newEmail: email, done: false }, wallMs);
  });
}

/** Takes back what waits, inside the caller's transaction; a link that is out is worth nothing then. */
export async function cancelEmailChange(tx: Sql, personId: string): Promise<void> {
  await tx.deleteFrom('email_changes').where('person_id', '=', personId).execute();
  await forgetLinks(tx, 'change_email', { personId, subjectId: null });
}

/**
 * Changes the address by the mailed link. Throws `link_invalid`, and `conflict` where somebody else
 * has got the address meanwhile.
 */
export async function confirmEmail(sql: Sql, token: string, wallMs: number): Promise<void> {
  const link = await findLink(sql, 'change_email', token, wallMs);
  const personId = link?.personId ?? '';
  await inTransaction(sql, async (tx) => {
    await lockPerson(tx, personId);
    const used = await consumeLink(tx, 'change_email', token, wallMs);
    const person = await findPersonById(tx, personId);
    const change = await tx
      .deleteFrom('email_changes')
      .where('person_id', '=', personId)
      .where('expires_at', '>', new Date(wallMs))
      .returning('email')
      .executeTakeFirst();
    if (!used || !person || !change) throw new HubError('link_invalid');
    await tx
      .updateTable('people')
      .set({ email: change.email, email_verified_at: new Date(wallMs) })
      .where('id', '=', personId)
      .execute()
      .catch(refuseTakenAddress);
    // Those of the old mailbox: whoever reads it is no longer this person.
    await forgetLinksOf(tx, personId);
    await tellOldAddress(tx, person, { newEmail: change.email, done: true }, wallMs);
  });
}

function tellOldAddress(
  tx: Sql,
  { id, email }: { readonly id: string; readonly email: string },
  facts: { readonly newEmail: string; readonly done: boolean },
  wallMs: number,
): Promise<void> {
  const about = { address: email, personId: id, onceKey: `email_changing:${randomUUID()}` };
  return queueMail(tx, { kind: 'email_changing', ...about, facts }, wallMs);
}
