// A person's own account: name, address, password, second factor, passkeys, Google, sessions. Calls
// marked RECENT answer `reauthentication_required` where the last proof of who it is is too old.

import { z } from 'zod';
import {
  displayName,
  email,
  givenPassword,
  linkToken,
  newPassword,
  time,
} from './contract-fields.ts';

export const passkeySchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: time,
  lastUsedAt: time.nullable(),
});

/** GET /api/v1/account; PATCH there changes the name and answers the same. */
export const accountReply = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  /** The address that a change waits for; its mailed link confirms it. */
  pendingEmail: z.string().nullable(),
  hasPassword: z.boolean(),
  /** Null where nothing is linked. */
  google: z.object({ email: z.string(), linkedAt: time }).nullable(),
  /** Whether an authenticator app is asked for at sign-in. */
  hasAuthenticator: z.boolean(),
  recoveryCodesLeft: z.number(),
  passkeys: z.array(passkeySchema),
  createdAt: time,
  acceptances: z.array(z.object({ document: z.string(), version: z.string(), acceptedAt: time })),
});
export const changeAccountRequest = z.object({ name: displayName });

/** POST /api/v1/account/reauthenticate → 204: the cookie is a new one. */
export const reauthenticateRequest = z.object({ password: givenPassword });
/*
 * With a passkey: POST /api/v1/account/reauthenticate/passkey/options, then
 * POST /api/v1/account/reauthenticate/passkey (passkeyResponse) → 204. With Google:
 * POST /api/v1/account/google/reauthenticate (contract-sign-up.ts).
 */

/**
 * PUT /api/v1/account/password → 204 (RECENT): all other sessions end. Whoever has none yet (Google)
 * sets one by the same call.
 */
export const changePasswordRequest = z.object({ password: newPassword });

/** POST /api/v1/account/email → 202 (RECENT); DELETE there takes a waiting change back. */
export const changeEmailRequest = z.object({ email });
/** POST /api/v1/account/email/confirm → 204: the link in the new mailbox, in any browser. */
export const confirmEmailRequest = z.object({ token: linkToken });

/** POST /api/v1/account/authenticator (RECENT): a secret that is not in use yet. */
export const newAuthenticatorReply = z.object({
  /** Base 32, for typing. */
  secret: z.string(),
  /** `otpauth://totp/…`, for a QR code. */
  uri: z.string(),
});
/** POST /api/v1/account/authenticator/confirm puts it to use; DELETE /account/authenticator (RECENT) ends it. */
export const confirmAuthenticatorRequest = z.object({ code: z.string().trim().min(6).max(10) });
/** Also POST /api/v1/account/recovery-codes (RECENT): the ones from before end. Shown once. */
export const recoveryCodesReply = z.object({ recoveryCodes: z.array(z.string()) });

/** POST /api/v1/account/passkeys/options (RECENT) → passkeyOptionsReply; then POST /api/v1/account/passkeys. */
export const addPasskeyRequest = z.object({
  name: displayName,
  response: z.record(z.string(), z.unknown()),
});
/** PATCH /api/v1/account/passkeys/:passkeyId; DELETE there (RECENT) → 204. */
export const renamePasskeyRequest = z.object({ name: displayName });

/** GET /api/v1/account/sessions: newest use first. DELETE …/:sessionId, POST …/end-others → 204. */
export const sessionsReply = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      /** `Firefox on Linux`. */
      device: z.string(),
      /** `203.0.113.0/24`: where it was begun. */
      ipPrefix: z.string().nullable(),
      createdAt: time,
      lastSeenAt: time,
      isCurrent: z.boolean(),
    }),
  ),
});

export type Passkey = z.infer<typeof passkeySchema>;
export type AccountReply = z.infer<typeof accountReply>;
export type ChangeAccountRequest = z.infer<typeof changeAccountRequest>;
export type ReauthenticateRequest = z.infer<typeof reauthenticateRequest>;
export type ChangePasswordRequest = z.infer<typeof changePasswordRequest>;
export type ChangeEmailRequest = z.infer<typeof changeEmailRequest>;
export type ConfirmEmailRequest = z.infer<typeof confirmEmailRequest>;
export type NewAuthenticatorReply = z.infer<typeof newAuthenticatorReply>;
export type ConfirmAuthenticatorRequest = z.infer<typeof confirmAuthenticatorRequest>;
export type RecoveryCodesReply = z.infer<typeof recoveryCodesReply>;
export type AddPasskeyRequest = z.infer<typeof addPasskeyRequest>;
export type RenamePasskeyRequest = z.infer<typeof renamePasskeyRequest>;
export type SessionsReply = z.infer<typeof sessionsReply>;
