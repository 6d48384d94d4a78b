// API keys: what they may do and how much, and the keys that other apps ask for.

import { z } from 'zod';
import { bookSchema, budgetSchema, setBudgetRequest, spanSchema } from './contract.ts';
import { displayName, nanos, time, usd } from './contract-fields.ts';

/** Ask models; read usage, receipts and balance; make, change and revoke keys and their budgets. */
export const scopeSchema = z.enum(['inference', 'usage', 'keys']);

const id = z.string().min(1).max(200);
const limitsShape = {
  scopes: z.array(scopeSchema).min(1).max(3),
  /** Ids of the catalogue, or `provider/*`; null: all models. */
  models: z.array(id).min(1).max(100).nullable(),
  /** Ids of providers; null: all. */
  providers: z.array(id).min(1).max(50).nullable(),
  requestsPerMinute: z.number().int().min(1).max(1_000_000).nullable(),
  /** Input and output together. */
  tokensPerMinute: z.number().int().min(1).max(1_000_000_000).nullable(),
  /** Requests at once. */
  concurrency: z.number().int().min(1).max(100_000).nullable(),
  /** Addresses and CIDR ranges from which the key works; null: from everywhere. */
  ipRanges: z.array(z.string().max(50)).min(1).max(50).nullable(),
  expiresAt: time.nullable(),
} as const;

export const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  mode: bookSchema,
  /** How the key looks, for recognising it: `ih_live_…a1b2`. */
  hint: z.string(),
  createdAt: time,
  /** The member who made it; null once that person is gone. */
  createdBy: z.string().nullable(),
  /** The host of the app that it was made for; null: made by hand. */
  app: z.string().nullable(),
  revokedAt: time.nullable(),
  disabledAt: time.nullable(),
  /** Until when the secret from before the last rotation works; null: there is none. */
  previousUntil: time.nullable(),
  lastUsedAt: time.nullable(),
  ...limitsShape,
  /** The key's own; those of the member who made it stand with the member. */
  budgets: z.array(budgetSchema),
});

/** GET /api/v1/workspaces/:workspaceId/keys */
export const keysReply = z.object({ keys: z.array(keySchema) });

const limits = z.object(limitsShape).partial();

/** POST /api/v1/workspaces/:workspaceId/keys (RECENT): scopes are `inference` alone unless given. */
export const createKeyRequest = limits.extend({
  name: displayName,
  mode: bookSchema,
  /** Whoever may make a key may limit it from the start. */
  budget: setBudgetRequest.extend({ span: spanSchema }).optional(),
});

/** The only time that a key's text leaves the hub. */
export const createKeyReply = z.object({ key: keySchema, secret: z.string() });

/** PATCH /api/v1/workspaces/:workspaceId/keys/:keyId → keySchema: what is absent stays. DELETE revokes → 204. */
export const changeKeyRequest = limits.extend({
  name: displayName.optional(),
  disabled: z.boolean().optional(),
});

/**
 * POST /api/v1/workspaces/:workspaceId/keys/:keyId/rotate (RECENT) → createKeyReply: a new secret of the same
 * key; the old one goes on for so long, and an older one still ends at once.
 */
export const rotateKeyRequest = z.object({
  overlapSeconds: z
    .number()
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(86_400),
});

/**
 * POST /api/v1/workspaces/:workspaceId/app-grants (RECENT): a person lets an app have a key. The browser goes to
 * `redirectUrl`, the app's callback with `?code=`. The callback is https, or http on a loopback address.
 */
export const grantAppRequest = z.object({
  callbackUrl: z.string().max(2_000),
  /** RFC 7636, S256: 43 characters of base64url. */
  codeChallenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  keyName: displayName,
  limitUsd: usd,
  span: spanSchema,
});
export const grantAppReply = z.object({ redirectUrl: z.string() });

/** POST /api/v1/auth/keys, by the app: the code and the verifier behind the challenge, once, within ten minutes. */
export const fetchAppKeyRequest = z.object({
  code: z.string().max(200),
  code_verifier: z.string().min(43).max(128),
  code_challenge_method: z.literal('S256').optional(),
});
export const fetchAppKeyReply = z.object({ key: z.string(), user_id: z.string() });

/** GET /v1/key, with the key itself: what it is and may do. */
export const ownKeyReply = z.object({
  id: z.string(),
  name: z.string(),
  mode: bookSchema,
  hint: z.string(),
  workspaceId: z.string(),
  ...limitsShape,
  budgets: z.array(budgetSchema),
});

/** GET /v1/credits, with the key itself: of the book that it spends. */
export const ownCreditsReply = z.object({
  mode: bookSchema,
  balanceNanos: nanos,
  balanceUsd: z.string(),
  spentLastDayNanos: nanos,
});

export type KeyScope = z.infer<typeof scopeSchema>;
export type Key = z.infer<typeof keySchema>;
export type KeysReply = z.infer<typeof keysReply>;
export type CreateKeyRequest = z.input<typeof createKeyRequest>;
export type CreateKeyReply = z.infer<typeof createKeyReply>;
export type ChangeKeyRequest = z.infer<typeof changeKeyRequest>;
export type RotateKeyRequest = z.input<typeof rotateKeyRequest>;
export type GrantAppRequest = z.infer<typeof grantAppRequest>;
export type GrantAppReply = z.infer<typeof grantAppReply>;
