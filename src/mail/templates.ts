// The words of each kind of message, as data; how they look is layout.ts's. Each says what happened,
// what the reader can do, and what to do where it was not them. Names come in as people gave them, so
// every one goes through `inertName`.

import { assert } from '../base/errors.ts';
import { inertName, oneLine } from './inert.ts';
import type { MailFacts } from './kinds.ts';

/** What is known of a message only when it is made. */
export interface MailLink {
  /** Of the page that uses the token. */
  readonly path: string;
  readonly token: string;
}

export interface MadeLink {
  readonly link?: MailLink | undefined;
  /** Whether the address of a sign-up has an account already. */
  readonly accountExists?: boolean | undefined;
}

export interface Words {
  readonly subject: string;
  readonly lines: readonly string[];
  /** Each a label and a value. */
  readonly facts?: readonly (readonly [string, string])[];
  /** `path` begins with a slash; a token stands behind its `#`. */
  readonly action: { readonly label: string; readonly path: string };
  readonly after?: readonly string[];
}

type Template<K extends keyof MailFacts> = (facts: MailFacts[K], made: MadeLink) => Words;

const NOT_YOU_SECURE =
  'If it was not you, set a new password now and end all other sessions: somebody else may be in your account.';
const ACCOUNT = { label: 'Open your account', path: '/console/settings' } as const;

export const TEMPLATES: { readonly [K in keyof MailFacts]: Template<K> } = Object.freeze({
  confirm_sign_up: ({ name }, { link, accountExists }) =>
    accountExists
      ? {
          subject: 'You have an account already',
          lines: [
            `Hello ${inertName(name)},`,
            'Somebody, probably you, has just signed up with this address. It has an account already, so nothing was changed: sign in to it.',
          ],
          action: { label: 'Sign in', path: '/sign-in' },
          after: [
            'If you have forgotten the password, the sign-in page helps.',
            'If it was not you, there is nothing to do.',
          ],
        }
      : {
          subject: 'Confirm your email address',
          lines: [
            `Hello ${inertName(name)},`,
            'Confirm that this address is yours, and your account is ready. The link works once, for 24 hours.',
          ],
          action: { label: 'Confirm address', path: pathOf(link) },
          after: [
            'In another browser than the one you signed up in you are asked for your password.',
            'If you did not sign up, ignore this message: without the link there is no account.',
          ],
        },

  reset_password: ({ at }, { link }) => ({
    subject: 'Set a new password',
    lines: [
      'Somebody, probably you, asked for a new password of your account. The link works once, for an hour.',
    ],
    facts: [['Asked for', moment(at)]],
    action: { label: 'Set a new password', path: pathOf(link) },
    after: ['If it was not you, ignore this message: the password stays as it is.'],
  }),

  password_changed: ({ at }) => ({
    subject: 'Your password was changed',
    lines: ['The password of your account is a new one.'],
    facts: [['Changed', moment(at)]],
    action: ACCOUNT,
    after: [NOT_YOU_SECURE],
  }),

  confirm_email: ({ name }, { link }) => ({
    subject: 'Confirm your new email address',
    lines: [
      `Hello ${inertName(name)},`,
      'Confirm that this address is yours, and your account has it from then on. The link works once, for 24 hours.',
    ],
    action: { label: 'Confirm address', path: pathOf(link) },
    after: ['If you did not ask for it, ignore this message: nothing changes without the link.'],
  }),

  email_changing: ({ newEmail, done }) => ({
    subject: done ? 'Your email address was changed' : 'Your email address is about to change',
    lines: [
      done
        ? 'Your account has another email address now. This is the last message to the old one.'
        : 'Somebody, probably you, asked to give your account another email address. It changes once the new address is confirmed.',
    ],
    facts: [['New address', oneLine(newEmail)]],
    action: ACCOUNT,
    after: [
      done
        ? 'If it was not you, write to the operator of this hub at once.'
        : 'If it was not you, take the change back in your account and set a new password.',
    ],
  }),

  new_device: ({ device, ipPrefix, at }) => ({
    subject: 'A new device signed in to your account',
    lines: ['Somebody, probably you, signed in from a device that was not used before.'],
    facts: [
      ['Device', inertName(device)],
      ['Network', ipPrefix === null ? 'not known' : oneLine(ipPrefix)],
      ['Signed in', moment(at)],
    ],
    action: ACCOUNT,
    after: [NOT_YOU_SECURE],
  }),

  second_factor_changed: ({ change, at }) => ({
    subject: SECOND_FACTOR_CHANGES[change],
    lines: [`${SECOND_FACTOR_CHANGES[change]}.`],
    facts: [['When', moment(at)]],
    action: ACCOUNT,
    after: [NOT_YOU_SECURE],
  }),

  invitation: ({ workspaceName, invitedBy, role }, { link }) => ({
    subject: `Invitation to the workspace ${inertName(workspaceName)}`,
    lines: [
      `${inertName(invitedBy)} invites you to a workspace. The link works for seven days, for whoever has this address.`,
    ],
    facts: [
      ['Workspace', inertName(workspaceName)],
      ['Invited by', inertName(invitedBy)],
      ['Role', oneLine(role)],
    ],
    action: { label: 'See the invitation', path: pathOf(link) },
    after: ['If you do not know who this is, ignore this message: nothing happens without you.'],
  }),

  low_balance: ({ workspaceName, balanceUsd, thresholdUsd }) => ({
    subject: `Low balance in the workspace ${inertName(workspaceName)}`,
    lines: [
      'The live balance has fallen below the amount at which you wanted to be told. Once it is spent, requests are refused.',
    ],
    facts: [
      ['Workspace', inertName(workspaceName)],
      ['Balance', dollars(balanceUsd)],
      ['Warning below', dollars(thresholdUsd)],
    ],
    action: { label: 'Open the workspace', path: '/console' },
  }),

  budget_reached: ({ workspaceName, of, ownerName, span, limitUsd, percent }) => ({
    subject: `The ${BUDGETS[span]} of ${inertName(ownerName)} is ${percent} % used`,
    lines: [
      percent >= 100
        ? `The ${BUDGETS[span]} of this ${of} is used up: its requests are refused until ${ENDS[span]}.`
        : `The ${BUDGETS[span]} of this ${of} is nearly used up. At 100 % its requests are refused until ${ENDS[span]}.`,
    ],
    facts: [
      ['Workspace', inertName(workspaceName)],
      [of === 'key' ? 'Key' : 'Member', inertName(ownerName)],
      ['Budget', `${dollars(limitUsd)}, ${SPANS[span]}`],
      ['Used', `${percent} %`],
    ],
    action:
      of === 'key'
        ? { label: 'Open the keys', path: '/console/keys' }
        : { label: 'Open the members', path: '/console/members' },
  }),

  top_up_receipt: ({ workspaceName, amountUsd, balanceUsd, method, at }) => ({
    subject: `Receipt: ${dollars(amountUsd)} added to ${inertName(workspaceName)}`,
    lines: ['Your payment has arrived and is on the balance. Thank you.'],
    facts: [
      ['Workspace', inertName(workspaceName)],
      ['Amount', dollars(amountUsd)],
      ['Paid by', inertName(method)],
      ['Booked', moment(at)],
      ['Balance afterwards', dollars(balanceUsd)],
    ],
    action: { label: 'Open the workspace', path: '/console' },
  }),

  policy_change: ({ document, version, effective }) => ({
    subject: `${DOCUMENT_TITLES[document] ?? 'A document of the hub'}: a new version`,
    lines: [
      'A document that you have accepted changes. Read what is new; the version before holds until then.',
    ],
    facts: [
      ['Document', DOCUMENT_TITLES[document] ?? oneLine(document)],
      ['Version', oneLine(version)],
      ['In force from', moment(effective)],
    ],
    action: { label: 'Read the document', path: DOCUMENT_TITLES[document] ? `/${document}` : '/' },
  }),

  deletion: ({ at }) => ({
    subject: 'Your account is deleted',
    lines: [
      'Your account, its sessions and its keys are gone, as you asked. This is the last message to you.',
    ],
    facts: [['Deleted', moment(at)]],
    action: { label: 'Open the front page', path: '/' },
    after: ['If you did not ask for it, write to the operator of this hub at once.'],
  }),
});

const SECOND_FACTOR_CHANGES = Object.freeze({
  authenticator_added: 'An authenticator app was added to your account',
  authenticator_removed: 'The authenticator app was removed from your account',
  passkey_added: 'A passkey was added to your account',
  passkey_removed: 'A passkey was removed from your account',
  recovery_codes_renewed: 'Your account has new recovery codes',
  recovery_code_used: 'A recovery code was used to sign in',
  google_linked: 'Google sign-in was linked to your account',
  google_unlinked: 'Google sign-in was removed from your account',
} as const satisfies Record<MailFacts['second_factor_changed']['change'], string>);

const BUDGETS = Object.freeze({
  total: 'budget',
  daily: 'daily budget',
  weekly: 'weekly budget',
  monthly: 'monthly budget',
});
const SPANS = Object.freeze({
  total: 'in all',
  daily: 'a day',
  weekly: 'a week',
  monthly: 'a month',
});
const ENDS = Object.freeze({
  total: 'the limit is raised',
  daily: 'the next day begins, in UTC',
  weekly: 'Monday, in UTC',
  monthly: 'the next month begins, in UTC',
});

const DOCUMENT_TITLES: Readonly<Record<string, string>> = Object.freeze({
  terms: 'Terms of service',
  privacy: 'Privacy policy',
});

function pathOf(link: MailLink | undefined): string {
  assert(link, 'a message of this kind has a link');
  return `${link.path}#${link.token}`;
}

/** `2026-11-27 18:05 UTC`; a day alone stays one. */
function moment(iso: string): string {
  const [day, time] = oneLine(iso).split('T');
  return time === undefined ? (day ?? '') : `${day} ${time.slice(0, 5)} UTC`;
}

/** Cents always; smaller parts where there are any. */
function dollars(usd: string): string {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(usd) ?? [];
  assert(whole !== undefined, 'an amount is decimal text');
  return `${sign}$${whole}.${fraction.padEnd(2, '0')}`;
}
