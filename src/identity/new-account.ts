// What somebody begins with who becomes a person of the hub by themselves: an account with a proven
// address and what they accepted, and a workspace of their own with play money.

import type { Sql } from '../db/database.ts';
import { openWorkspace } from './new-workspace.ts';
import { type Person, createPerson } from './people.ts';

/** The versions of the documents that somebody has accepted, and of age. */
export interface Consent {
  readonly termsVersion: string;
  readonly privacyVersion: string;
}

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  /** Null for whoever comes by Google. */
  readonly passwordHash: string | null;
  readonly consent: Consent;
}

/**
 * Makes the account of somebody whose address is proven, inside the caller's transaction. Throws
 * `conflict` where the address has one.
 */
export async function openAccount(tx: Sql, account: NewAccount, wallMs: number): Promise<Person> {
  const { email, name, passwordHash, consent } = account;
  const proven = { isOperator: false, emailVerified: true, adultConfirmed: true };
  const person = await createPerson(tx, { email, name, passwordHash, ...proven }, wallMs);
  const of = { person_id: person.id, accepted_at: new Date(wallMs) };
  await tx
    .insertInto('acceptances')
    .values([
      { ...of, document: 'terms', version: consent.termsVersion },
      { ...of, document: 'privacy', version: consent.privacyVersion },
    ])
    .execute();
  await openWorkspace(tx, 'Personal', person.id, wallMs);
  return person;
}
