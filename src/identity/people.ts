// People: who they are, and how an email address is compared. Addresses are kept in one form, so
// that the same address typed in two ways is one person.

import { HubError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { type Sql, sqlState } from '../db/database.ts';
import { parseEmail } from './email-address.ts';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly isOperator: boolean;
}

export interface NewPerson {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string | null;
  readonly isOperator: boolean;
  /** Whether the address has proven itself: by a link, or by the operator's own shell. */
  readonly emailVerified: boolean;
  /** Whether they have said that they are of age. */
  readonly adultConfirmed?: boolean;
}

const UNIQUE_VIOLATION = '23505';

/** Inserts a person; throws `conflict` for an address that is there already, which ends `tx`. */
export async function createPerson(tx: Sql, person: NewPerson, wallMs: number): Promise<Person> {
  const { name, isOperator, adultConfirmed = false } = person;
  const id = newId('usr', wallMs);
  const email = normaliseEmail(person.email);
  const now = new Date(wallMs);
  await tx
    .insertInto('people')
    .values({
      id,
      email,
      name,
      password_hash: person.passwordHash,
      email_verified_at: person.emailVerified ? now : null,
      is_operator: isOperator,
      created_at: now,
      adult_confirmed_at: adultConfirmed ? now : null,
    })
    .execute()
    .catch(refuseTakenAddress);
  return { id, email, name, isOperator };
}

/** For what gives somebody an address; the one that is there already wins. */
export function refuseTakenAddress(error: unknown): never {
  if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
  throw new HubError('conflict', { message: 'This email address is taken.', param: 'email' });
}

export async function findPersonByEmail(
  sql: Sql,
  email: string,
): Promise<(Person & { readonly passwordHash: string | null }) | undefined> {
  const row = await sql
    .selectFrom('people')
    .selectAll()
    .where('email', '=', normaliseEmail(email))
    .executeTakeFirst();
  return row && { ...personOf(row), passwordHash: row.password_hash };
}

export async function findPersonById(sql: Sql, id: string): Promise<Person | undefined> {
  const row = await sql
    .selectFrom('people')
    .select(['id', 'email', 'name', 'is_operator'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row && personOf(row);
}

/**
 * Holds whatever else would change this person, or begin a session of theirs, until the transaction
 * ends. Taken before anything else of theirs, so that no two wait for each other.
 */
export async function lockPerson(tx: Sql, id: string): Promise<void> {
  await tx.selectFrom('people').select('id').where('id', '=', id).forUpdate().execute();
}

/**
 * Whether the password is still the one that was verified, for a transaction that has begun a session
 * by it: it waits for whoever holds `lockPerson`. Throws `sign_in_failed`.
 */
export async function requireSamePassword(
  tx: Sql,
  id: string,
  passwordHash: string | null,
): Promise<void> {
  const row = await tx
    .selectFrom('people')
    .select('password_hash')
    .where('id', '=', id)
    .executeTakeFirst();
  if (row?.password_hash !== passwordHash) throw new HubError('sign_in_failed');
}

/** The first person whose hub this is, or undefined while nobody has claimed it. */
export async function findFirstOperator(sql: Sql): Promise<Person | undefined> {
  const row = await sql
    .selectFrom('people')
    .select(['id', 'email', 'name', 'is_operator'])
    .where('is_operator', '=', true)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row && personOf(row);
}

export async function makeOperator(tx: Sql, person: Person, wallMs: number): Promise<Person> {
  await tx
    .updateTable('people')
    .set((eb) => ({
      is_operator: true,
      email_verified_at: eb.fn.coalesce('email_verified_at', eb.val(new Date(wallMs))),
    }))
    .where('id', '=', person.id)
    .execute();
  return { ...person, isOperator: true };
}

export function personOf(row: {
  id: string;
  email: string;
  name: string;
  is_operator: boolean;
}): Person {
  return { id: row.id, email: row.email, name: row.name, isOperator: row.is_operator };
}

/** The one form of an address; throws `invalid_request` where there can be no such mailbox. */
export function normaliseEmail(text: string): string {
  const email = parseEmail(text);
  if (email !== undefined) return email;
  const message = 'This is no email address that mail can reach.';
  throw new HubError('invalid_request', { message, param: 'email' });
}
