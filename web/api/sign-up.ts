// How somebody gets an account and into it, beside the password (client.ts): sign-up and its mailed
// link, the second step, Google, and the password that was forgotten.

import type { SessionReply } from '../../src/console/contract.ts';
import type {
  ConfirmSignUpReply,
  ConfirmSignUpRequest,
  GoogleReply,
  GoogleRequest,
  GoogleSignUpRequest,
  PasswordResetConfirmRequest,
  PasswordResetRequest,
  SecondFactorRequest,
  SignUpRequest,
} from '../../src/console/contract-sign-up.ts';
import { call } from './client.ts';

export const signUp = (body: SignUpRequest) => call<object>('POST', '/sign-up', body);
export const confirmSignUp = (body: ConfirmSignUpRequest) =>
  call<ConfirmSignUpReply>('POST', '/sign-up/confirm', body);
export const giveSecondFactor = (body: SecondFactorRequest) =>
  call<SessionReply>('POST', '/sign-in/second-factor', body);
export const askForReset = (body: PasswordResetRequest) =>
  call<object>('POST', '/password-reset', body);
export const resetPassword = (body: PasswordResetConfirmRequest) =>
  call<void>('POST', '/password-reset/confirm', body);

/** Each leaves for Google, which sends the person back to `back`. */
export const signInWithGoogle = (body: GoogleRequest) => leave('/sign-in/google', body);
export const signUpWithGoogle = (body: GoogleSignUpRequest) => leave('/sign-up/google', body);
export const linkGoogle = (body: GoogleRequest) => leave('/account/google/link', body);
/** Where to prove with Google who one is; the caller goes there. */
export const reauthenticateAtGoogle = (body: GoogleRequest) =>
  call<GoogleReply>('POST', '/account/google/reauthenticate', body);

async function leave(path: string, body: GoogleRequest | GoogleSignUpRequest): Promise<void> {
  const { url } = await call<GoogleReply>('POST', path, body);
  window.location.assign(url);
}
