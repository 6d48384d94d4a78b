// What each route of the API is for and who may ask it, for the description that clients read
// (openapi.ts). What goes in and out is told by the routes' own schemas.

import type { Permission } from '../identity/roles.ts';

/** A permission: of members whose role has it, and of keys with its scope. */
export type Asker = 'anybody' | 'session' | 'operator' | Permission;

export interface Operation {
  readonly tag: string;
  readonly summary: string;
  readonly asker: Asker;
  /** Whether a browser is sent on; otherwise what has no reply in the contract sends no body. */
  readonly redirects: boolean;
}

type Row = readonly [summary: string, asker: Asker, redirects?: 'redirects'];
type Rows = Readonly<Record<string, Row>>;

/** By method and path below /api/v1. */
export function operationOf(route: string): Operation | undefined {
  return OPERATIONS.get(route);
}

const WORKSPACE = '/workspaces/:workspaceId';

const GROUPS: Readonly<Record<string, Rows>> = Object.freeze({
  Workspaces: {
    'POST /workspaces': ['Open a workspace, which the asker owns', 'session'],
    [`GET ${WORKSPACE}`]: ['Read a workspace', 'workspace.read'],
    [`PATCH ${WORKSPACE}`]: ['Rename it, or set its balance warning', 'workspace.warning'],
    [`POST ${WORKSPACE}/transfer`]: ['Hand it over to another member', 'workspace.transfer'],
    [`GET ${WORKSPACE}/balance`]: ['Read the live and the test balance', 'usage.read'],
    [`POST ${WORKSPACE}/grants`]: ['Add balance', 'operator'],
  },
  Members: {
    [`GET ${WORKSPACE}/members`]: ['List the members with their budgets', 'members.read'],
    [`PATCH ${WORKSPACE}/members/:personId`]: ['Give a member another role', 'members.manage'],
    [`DELETE ${WORKSPACE}/members/:personId`]: ['Leave, or remove a member', 'workspace.leave'],
    [`GET ${WORKSPACE}/invitations`]: ['List the invitations that wait', 'members.manage'],
    [`POST ${WORKSPACE}/invitations`]: ['Invite by mail, or renew an invitation', 'members.manage'],
    [`DELETE ${WORKSPACE}/invitations/:invitationId`]: ['Take one back', 'members.manage'],
    'POST /invitations/look': ['Look at an invitation by its mailed link', 'anybody'],
    'POST /invitations/accept': ['Accept an invitation', 'session'],
  },
  Keys: {
    [`GET ${WORKSPACE}/keys`]: ['List the API keys', 'keys.read'],
    [`POST ${WORKSPACE}/keys`]: ['Make an API key; its text is shown once', 'keys.manage'],
    [`PATCH ${WORKSPACE}/keys/:keyId`]: ['Change, disable or enable an API key', 'keys.manage'],
    [`DELETE ${WORKSPACE}/keys/:keyId`]: ['Revoke an API key for good', 'keys.manage'],
    [`POST ${WORKSPACE}/keys/:keyId/rotate`]: ['Give an API key a new text', 'keys.manage'],
    [`POST ${WORKSPACE}/app-grants`]: ['Promise an app a key (PKCE)', 'keys.manage'],
    'POST /auth/keys': ['Fetch the key that an app was promised', 'anybody'],
  },
  Budgets: {
    [`GET ${WORKSPACE}/keys/:ownerId/budgets`]: ['List the budgets of a key', 'keys.read'],
    [`PUT ${WORKSPACE}/keys/:ownerId/budgets/:span`]: ['Set one', 'budgets.manage'],
    [`DELETE ${WORKSPACE}/keys/:ownerId/budgets/:span`]: ['Remove one', 'budgets.manage'],
    [`GET ${WORKSPACE}/members/:ownerId/budgets`]: ['List those of a member', 'members.read'],
    [`PUT ${WORKSPACE}/members/:ownerId/budgets/:span`]: ['Set one', 'budgets.manage'],
    [`DELETE ${WORKSPACE}/members/:ownerId/budgets/:span`]: ['Remove one', 'budgets.manage'],
  },
  Usage: {
    [`GET ${WORKSPACE}/activity`]: ['List the requests, newest first', 'usage.read'],
    [`GET ${WORKSPACE}/receipts/:requestId`]: ['Read the receipt of a request', 'usage.read'],
    [`GET ${WORKSPACE}/events`]: ['Follow what changes, as server-sent events', 'usage.read'],
  },
  'Provider keys': {
    [`GET ${WORKSPACE}/credentials`]: ['List the own keys at providers', 'credentials.manage'],
    [`POST ${WORKSPACE}/credentials`]: ['Add one', 'credentials.manage'],
    [`PUT ${WORKSPACE}/credentials/:credentialId`]: ['Change one', 'credentials.manage'],
    [`DELETE ${WORKSPACE}/credentials/:credentialId`]: ['Remove one', 'credentials.manage'],
    [`POST ${WORKSPACE}/credentials/:credentialId/check`]: ['Try one', 'credentials.manage'],
    [`POST ${WORKSPACE}/credentials/:credentialId/replacement`]: [
      'Put another in its place',
      'credentials.manage',
    ],
  },
  Hub: {
    'GET /models': ['List the models and their prices', 'anybody'],
    'GET /openapi.json': ['Read this description', 'anybody'],
  },
  Session: {
    'GET /session': ['Tell who is signed in, and about the hub', 'anybody'],
    'POST /welcome': ['Become the first operator by the welcome link', 'anybody'],
    'GET /proof-of-work': ['Get a challenge, which forms for everybody ask for', 'anybody'],
    'POST /sign-up': ['Sign up; a mail confirms it', 'anybody'],
    'POST /sign-up/confirm': ['Confirm a sign-up by its mailed link', 'anybody'],
    'POST /sign-up/google': ['Sign up with Google', 'anybody'],
    'POST /sign-in': ['Sign in with a password', 'anybody'],
    'POST /sign-in/link': ['Sign in with a one-time link', 'anybody'],
    'POST /sign-in/google': ['Sign in with Google', 'anybody'],
    'POST /sign-in/second-factor': ['Give the second proof', 'anybody'],
    'POST /sign-in/passkey/options': ['Begin to sign in with a passkey', 'anybody'],
    'POST /sign-in/passkey': ['Sign in with a passkey', 'anybody'],
    'GET /google/callback': ['Come back from Google', 'anybody', 'redirects'],
    'POST /password-reset': ['Ask for a mail that resets the password', 'anybody'],
    'POST /password-reset/confirm': ['Set a new password by the mailed link', 'anybody'],
    'POST /sign-out': ['Sign out', 'anybody'],
  },
  Account: {
    'GET /account': ['Read the own account', 'session'],
    'PATCH /account': ['Change the own name', 'session'],
    'POST /account/reauthenticate': ['Prove who it is by the password', 'session'],
    'POST /account/reauthenticate/passkey/options': ['Begin to prove it by a passkey', 'session'],
    'POST /account/reauthenticate/passkey': ['Prove who it is by a passkey', 'session'],
    'POST /account/google/reauthenticate': ['Prove who it is by Google', 'session'],
    'POST /account/google/link': ['Link Google', 'session'],
    'DELETE /account/google': ['Unlink Google', 'session'],
    'PUT /account/password': ['Set another password', 'session'],
    'POST /account/email': ['Ask for another address', 'session'],
    'DELETE /account/email': ['Take that back', 'session'],
    'POST /account/email/confirm': ['Confirm it by the mailed link', 'anybody'],
    'POST /account/authenticator': ['Get a secret for an authenticator app', 'session'],
    'POST /account/authenticator/confirm': ['Put it to use', 'session'],
    'DELETE /account/authenticator': ['End the authenticator app', 'session'],
    'POST /account/recovery-codes': ['Get new recovery codes', 'session'],
    'POST /account/passkeys/options': ['Begin to add a passkey', 'session'],
    'POST /account/passkeys': ['Add a passkey', 'session'],
    'PATCH /account/passkeys/:passkeyId': ['Rename a passkey', 'session'],
    'DELETE /account/passkeys/:passkeyId': ['Remove a passkey', 'session'],
    'GET /account/sessions': ['List the own sessions', 'session'],
    'DELETE /account/sessions/:sessionId': ['End a session', 'session'],
    'POST /account/sessions/end-others': ['End all other sessions', 'session'],
  },
  Operator: {
    'GET /operator/reconciliation': ['Read how the books stand', 'operator'],
    'POST /operator/reconciliation/runs': ['Prove the books now', 'operator'],
    'POST /operator/journal/retries': ['Try refused records again', 'operator'],
    'GET /operator/notices': ['Read what every operator must see', 'operator'],
    'POST /operator/invoices': ["Record a provider's invoice", 'operator'],
    'GET /operator/reviews': ['List the charges that wait for a decision', 'operator'],
    'POST /operator/reviews/:requestId': ['Decide about one', 'operator'],
    'GET /operator/charges/:requestId': ['Read a charge', 'operator'],
    'POST /operator/charges/:requestId/refunds': ['Refund a charge', 'operator'],
    'GET /operator/price-proposals': ['List the prices that are proposed', 'operator'],
    'POST /operator/price-proposals/:id': ['Approve or reject one', 'operator'],
    'GET /operator/mails': ['List the messages, newest first', 'operator'],
    'GET /operator/mails/:mailId': ['Read a message of the outbox', 'operator'],
    'POST /operator/mails/:mailId/retry': ['Send one that was given up', 'operator'],
  },
});

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries(GROUPS).flatMap(([tag, rows]) =>
    Object.entries(rows).map(([route, [summary, asker, redirects]]) => [
      route,
      { tag, summary, asker, redirects: redirects !== undefined },
    ]),
  ),
);
