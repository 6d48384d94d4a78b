// The usage record of one request: what the journal keeps, the usage table shows and the ledger
// charges. Ids, numbers and enums only: no field can hold content. The journal's line is JSON with
// the table's own column names, so that the drain hands lines to the database as they are.

import type { ErrorCode } from '../base/errors.ts';
import type { Nanos } from '../base/money.ts';
import type { TokenCounts, UnitCounts, UsageSource } from '../chat/usage.ts';
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
  /** What the list price says, without markup. */
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

/** The part of a record that the drain must understand itself. */
export interface Charge {
  readonly requestId: string;
  readonly workspaceId: string;
  readonly book: Book;
  readonly chargeNanos: Nanos;
  readonly quarantined: boolean;
  readonly runId: string;
  readonly allowances: readonly string[];
}

/** The record as one line of JSON. Amounts are text, because JSON numbers are floats. */
export function encodeRecord(record: UsageRecord): string {
  const { tokens, units } = record;
  return JSON.stringify({
    id: record.id,
    workspace_id: record.workspaceId,
    key_id: record.keyId,
    book: record.book,
    protocol: record.protocol,
    streamed: record.streamed,
    model_asked: record.modelAsked,
    model_served: record.modelServed,
    provider: record.provider,
    in_uncached: tokens.inUncached,
    in_cache_read: tokens.inCacheRead,
    in_cache_write_5m: tokens.inCacheWrite5m,
    in_cache_write_1h: tokens.inCacheWrite1h,
    in_cache_write_other: tokens.inCacheWriteOther,
    out_text: tokens.outText,
    out_reasoning: tokens.outReasoning,
    images: units.images,
    audio_ms: units.audioMs,
    characters: units.characters,
    search_units: units.searchUnits,
    usage_source: record.usageSource,
    price_id: record.priceId,
    service_tier: record.serviceTier,
    markup_bps: record.markupBps,
    provider_cost_nanos: record.providerCostNanos.toString(),
    hold_nanos: record.holdNanos.toString(),
    cost_nanos: record.costNanos.toString(),
    charge_nanos: record.chargeNanos.toString(),
    quarantined: record.quarantined,
    output_cap: record.outputCap,
    output_cap_lowered: record.outputCapLowered,
    attempts: record.attempts,
    status: record.status,
    outcome: record.outcome,
    error_code: record.errorCode,
    first_byte_ms: record.firstByteMs,
    duration_ms: record.durationMs,
    started_at: new Date(record.startedAtMs).toISOString(),
    ended_at: new Date(record.endedAtMs).toISOString(),
    ip: record.ip,
    run_id: record.runId,
    allowances: record.allowances,
    failed_attempts: record.failedAttempts.map((attempt, i) => ({
      attempt: i + 1,
      provider: attempt.provider,
      status: attempt.status,
      error_code: attempt.errorCode,
      cost_nanos: attempt.costNanos.toString(),
    })),
  });
}

/** Reads the charge out of a journal line; throws on a line that is none. */
export function decodeCharge(line: string): Charge {
  const row = JSON.parse(line) as Record<string, unknown>;
  return {
    requestId: String(row['id']),
    workspaceId: String(row['workspace_id']),
    book: row['book'] as Book,
    chargeNanos: BigInt(String(row['charge_nanos'])),
    quarantined: row['quarantined'] === true,
    runId: String(row['run_id']),
    allowances: row['allowances'] as readonly string[],
  };
}
