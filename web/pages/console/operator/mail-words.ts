// How the operator's page calls the kinds of message, and what became of one.

import type { MailsReply } from '../../../../src/console/contract-mail.ts';

const KINDS: Readonly<Record<string, string>> = Object.freeze({
  confirm_sign_up: 'Confirmation of a sign-up',
  reset_password: 'Link for a new password',
  password_changed: 'Notice of a new password',
  confirm_email: 'Confirmation of a new address',
  email_changing: 'Notice of a new address',
  new_device: 'Notice of a new device',
  second_factor_changed: 'Notice of a change of sign-in',
  invitation: 'Invitation',
  low_balance: 'Warning of a low balance',
  budget_reached: 'Warning of a budget',
  top_up_receipt: 'Receipt of a payment',
  policy_change: 'Notice of a new policy',
  deletion: 'Notice of a deletion',
});

export function kindWords(kind: string): string {
  return KINDS[kind] ?? kind;
}

export function statusOf({ sentAt, givenUpAt, attempts }: MailsReply['mails'][number]) {
  if (sentAt !== null) return { className: 'status status-good', words: 'Sent' };
  if (givenUpAt !== null) return { className: 'status status-bad', words: 'Given up' };
  if (attempts > 0) return { className: 'status status-warn', words: 'Will be tried again' };
  return { className: 'status', words: 'Waiting' };
}
