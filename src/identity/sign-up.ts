// Signing up: a form with a password, which becomes an account when its mailed link is opened by
// whoever sent it: in their browser, or with its password. So the owner of an address that somebody
// else typed in can click as they like. Nothing here looks whether the address has an account; what
// differs for one that has is decided when the mail is written (mail-links.ts).

import { HubError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { queueMail } from '../mail/queue.ts';
import { consumeLink, findLink } from './links.ts';
import { type Consent, openAccount } from './new-account.ts';
import { requireGoodPassword } from './password-policy.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import type { Person } from './people.ts';
import { type ClientPlace, findAnySession, startSession } from './sessions.ts';

const LIFETIME_MS = 24 * 3_600_000;

export interface SignUpForm {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly consent: Consent;
}

/** The browser that signs up: where it is, and the session that it had. */
export interface SignUpBrowser {
  readonly place: ClientPlace;
  readonly previousToken: string | undefined;
}

/**
 * Keeps the form and queues its mail. Returns the token of an anonymous session, by which the browser
 * is known when the link is opened. Throws `password_weak`.
 */
export async function openSignUp(
  sql: Sql,
  form: SignUpForm,
  { place, previousToken }: SignUpBrowser,
  wallMs: number,
): Promise<string> {
  const { name, email, consent } = form;
  await requireGoodPassword(form.password, [name, email]);
  const passwordHash = await hashPassword(form.password);
  return inTransaction(sql, async (tx) => {
    const anonymous = { stage: 'anonymous', personId: null, place } as const;
    const token = await startSession(tx, anonymous, previousToken, wallMs);
    const id = newId('sup', wallMs);
    await tx
      .insertInto('sign_ups')
      .values({
        id,
        email,
        name,
        password_hash: passwordHash,
        session_id: (await findAnySession(tx, token, wallMs))?.id ?? null,
        terms_version: consent.termsVersion,
        privacy_version: consent.privacyVersion,
        created_at: new Date(wallMs),
        expires_at: new Date(wallMs + LIFETIME_MS),
      })
      .execute();
    const mail = { kind: 'confirm_sign_up', facts: { name } } as const;
    const about = { address: email, subjectId: id, onceKey: `confirm_sign_up:${id}` };
    await queueMail(tx, { ...mail, ...about }, wallMs);
    await forgetExpired(tx, wallMs);
    return token;
  });
}

/** What somebody is just confirming is left to them. */
async function forgetExpired(tx: Sql, wallMs: number): Promise<void> {
  const expired = tx
    .selectFrom('sign_ups')
    .select('id')
    .where('expires_at', '<=', new Date(wallMs))
    .forUpdate()
    .skipLocked();
  await tx.deleteFrom('sign_ups').where('id', 'in', expired).execute();
}

/** A sign-up whose link was opened. */
export interface OpenedSignUp {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly sessionId: string | null;
  readonly consent: Consent;
}

/** The sign-up that a link is of, which is not used up by it. Throws `link_invalid`. */
export async function findSignUp(sql: Sql, token: string, wallMs: number): Promise<OpenedSignUp> {
  const link = await findLink(sql, 'confirm_sign_up', token, wallMs);
  const row = await sql
    .selectFrom('sign_ups')
    .selectAll()
    .where('id', '=', link?.subjectId ?? '')
    .where('expires_at', '>', new Date(wallMs))
    .executeTakeFirst();
  if (!row) throw new HubError('link_invalid');
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    passwordHash: row.password_hash,
    sessionId: row.session_id,
    consent: { termsVersion: row.terms_version, privacyVersion: row.privacy_version },
  };
}

/** Whether this is the browser that signed up; what else proves it is the password. */
export async function isOfSession(
  sql: Sql,
  signUp: OpenedSignUp,
  sessionToken: string | undefined,
  wallMs: number,
): Promise<boolean> {
  if (sessionToken === undefined || signUp.sessionId === null) return false;
  return (await findAnySession(sql, sessionToken, wallMs))?.id === signUp.sessionId;
}

/** Throws `sign_in_failed`. */
export async function requireSignUpPassword(signUp: OpenedSignUp, password: string): Promise<void> {
  if (await verifyPassword(password, signUp.passwordHash)) return;
  const message = 'This is not the password that the sign-up was made with.';
  throw new HubError('sign_in_failed', { message, param: 'password' });
}

/**
 * Uses the link up and makes the account. Of any number of sign-ups for one address, and of any
 * number of calls with one link, the first makes it: the others find `link_invalid`, or `conflict`
 * where the address got its account by another way meanwhile.
 */
export function confirmSignUp(
  sql: Sql,
  token: string,
  signUp: OpenedSignUp,
  wallMs: number,
): Promise<Person> {
  const { email } = signUp;
  return inTransaction(sql, async (tx) => {
    // All of the address, in one order: of two that are confirmed together, one waits here.
    const waiting = await tx
      .selectFrom('sign_ups')
      .select('id')
      .where('email', '=', email)
      .orderBy('id')
      .forUpdate()
      .execute();
    const link = await consumeLink(tx, 'confirm_sign_up', token, wallMs);
    if (!link) throw new HubError('link_invalid');
    const ids = waiting.map(({ id }) => id);
    await tx
      .deleteFrom('one_time_links')
      .where('subject_id', 'in', [...ids, signUp.id])
      .execute();
    await tx.deleteFrom('sign_ups').where('email', '=', email).execute();
    return openAccount(tx, signUp, wallMs);
  });
}
