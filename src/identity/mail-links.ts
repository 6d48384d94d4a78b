// The links that mails carry, made when a mail is written: no token waits in the database.

import type { Sql } from '../db/database.ts';
import type { MailKind } from '../db/schema-people.ts';
import { type LinkPurpose, createLink } from './links.ts';

/** What of a queued mail its link depends on. */
export interface LinkedMail {
  readonly kind: MailKind;
  readonly personId: string | null;
  readonly subjectId: string | null;
  /** Which try of sending it is, counted from 1. */
  readonly attempt: number;
}

export interface MailLink {
  readonly link?: { readonly path: string; readonly token: string };
  /** Somebody signed up with an address that has an account: the mail says so instead. */
  readonly accountExists?: boolean;
}

const LINKS: Readonly<Partial<Record<MailKind, { purpose: LinkPurpose; path: string }>>> =
  Object.freeze({
    confirm_sign_up: { purpose: 'confirm_sign_up', path: '/confirm' },
    reset_password: { purpose: 'reset_password', path: '/reset' },
    confirm_email: { purpose: 'change_email', path: '/confirm-email' },
    invitation: { purpose: 'invitation', path: '/invitation' },
  });

/** The link for a mail that is written in this transaction, or that there is nothing to send. */
export async function makeMailLink(
  tx: Sql,
  { kind, personId, subjectId, attempt }: LinkedMail,
  wallMs: number,
): Promise<MailLink | 'drop'> {
  const of = LINKS[kind];
  if (!of) return {};
  const subject = { personId, subjectId };
  // Of a message that is sent twice the reader may see the first one alone.
  const token = await createLink(tx, of.purpose, subject, wallMs, { keepOlder: attempt > 1 });
  return { link: { path: of.path, token } };
}
