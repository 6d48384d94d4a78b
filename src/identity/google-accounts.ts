// Which person a Google account is. The key is the issuer's subject alone: an address may be
// unverified, or pass to somebody else, so nobody is found or linked by one.

import { HubError } from '../base/errors.ts';
import { type Sql, isRefusal } from '../db/database.ts';
import type { GoogleClaims } from './google-client.ts';
import { type Consent, openAccount } from './new-account.ts';
import { type Person, findPersonByEmail, personOf } from './people.ts';
import { lockWaysIn, requireWayIn } from './ways-in.ts';

export type GoogleRefusal = 'google_failed' | 'google_unknown' | 'google_address_taken';

export interface GoogleLink {
  readonly email: string;
  readonly linkedAt: Date;
}

const NAME_CHARACTERS = 120;

export async function findGoogleLink(sql: Sql, personId: string): Promise<GoogleLink | undefined> {
  const row = await sql
    .selectFrom('google_identities')
    .select(['email', 'linked_at'])
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row && { email: row.email, linkedAt: row.linked_at };
}

export async function findPersonByGoogle(
  sql: Sql,
  { issuer, subject }: GoogleClaims,
): Promise<Person | undefined> {
  const row = await sql
    .selectFrom('google_identities')
    .innerJoin('people', 'people.id', 'google_identities.person_id')
    .select(['people.id', 'people.email', 'people.name', 'people.is_operator'])
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row && personOf(row);
}

/**
 * The person whom a Google account signs in: known, or new where `consent` says that they sign up.
 * Otherwise why not.
 */
export async function enterByGoogle(
  tx: Sql,
  claims: GoogleClaims,
  consent: Consent | undefined,
  wallMs: number,
): Promise<Person | GoogleRefusal> {
  const known = await findPersonByGoogle(tx, claims);
  if (known) return known;
  // Somebody who only says that an address is theirs learns nothing about it.
  const { email, emailVerified } = claims;
  const isTaken = emailVerified && (await findPersonByEmail(tx, email)) !== undefined;
  if (isTaken) return 'google_address_taken';
  if (!consent) return 'google_unknown';
  if (!emailVerified) return 'google_failed';
  const account = { email, name: nameOf(claims), passwordHash: null, consent };
  const person = await openAccount(tx, account, wallMs);
  await insertLink(tx, claims, person.id, wallMs);
  // Nobody who signed up with this address and a password of their own waits for its owner any more.
  await tx.deleteFrom('sign_ups').where('email', '=', person.email).execute();
  return person;
}

/** False where the Google account is somebody else's, or the person has another one. */
export async function linkGoogle(
  tx: Sql,
  claims: GoogleClaims,
  personId: string,
  wallMs: number,
): Promise<boolean> {
  const known = await findPersonByGoogle(tx, claims);
  if (known) return known.id === personId;
  try {
    await insertLink(tx, claims, personId, wallMs);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

async function insertLink(
  tx: Sql,
  { issuer, subject, email }: GoogleClaims,
  personId: string,
  wallMs: number,
): Promise<void> {
  await tx
    .insertInto('google_identities')
    .values({ issuer, subject, person_id: personId, email, linked_at: new Date(wallMs) })
    .execute();
}

/** Throws `not_found` where none is linked, `conflict` where it is the only way in. */
export async function unlinkGoogle(tx: Sql, personId: string): Promise<void> {
  const ways = await lockWaysIn(tx, personId);
  if (!ways.hasGoogle) throw new HubError('not_found');
  requireWayIn({ ...ways, hasGoogle: false });
  await tx.deleteFrom('google_identities').where('person_id', '=', personId).execute();
}

/** As people may call themselves here: no control characters, and never empty. */
function nameOf({ name = '', email }: GoogleClaims): string {
  const said = name.replace(/\p{Cc}/gu, ' ').trim();
  return (said || email.split('@', 1)[0] || 'You').slice(0, NAME_CHARACTERS).trim();
}
