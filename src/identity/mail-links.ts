// The links that mails carry, made when a mail is written: no token waits in the database, and what
// has changed since the mail was queued is seen. Here alone it is asked whether an address has an
// account, so that no request takes longer for one that has.

import type { Sql } from '../db/database.ts';
import type { MailKind } from '../db/schema-people.ts';
import { findWaiting } from './invitations.ts';
import { type LinkPurpose, type LinkSubject, createLink } from './links.ts';

/** What of a queued mail its link depends on. */
export interface LinkedMail {
  readonly kind: MailKind;
  readonly address: string;
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

/** What a link is to lead to, while what the mail is about still holds. */
type Target = { readonly purpose: keyof typeof PATHS; readonly subject: LinkSubject };
type FindTarget = (
  tx: Sql,
  mail: LinkedMail,
  wallMs: number,
) => Promise<Target | { readonly accountExists: true } | 'drop'>;

/** The link for a mail that is written in this transaction, or that there is nothing to send. */
export async function makeMailLink(
  tx: Sql,
  mail: LinkedMail,
  wallMs: number,
): Promise<MailLink | 'drop'> {
  const target = await TARGETS[mail.kind]?.(tx, mail, wallMs);
  if (target === undefined) return {};
  if (target === 'drop' || !('purpose' in target)) return target;
  const { purpose, subject } = target;
  // Of a message that is sent twice the reader may see the first one alone.
  const keepOlder = mail.attempt > 1;
  const token = await createLink(tx, purpose, subject, wallMs, { keepOlder });
  return { link: { path: PATHS[purpose], token } };
}

const PATHS = Object.freeze({
  confirm_sign_up: '/confirm',
  reset_password: '/reset',
  change_email: '/confirm-email',
  invitation: '/invitation',
} satisfies Partial<Record<LinkPurpose, string>>);

const TARGETS: Readonly<Partial<Record<MailKind, FindTarget>>> = Object.freeze({
  async confirm_sign_up(tx, { address, subjectId }, wallMs) {
    const waits = await tx
      .selectFrom('sign_ups')
      .select('id')
      .where('id', '=', subjectId)
      .where('expires_at', '>', new Date(wallMs))
      .executeTakeFirst();
    if (!waits) return 'drop';
    if (await findAccount(tx, address)) return { accountExists: true };
    return { purpose: 'confirm_sign_up', subject: { personId: null, subjectId } };
  },

  async reset_password(tx, { address }) {
    const personId = await findAccount(tx, address);
    if (personId === undefined) return 'drop';
    return { purpose: 'reset_password', subject: { personId, subjectId: null } };
  },

  async confirm_email(tx, { address, personId }, wallMs) {
    const waits = await tx
      .selectFrom('email_changes')
      .select('email')
      .where('person_id', '=', personId)
      .where('email', '=', address)
      .where('expires_at', '>', new Date(wallMs))
      .executeTakeFirst();
    if (!waits || (await findAccount(tx, address))) return 'drop';
    return { purpose: 'change_email', subject: { personId, subjectId: null } };
  },

  async invitation(tx, { subjectId }, wallMs) {
    if (!(await findWaiting(tx, subjectId ?? '', wallMs))) return 'drop';
    return { purpose: 'invitation', subject: { personId: null, subjectId } };
  },
});

async function findAccount(tx: Sql, email: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('people')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirst();
  return row?.id;
}
