// The usage record of one request: what the journal keeps, the usage table shows and the ledger
// charges. Ids, numbers and enums only: no field can hold content. The journal's line is the table's
// row as PostgreSQL's COPY wants it, so that the drain hands it over nearly as it is: what the drain
// must understand stands first, and failed attempts, which have a table of their own, stand last.

import type { ErrorCode } from '../base/errors.ts';
import type { Nanos } from '../base/money.ts';
import {
  MEDIA_CLASSES,
  type MediaClass,
  type TokenCounts,
  type UnitCounts,
  type UsageSource,
} from '../chat/usage.ts';
import { copyText } from '../db/copy.ts';
import type { Book } from '../db/schema.ts';

export type Outcome =
  | 'completed'
  | 'refused'
  | 'upstream_error'
  | 'upstream_broke_off'
  | 'client_closed';

/** A try that failed before the one that answered, or before the request was given up. */
export interface FailedAttempt {
  readonly provider: string;
  /** The provider's HTTP status; null where there was none. */
  readonly status: number | null;
  readonly errorCode: ErrorCode;
  /** What it cost the hub at the provider's list price. */
  readonly costNanos: Nanos;
}

export interface UsageRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly keyId: string;
  readonly book: Book;
  readonly protocol: string;
  readonly streamed: boolean;
  /** Both from the hub's own catalogue; null when the client named a model that is not in it. */
  readonly modelAsked: string | null;
  readonly modelServed: string | null;
  readonly provider: string | null;
  readonly tokens: TokenCounts;
  readonly units: UnitCounts;
  readonly usageSource: UsageSource;
  readonly priceId: string | null;
  /** The tier in which the provider served it; null is the standard one. */
  readonly serviceTier: string | null;
  /** The operator's markup on the list price, in basis points. */
  readonly markupBps: number;
  /** The customer's own credential, where it was sent with that. */
  readonly credentialId: string | null;
  /** The fee that then takes the place of price and markup, in basis points of the list price. */
  readonly feeBps: number | null;
  /** What the list price says, without markup; nothing where the provider bills the customer. */
  readonly providerCostNanos: Nanos;
  readonly holdNanos: Nanos;
  /** What the price says of the tokens; the charge is the lesser of it and the hold. */
  readonly costNanos: Nanos;
  readonly chargeNanos: Nanos;
  readonly quarantined: boolean;
  readonly outputCap: number | null;
  readonly outputCapLowered: boolean;
  /** Upstream requests made for this one. */
  readonly attempts: number;
  readonly failedAttempts: readonly FailedAttempt[];
  /** The HTTP status that the client got (499 when it had gone before there was one). */
  readonly status: number;
  readonly outcome: Outcome;
  readonly errorCode: ErrorCode | null;
  readonly firstByteMs: number | null;
  readonly durationMs: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** The client's address as text, or null when it could not be told. */
  readonly ip: string | null;
  /** The life of the node that held the money. */
  readonly runId: string;
  /** Windows of budgets that count the charge too. */
  readonly allowances: readonly string[];
}

/** The columns of a line in their order. */
export const RECORD_COLUMNS = Object.freeze([
  'id',
  'workspace_id',
  'book',
  'run_id',
  'charge_nanos',
  'quarantined',
  'allowances',
  'key_id',
  'protocol',
  'streamed',
  'model_asked',
  'model_served',
  'provider',
  'in_uncached',
  'in_cache_read',
  'in_cache_write_5m',
  'in_cache_write_1h',
  'in_cache_write_other',
  'out_text',
  'out_reasoning',
  'images',
  'audio_ms',
  'characters',
  'search_units',
  'usage_source',
  'price_id',
  'service_tier',
  'markup_bps',
  'provider_cost_nanos',
  'hold_nanos',
  'cost_nanos',
  'output_cap',
  'output_cap_lowered',
  'attempts',
  'status',
  'outcome',
  'error_code',
  'first_byte_ms',
  'duration_ms',
  'started_at',
  'ended_at',
  'ip',
  'credential_id',
  'fee_bps',
  'media_tokens',
] as const);

/** The record as one line: the columns, and then its failed attempts. */
export function encodeRecord(record: UsageRecord): string {
  const { tokens, units } = record;
  // Joined at once: put together piece by piece it would be a tree of strings, to be flattened later.
  return [
    record.id,
    record.workspaceId,
    record.book,
    record.runId,
    `${record.chargeNanos}`,
    flag(record.quarantined),
    list(record.allowances),
    record.keyId,
    text(record.protocol),
    flag(record.streamed),
    text(record.modelAsked),
    text(record.modelServed),
    text(record.provider),
    tokens.inUncached,
    tokens.inCacheRead,
    tokens.inCacheWrite5m,
    tokens.inCacheWrite1h,
    tokens.inCacheWriteOther,
    tokens.outText,
    tokens.outReasoning,
    units.images,
    units.audioMs,
    units.characters,
    units.searchUnits,
    record.usageSource,
    text(record.priceId),
    text(record.serviceTier),
    record.markupBps,
    `${record.providerCostNanos}`,
    `${record.holdNanos}`,
    `${record.costNanos}`,
    record.outputCap ?? NULL,
    flag(record.outputCapLowered),
    record.attempts,
    record.status,
    record.outcome,
    text(record.errorCode),
    record.firstByteMs ?? NULL,
    record.durationMs,
    time(record.startedAtMs),
    time(record.endedAtMs),
    text(record.ip),
    record.credentialId ?? NULL,
    record.feeBps ?? NULL,
    media(tokens),
    encodeAttempts(record.failedAttempts),
  ].join('\t');
}

/** JSON keeps tabs and line ends out by itself; nothing where the first try answered. */
function encodeAttempts(attempts: readonly FailedAttempt[]): string {
  if (attempts.length === 0) return '';
  return JSON.stringify(
    attempts.map((attempt, i) => ({
      attempt: i + 1,
      provider: attempt.provider,
      status: attempt.status,
      error_code: attempt.errorCode,
      cost_nanos: attempt.costNanos.toString(),
    })),
  );
}

const NULL = '\\N';

function text(value: string | null): string {
  return value === null ? NULL : copyText(value);
}

function flag(value: boolean): string {
  return value ? 't' : 'f';
}

/** An array of PostgreSQL; ids of windows need no quotes. */
function list(values: readonly string[]): string {
  return values.length === 0 ? '{}' : copyText(`{${values.join(',')}}`);
}

/** An array in the order of MEDIA_CLASSES, empty for text alone, as most requests are. */
function media(tokens: TokenCounts): string {
  const all =
    tokens.inAudio +
    tokens.inAudioCacheRead +
    tokens.inImage +
    tokens.inImageCacheRead +
    tokens.outAudio +
    tokens.outImage;
  return all === 0 ? '{}' : `{${MEDIA_CLASSES.map((name) => tokens[name]).join(',')}}`;
}

/** What such an array says, as it comes out of the database. */
export function readMedia(
  column: readonly (bigint | number | string)[],
): Readonly<Record<MediaClass, bigint>> {
  const entries = MEDIA_CLASSES.map((name, i) => [name, BigInt(column[i] ?? 0)] as const);
  return Object.fromEntries(entries) as Record<MediaClass, bigint>;
}

const MINUTE_MS = 60_000;
/** The minutes of late and their texts; answers that run together end in a few of them. */
const RING = 8;
const minutes: number[] = Array.from({ length: RING }, () => Number.NaN);
const texts: string[] = Array.from({ length: RING }, () => '');

/** ISO 8601 in UTC; what the times of a minute have in common is made once. */
function time(wallMs: number): string {
  const minute = Math.floor(wallMs / MINUTE_MS);
  const place = minute % RING;
  if (minutes[place] !== minute) {
    minutes[place] = minute;
    texts[place] = new Date(minute * MINUTE_MS).toISOString().slice(0, -'00.000Z'.length);
  }
  const ms = Math.trunc(wallMs - minute * MINUTE_MS);
  return `${texts[place] ?? ''}${ms < 10_000 ? '0' : ''}${ms / 1_000}Z`;
}
