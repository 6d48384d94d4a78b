// The signed-in person's own account: the calls of the hub's API, and what the settings read as
// cached queries. A change is shown by reading again, so that the page says what the hub says.

import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type {
  AccountReply,
  AddPasskeyRequest,
  ChangeAccountRequest,
  ChangeEmailRequest,
  ChangePasswordRequest,
  ConfirmAuthenticatorRequest,
  ConfirmEmailRequest,
  NewAuthenticatorReply,
  ReauthenticateRequest,
  RecoveryCodesReply,
  RenamePasskeyRequest,
  SessionsReply,
} from '../../src/console/contract-account.ts';
import { call } from './client.ts';
import { sessionQuery } from './queries.ts';

/** Everything below belongs to this key, so that signing out drops it all. */
const ROOM = 'account';

export const accountQuery = queryOptions({
  queryKey: [ROOM, 'own'],
  queryFn: () => call<AccountReply>('GET', '/account'),
});

export const sessionsQuery = queryOptions({
  queryKey: [ROOM, 'sessions'],
  queryFn: () => call<SessionsReply>('GET', '/account/sessions'),
});

/** Reads account and sessions again, and who is signed in as the frame shows it. */
export async function refreshAccount(queryClient: QueryClient): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: [ROOM] }),
    queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  ]);
}

export const reauthenticate = (body: ReauthenticateRequest) =>
  call<void>('POST', '/account/reauthenticate', body);
export const changeName = (body: ChangeAccountRequest) =>
  call<AccountReply>('PATCH', '/account', body);
export const changePassword = (body: ChangePasswordRequest) =>
  call<void>('PUT', '/account/password', body);
export const changeEmail = (body: ChangeEmailRequest) =>
  call<object>('POST', '/account/email', body);
export const takeBackEmail = () => call<void>('DELETE', '/account/email');
export const confirmEmail = (body: ConfirmEmailRequest) =>
  call<void>('POST', '/account/email/confirm', body);
export const makeAuthenticator = () =>
  call<NewAuthenticatorReply>('POST', '/account/authenticator');
export const confirmAuthenticator = (body: ConfirmAuthenticatorRequest) =>
  call<RecoveryCodesReply>('POST', '/account/authenticator/confirm', body);
export const removeAuthenticator = () => call<void>('DELETE', '/account/authenticator');
export const renewRecoveryCodes = () => call<RecoveryCodesReply>('POST', '/account/recovery-codes');
export const addPasskey = (body: AddPasskeyRequest) =>
  call<unknown>('POST', '/account/passkeys', body);
export const renamePasskey = (passkeyId: string, body: RenamePasskeyRequest) =>
  call<unknown>('PATCH', passkeyPath(passkeyId), body);
export const removePasskey = (passkeyId: string) => call<void>('DELETE', passkeyPath(passkeyId));
export const unlinkGoogle = () => call<void>('DELETE', '/account/google');
export const endSession = (sessionId: string) =>
  call<void>('DELETE', `/account/sessions/${encodeURIComponent(sessionId)}`);
export const endOtherSessions = () => call<void>('POST', '/account/sessions/end-others');

function passkeyPath(passkeyId: string): string {
  return `/account/passkeys/${encodeURIComponent(passkeyId)}`;
}
