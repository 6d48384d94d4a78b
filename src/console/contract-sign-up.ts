// How somebody becomes a person of the hub and proves who they are: sign-up, sign-in with its second
// step, and the password that was forgotten. Replies never tell whether an address has an account.

import { z } from 'zod';
import { displayName, email, givenPassword, linkToken, newPassword } from './contract-fields.ts';

/** GET /api/v1/proof-of-work: a challenge of altcha's; the pages solve it before they send a form. */
export const challengeReply = z.object({ challenge: z.record(z.string(), z.unknown()) });

/** The challenge and its solution as base64 of JSON, as altcha's libraries make it. */
const proofOfWork = z.string().min(1).max(4_000);

/** What whoever signs up says: both versions are those that the page showed (`hub.documents`). */
const consent = z.object({
  isAdult: z.literal(true, 'You must be 18 or older.'),
  termsVersion: z.string().max(40),
  privacyVersion: z.string().max(40),
});

/**
 * POST /api/v1/sign-up → 202 with {}: a mail goes to the address, whether it has an account or not.
 * `invalid_request` on a document's version that is not the current one, `password_weak`.
 */
export const signUpRequest = consent.extend({
  name: displayName,
  email,
  password: newPassword,
  proofOfWork,
});

/**
 * POST /api/v1/sign-up/confirm: the mailed link. In the browser that signed up the token is enough;
 * elsewhere the first answer is `password`, and the call is repeated with it.
 */
export const confirmSignUpRequest = z.object({
  token: linkToken,
  password: givenPassword.optional(),
});
export const confirmSignUpReply = z.object({ step: z.enum(['password', 'done']) });

/** POST /api/v1/sign-up/google: as sign-in with Google, for somebody who has no account yet. */
export const googleSignUpRequest = consent.extend({
  back: z.string().max(500).default('/console'),
});

/**
 * POST /api/v1/sign-in/google, /api/v1/account/google/link, /api/v1/account/google/reauthenticate.
 * The browser goes to `url`; Google sends it back to /api/v1/google/callback, and that to `back`,
 * or to `/sign-in?failed=CODE` (in an account: `back` with `?failed=CODE`).
 */
export const googleRequest = z.object({ back: z.string().max(500).default('/console') });
export const googleReply = z.object({ url: z.string() });

/**
 * What the callback may end with: `google_cancelled`, `google_failed`, `google_unknown` (no account:
 * sign up), `google_address_taken` (an account with this address exists: sign in to it and link),
 * `google_linked_elsewhere`.
 */
export const GOOGLE_FAILURES = Object.freeze([
  'google_cancelled',
  'google_failed',
  'google_unknown',
  'google_address_taken',
  'google_linked_elsewhere',
] as const);

/** POST /api/v1/sign-in → the session, or one that waits for the second factor (`secondFactor`). */
export const signInRequest = z.object({ email, password: givenPassword });

/** POST /api/v1/sign-in/second-factor: a code of the authenticator app, or a recovery code. */
export const secondFactorRequest = z.object({ code: z.string().trim().min(6).max(40) });

/** POST /api/v1/sign-in/passkey/options, then POST /api/v1/sign-in/passkey → the session. */
export const passkeyOptionsReply = z.object({ options: z.record(z.string(), z.unknown()) });
export const passkeyResponse = z.object({ response: z.record(z.string(), z.unknown()) });

/** POST /api/v1/password-reset → 202 with {}, whether the address has an account or not. */
export const passwordResetRequest = z.object({ email, proofOfWork });

/** POST /api/v1/password-reset/confirm → 204; all sessions of the person have ended. */
export const passwordResetConfirmRequest = z.object({ token: linkToken, password: newPassword });

export type ChallengeReply = z.infer<typeof challengeReply>;
export type SignUpRequest = z.infer<typeof signUpRequest>;
export type ConfirmSignUpRequest = z.infer<typeof confirmSignUpRequest>;
export type ConfirmSignUpReply = z.infer<typeof confirmSignUpReply>;
export type GoogleSignUpRequest = z.input<typeof googleSignUpRequest>;
export type GoogleRequest = z.input<typeof googleRequest>;
export type GoogleReply = z.infer<typeof googleReply>;
export type GoogleFailure = (typeof GOOGLE_FAILURES)[number];
export type SignInRequest = z.infer<typeof signInRequest>;
export type SecondFactorRequest = z.infer<typeof secondFactorRequest>;
export type PasskeyOptionsReply = z.infer<typeof passkeyOptionsReply>;
export type PasskeyResponse = z.infer<typeof passkeyResponse>;
export type PasswordResetRequest = z.infer<typeof passwordResetRequest>;
export type PasswordResetConfirmRequest = z.infer<typeof passwordResetConfirmRequest>;
