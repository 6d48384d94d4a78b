// What there is to know of a person's own account: how they prove who they are, and what they have
// accepted.

import type { Sql } from '../db/database.ts';
import { findGoogleLink } from './google-accounts.ts';
import { listPasskeys } from './passkeys.ts';
import { countRecoveryCodes } from './recovery-codes.ts';

/** Everything of an account that its person may see; one query each, all indexed. */
export async function readAccount(sql: Sql, personId: string, wallMs: number) {
  const person = await sql
    .selectFrom('people')
    .select(['id', 'name', 'email', 'password_hash', 'totp_confirmed_at', 'created_at'])
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
  const pending = await sql
    .selectFrom('email_changes')
    .select('email')
    .where('person_id', '=', personId)
    .where('expires_at', '>', new Date(wallMs))
    .executeTakeFirst();
  const google = await findGoogleLink(sql, personId);
  const recoveryCodesLeft = await countRecoveryCodes(sql, personId);
  const passkeys = await listPasskeys(sql, personId);
  const acceptances = await sql
    .selectFrom('acceptances')
    .select(['document', 'version', 'accepted_at'])
    .where('person_id', '=', personId)
    .orderBy('accepted_at')
    .orderBy('document')
    .execute();
  return { person, pending, google, recoveryCodesLeft, passkeys, acceptances };
}

export type Account = Awaited<ReturnType<typeof readAccount>>;

export async function renamePerson(sql: Sql, personId: string, name: string): Promise<void> {
  await sql.updateTable('people').set({ name }).where('id', '=', personId).execute();
}
