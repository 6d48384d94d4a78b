// The console's API for a workspace's own credentials at providers, as data. What was typed goes in once
// and never comes out; only owners and admins are answered.

import { z } from 'zod';

const time = z.iso.datetime();

/** Before the hub's own credential, or in its place. */
export const credentialModeSchema = z.enum(['first', 'only']);

export const credentialSchema = z.object({
  id: z.string(),
  provider: z.string(),
  mode: credentialModeSchema,
  /** Its last four characters. */
  lastFour: z.string(),
  /** The name of who added it; null once they are gone. */
  createdBy: z.string().nullable(),
  createdAt: time,
  disabledAt: time.nullable(),
  lastUsedAt: time.nullable(),
});

/** GET /api/v1/workspaces/:workspaceId/credentials */
export const credentialsReply = z.object({
  /** Whether this hub can keep any: its operator has set a key to seal them with. */
  isOn: z.boolean(),
  /** What is taken for an answer by one, in basis points of the list price. */
  feeBps: z.number(),
  /** `isChecked`: whether it can be asked if a credential holds. */
  providers: z.array(z.object({ id: z.string(), name: z.string(), isChecked: z.boolean() })),
  credentials: z.array(credentialSchema),
});

/** It goes into a header: printable ASCII without spaces. */
const secret = z
  .string()
  .trim()
  .min(16, 'A credential has 16 characters at least.')
  .max(2_048)
  .regex(/^[\x21-\x7e]*$/, 'A credential is printable ASCII without spaces.');

/** POST /api/v1/workspaces/:workspaceId/credentials */
export const addCredentialRequest = z.object({
  provider: z.string().max(40),
  mode: credentialModeSchema,
  secret,
});

/** POST /api/v1/workspaces/:workspaceId/credentials/:credentialId/replacement: in its place. */
export const replaceCredentialRequest = z.object({ secret });

/** PUT /api/v1/workspaces/:workspaceId/credentials/:credentialId; DELETE there removes it. */
export const changeCredentialRequest = z.object({
  mode: credentialModeSchema,
  isDisabled: z.boolean(),
});

/** POST /api/v1/workspaces/:workspaceId/credentials/:credentialId/check: what the provider says of it. */
export const credentialCheckReply = z.object({
  /** `unclear`: it answers, but says nothing of the credential. */
  result: z.enum(['accepted', 'refused', 'unclear', 'unreachable']),
  /** Its HTTP status, where it answered. */
  status: z.number().nullable(),
});

export type CredentialCheckReply = z.infer<typeof credentialCheckReply>;
export type Credential = z.infer<typeof credentialSchema>;
export type CredentialMode = z.infer<typeof credentialModeSchema>;
export type CredentialsReply = z.infer<typeof credentialsReply>;
export type AddCredentialRequest = z.infer<typeof addCredentialRequest>;
export type ReplaceCredentialRequest = z.infer<typeof replaceCredentialRequest>;
export type ChangeCredentialRequest = z.infer<typeof changeCredentialRequest>;
