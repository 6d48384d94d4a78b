// People: who they are, and how an email address is compared. Addresses are kept in one form, so
// that the same address typed in two ways is one person.

import { newId } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';

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
}

/** What a person has not said or set up yet. */
const UNANSWERED = Object.freeze({
  adult_confirmed_at: null,
  totp_sealed: null,
  totp_sealing_key: null,
  totp_confirmed_at: null,
  totp_last_step: null,
});

/** Inserts a person; the database refuses an address that is there already. */
export async function createPerson(tx: Sql, person: NewPerson, wallMs: number): Promise<Person> {
  const { name, isOperator } = person;
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
      ...UNANSWERED,
    })
    .execute();
  return { id, email, name, isOperator };
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

/** The one form of an address: full-width and composed characters unified, lower case. */
export function normaliseEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}
