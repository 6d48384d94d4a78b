// One-time links: the welcome of the first operator, sign-in links that the operator's shell prints,
// and those that mails carry. A link's token exists here as a hash only, and is used up by the delete
// that finds it, so of any number of simultaneous uses exactly one succeeds.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';
import type { OneTimeLinksTable } from '../db/schema-people.ts';
import { createToken, hashToken } from './tokens.ts';

/** What a link is about; which of the two a purpose has, the database repeats. */
export interface LinkSubject {
  readonly personId: string | null;
  /** The sign-up or the invitation. */
  readonly subjectId: string | null;
}

export type LinkPurpose = OneTimeLinksTable['purpose'];

/** Whoever opens a `first_operator` link becomes one; all others name somebody or something. */
export const NOBODY: LinkSubject = Object.freeze({ personId: null, subjectId: null });

const HOUR_MS = 3_600_000;
const LIFETIME_MS: Readonly<Record<LinkPurpose, number>> = Object.freeze({
  first_operator: 7 * 24 * HOUR_MS,
  sign_in: HOUR_MS / 4,
  confirm_sign_up: 24 * HOUR_MS,
  reset_password: HOUR_MS,
  change_email: 24 * HOUR_MS,
  invitation: 7 * 24 * HOUR_MS,
});
/** Any constant of our own; it keeps two link makers from each leaving a link behind. */
const LINKS_LOCK = 7_261_002;

/**
 * Makes a link inside the caller's transaction. Older unused ones of its kind end, unless they are to
 * be kept because they lead where this one does: then the first use ends all.
 */
export async function createLink(
  tx: Sql,
  purpose: LinkPurpose,
  subject: LinkSubject,
  wallMs: number,
  { keepOlder = false }: { readonly keepOlder?: boolean } = {},
): Promise<string> {
  await rawSql`select pg_advisory_xact_lock(${LINKS_LOCK})`.execute(tx);
  const { token, hash } = createToken();
  await tx
    .insertInto('one_time_links')
    .values({
      token_hash: hash,
      purpose,
      person_id: subject.personId,
      subject_id: subject.subjectId,
      created_at: new Date(wallMs),
      expires_at: new Date(wallMs + LIFETIME_MS[purpose]),
    })
    .execute();
  // After the insert, which waits for whoever has locked the person and would end these too.
  if (!keepOlder) {
    await deletionOf(tx, purpose, subject).where('token_hash', '<>', hash).execute();
  }
  await tx.deleteFrom('one_time_links').where('expires_at', '<=', new Date(wallMs)).execute();
  return token;
}

/** Uses a link up; undefined when it is unknown, of another purpose, expired or used already. */
export async function consumeLink(
  tx: Sql,
  purpose: LinkPurpose,
  token: string,
  wallMs: number,
): Promise<LinkSubject | undefined> {
  const link = await findLink(tx, purpose, token, wallMs);
  if (!link) return undefined;
  // All that lead to the same in one statement, so that of two uses of any of them one finds its own.
  const used = await deletionOf(tx, purpose, link).returning('token_hash').execute();
  return used.some(({ token_hash }) => hashToken(token).equals(token_hash)) ? link : undefined;
}

/** What a link would do now, without using it up; undefined when it is worth nothing. */
export async function findLink(
  sql: Sql,
  purpose: LinkPurpose,
  token: string,
  wallMs: number,
): Promise<LinkSubject | undefined> {
  const row = await sql
    .selectFrom('one_time_links')
    .select(['person_id', 'subject_id'])
    .where('token_hash', '=', hashToken(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', new Date(wallMs))
    .executeTakeFirst();
  return row && { personId: row.person_id, subjectId: row.subject_id };
}

export async function forgetLinks(
  tx: Sql,
  purpose: LinkPurpose,
  subject: LinkSubject,
): Promise<void> {
  await deletionOf(tx, purpose, subject).execute();
}

/** The deletion of all links of one kind about one subject. */
function deletionOf(tx: Sql, purpose: LinkPurpose, { personId, subjectId }: LinkSubject) {
  return tx
    .deleteFrom('one_time_links')
    .where('purpose', '=', purpose)
    .where('person_id', 'is not distinct from', personId)
    .where('subject_id', 'is not distinct from', subjectId);
}

/** All links that would let somebody act for this person. */
export async function forgetLinksOf(tx: Sql, personId: string): Promise<void> {
  await tx.deleteFrom('one_time_links').where('person_id', '=', personId).execute();
}
