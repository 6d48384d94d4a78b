// One-time links: the welcome of the first operator, and sign-in links that the operator's shell
// prints. A link's token exists here as a hash only, and is used up by the delete that finds it, so
// of any number of simultaneous uses exactly one succeeds.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';
import { createToken, hashToken } from './tokens.ts';

/** Without a person: whoever opens it becomes the first operator. */
export type LinkPurpose = 'first_operator' | 'sign_in';

const LIFETIME_MS: Readonly<Record<LinkPurpose, number>> = Object.freeze({
  first_operator: 7 * 86_400_000,
  sign_in: 15 * 60_000,
});
/** Any constant of our own; it keeps two link makers from each leaving a link behind. */
const LINKS_LOCK = 7_261_002;

/** Makes a link inside the caller's transaction; older unused ones of its kind end. */
export async function createLink(
  tx: Sql,
  purpose: LinkPurpose,
  personId: string | null,
  wallMs: number,
): Promise<string> {
  await rawSql`select pg_advisory_xact_lock(${LINKS_LOCK})`.execute(tx);
  await forgetLinks(tx, purpose, personId);
  await tx.deleteFrom('one_time_links').where('expires_at', '<=', new Date(wallMs)).execute();
  const { token, hash } = createToken();
  await tx
    .insertInto('one_time_links')
    .values({
      token_hash: hash,
      purpose,
      person_id: personId,
      created_at: new Date(wallMs),
      expires_at: new Date(wallMs + LIFETIME_MS[purpose]),
    })
    .execute();
  return token;
}

/** Uses a link up; undefined when it is unknown, of another purpose, expired or used already. */
export async function consumeLink(
  tx: Sql,
  purpose: LinkPurpose,
  token: string,
  wallMs: number,
): Promise<{ readonly personId: string | null } | undefined> {
  const row = await tx
    .deleteFrom('one_time_links')
    .where('token_hash', '=', hashToken(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', new Date(wallMs))
    .returning('person_id')
    .executeTakeFirst();
  return row && { personId: row.person_id };
}

/** Whether a link would work now, without using it up. */
export async function isLinkValid(
  sql: Sql,
  purpose: LinkPurpose,
  token: string,
  wallMs: number,
): Promise<boolean> {
  const row = await sql
    .selectFrom('one_time_links')
    .select('purpose')
    .where('token_hash', '=', hashToken(token))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', new Date(wallMs))
    .executeTakeFirst();
  return row !== undefined;
}

export async function forgetLinks(
  tx: Sql,
  purpose: LinkPurpose,
  personId: string | null,
): Promise<void> {
  await tx
    .deleteFrom('one_time_links')
    .where('purpose', '=', purpose)
    .where('person_id', 'is not distinct from', personId)
    .execute();
}
