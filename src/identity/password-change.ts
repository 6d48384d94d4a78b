// A new password: by a mailed link when the old one was forgotten, or by whoever is signed in. Both end
// what the old one may have let in (sessions, links, a change of address that waits) and are told by
// mail. The person's row is locked first, so that of several at once each sees what the others did.

import { randomUUID } from 'node:crypto';
import { HubError } from '../base/errors.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { queueMail } from '../mail/queue.ts';
import { consumeLink, findLink, forgetLinksOf } from './links.ts';
import { requireGoodPassword } from './password-policy.ts';
import { hashPassword } from './passwords.ts';
import { type Person, findPersonById, lockPerson } from './people.ts';
import { type Session, endSessionsOf, requireLiveSession } from './sessions.ts';

/** Queues the mail with the link, whose writer knows whether there is such an account. */
export function askForReset(sql: Sql, email: string, wallMs: number): Promise<void> {
  const facts = { at: new Date(wallMs).toISOString() };
  const about = { address: email, onceKey: `reset_password:${randomUUID()}` };
  return queueMail(sql, { kind: 'reset_password', ...about, facts }, wallMs);
}

/** Throws `link_invalid`, and `password_weak` with the link still good. */
export async function resetPassword(
  sql: Sql,
  token: string,
  password: string,
  wallMs: number,
): Promise<void> {
  // First, so that a stranger without a link cannot make the hub hash passwords.
  const link = await findLink(sql, 'reset_password', token, wallMs);
  const person = await findPersonById(sql, link?.personId ?? '');
  if (!person) throw new HubError('link_invalid');
  const passwordHash = await hashNew(password, person);
  await inTransaction(sql, async (tx) => {
    await lockPerson(tx, person.id);
    const used = await consumeLink(tx, 'reset_password', token, wallMs);
    if (!used) throw new HubError('link_invalid');
    await setPassword(tx, person, { passwordHash, keptSessionId: undefined }, wallMs);
    // Whoever has the link reads the mail of that address.
    await tx
      .updateTable('people')
      .set((eb) => ({
        email_verified_at: eb.fn.coalesce('email_verified_at', eb.val(new Date(wallMs))),
      }))
      .where('id', '=', person.id)
      .execute();
  });
}

/** Ends all sessions but this one. Throws `password_weak`, `not_signed_in` where it has ended too. */
export async function changePassword(
  sql: Sql,
  { id, person }: Session,
  password: string,
  wallMs: number,
): Promise<void> {
  const passwordHash = await hashNew(password, person);
  await inTransaction(sql, async (tx) => {
    await lockPerson(tx, person.id);
    await requireLiveSession(tx, id);
    await setPassword(tx, person, { passwordHash, keptSessionId: id }, wallMs);
  });
}

async function hashNew(password: string, { name, email }: Person): Promise<string> {
  await requireGoodPassword(password, [name, email]);
  return hashPassword(password);
}

interface NewPassword {
  readonly passwordHash: string;
  readonly keptSessionId: string | undefined;
}

async function setPassword(
  tx: Sql,
  { id, email }: Person,
  { passwordHash, keptSessionId }: NewPassword,
  wallMs: number,
): Promise<void> {
  await tx
    .updateTable('people')
    .set({ password_hash: passwordHash })
    .where('id', '=', id)
    .execute();
  await endSessionsOf(tx, id, keptSessionId);
  await forgetLinksOf(tx, id);
  await tx.deleteFrom('email_changes').where('person_id', '=', id).execute();
  const about = { address: email, personId: id, onceKey: `password_changed:${randomUUID()}` };
  const facts = { at: new Date(wallMs).toISOString() };
  await queueMail(tx, { kind: 'password_changed', ...about, facts }, wallMs);
}
