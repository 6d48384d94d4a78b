// What somebody begins with who becomes a person of the hub by themselves: an account with a proven
// address and what they accepted, and a workspace of their own with play money.

import { NANOS_PER_USD, type Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import { bookTransactions } from '../ledger/book.ts';
import { grant } from '../ledger/transactions.ts';
import { type Person, createPerson } from './people.ts';
import { createWorkspace, listWorkspaces } from './workspaces.ts';

const PLAY_MONEY_NANOS = 1_000n * NANOS_PER_USD;

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
  await openWorkspace(tx, person, 0n, wallMs);
  return person;
}

/** A workspace with play money, and with `grantNanos` of live balance where that is not zero. */
export async function openWorkspace(
  tx: Sql,
  person: Person,
  grantNanos: Nanos,
  wallMs: number,
): Promise<string> {
  const owned = await listWorkspaces(tx, person.id);
  const name = owned.length === 0 ? 'Personal' : `Workspace ${owned.length + 1}`;
  const workspaceId = await createWorkspace(tx, name, person.id, wallMs);
  const of = { workspaceId, idempotencyKey: 'opening' };
  const play = { ...of, book: 'test' as const, idempotencyKey: 'play-money' };
  const grants = [grant({ ...play, amountNanos: PLAY_MONEY_NANOS })];
  if (grantNanos > 0n) grants.push(grant({ ...of, book: 'live', amountNanos: grantNanos }));
  await bookTransactions(tx, grants, wallMs);
  return workspaceId;
}
