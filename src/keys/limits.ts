// What a key may do and how much of it: the same as columns and as fields.

import type { Selectable } from 'kysely';
import type { ApiKeysTable, KeyScope } from '../db/schema-people.ts';

/** Null: no limit of this kind. */
export interface KeyLimits {
  readonly scopes: readonly KeyScope[];
  /** Ids of the catalogue, or `provider/*`. */
  readonly models: readonly string[] | null;
  readonly providers: readonly string[] | null;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly concurrency: number | null;
  /** Addresses and CIDR ranges. */
  readonly ipRanges: readonly string[] | null;
  readonly expiresAt: Date | null;
}

export const NO_LIMITS: KeyLimits = Object.freeze({
  scopes: Object.freeze(['inference'] as const),
  models: null,
  providers: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrency: null,
  ipRanges: null,
  expiresAt: null,
});

export const LIMIT_COLUMNS = Object.freeze([
  'scopes',
  'models',
  'providers',
  'requests_per_minute',
  'tokens_per_minute',
  'concurrency',
  'ip_ranges',
  'expires_at',
] as const);

type LimitRow = Pick<Selectable<ApiKeysTable>, (typeof LIMIT_COLUMNS)[number]>;

export function limitsOf(row: LimitRow): KeyLimits {
  return {
    scopes: row.scopes,
    models: row.models,
    providers: row.providers,
    requestsPerMinute: row.requests_per_minute,
    tokensPerMinute: row.tokens_per_minute === null ? null : Number(row.tokens_per_minute),
    concurrency: row.concurrency,
    ipRanges: row.ip_ranges,
    expiresAt: row.expires_at,
  };
}

/** The columns of the limits that are given; what is absent is left out. */
export function columnsOf(limits: Partial<KeyLimits>): Partial<LimitRow> {
  const { scopes, models, providers, ipRanges, tokensPerMinute, ...rest } = limits;
  return {
    ...(scopes && { scopes: [...scopes] }),
    ...(models !== undefined && { models: models && [...models] }),
    ...(providers !== undefined && { providers: providers && [...providers] }),
    ...(ipRanges !== undefined && { ip_ranges: ipRanges && [...ipRanges] }),
    ...(tokensPerMinute !== undefined && {
      tokens_per_minute: tokensPerMinute === null ? null : BigInt(tokensPerMinute),
    }),
    ...(rest.requestsPerMinute !== undefined && { requests_per_minute: rest.requestsPerMinute }),
    ...(rest.concurrency !== undefined && { concurrency: rest.concurrency }),
    ...(rest.expiresAt !== undefined && { expires_at: rest.expiresAt }),
  };
}
