// The receipt of one request: everything that its charge came from, down to the balanced ledger
// transaction. The lines are exact at the list price; their sum, the markup and the one rounding are
// exactly the cost, as is the fee in their place. What the request cost the hub is for the operator's eyes alone.

import { assert } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { TOKEN_CLASSES, type TokenClass, UNIT_CLASSES, type UnitClass } from '../chat/usage.ts';
import type { Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import { type ReceiptLedger, readReceiptLedger } from './receipt-ledger.ts';
import { readMedia } from './record.ts';

export interface ReceiptLine {
  readonly class: TokenClass | UnitClass;
  readonly quantity: number;
  readonly nanosPerMillion: string;
  /** quantity × price in 10^-15 dollars, not rounded. */
  readonly amountFemtos: string;
}

export interface ReceiptPrice {
  /** The tier of the version that holds for this request. */
  readonly id: string;
  readonly version: string;
  readonly effectiveFrom: string;
}

/** A try at a provider; the costs are there for operators only. */
export interface ReceiptAttempt {
  readonly provider: string;
  /** The provider's HTTP status; null where there was none. */
  readonly status: number | null;
  /** Null for the try that answered. */
  readonly errorCode: string | null;
  readonly costNanos?: string;
}

/** Ready for JSON: amounts as decimal text, times as ISO 8601. */
export interface Receipt extends ReceiptSums, ReceiptLedger {
  readonly id: string;
  readonly book: Book;
  readonly protocol: string;
  readonly streamed: boolean;
  readonly modelAsked: string | null;
  readonly modelServed: string | null;
  readonly provider: string | null;
  readonly priceId: string | null;
  /** Null when nothing was metered. */
  readonly price: ReceiptPrice | null;
  /** The tier in which the provider served it; null is the standard one. */
  readonly serviceTier: string | null;
  readonly usageSource: string;
  readonly holdNanos: string;
  readonly chargeNanos: string;
  /** Whether the charge is the hold because the cost is more. */
  readonly limitedByHold: boolean;
  /** What the provider will invoice for it by the list price; for operators only. */
  readonly providerCostNanos?: string;
  readonly quarantined: boolean;
  readonly outputCap: number | null;
  readonly outputCapLowered: boolean;
  readonly attempts: number;
  /** Every try in its order. */
  readonly tries: ReceiptAttempt[];
  readonly status: number;
  readonly outcome: string;
  readonly errorCode: string | null;
  readonly firstByteMs: number | null;
  readonly durationMs: number;
  readonly startedAt: string;
  readonly endedAt: string;
}

/**
 * listFemtos × 10^6 + markupZeptos + roundingZeptos = costNanos × 10^12, exactly; where the customer's own
 * credential served, feeZeptos + roundingZeptos are.
 */
interface ReceiptSums {
  readonly lines: ReceiptLine[];
  /** The lines' sum in 10^-15 dollars. */
  readonly listFemtos: string;
  readonly markupBps: number;
  /** The markup on that sum in 10^-21 dollars. */
  readonly markupZeptos: string;
  /** Null where it was the hub's credential. */
  readonly own: ReceiptFee | null;
  /** What the one rounding added, in 10^-21 dollars. */
  readonly roundingZeptos: string;
  readonly costNanos: string;
}

interface ReceiptFee {
  readonly credentialId: string;
  readonly feeBps: number;
  readonly feeZeptos: string;
}

export type Reader = 'customer' | 'operator';

/** The receipt of a request of this workspace, and of this key alone where one is given; undefined when there is none (yet). */
export async function readReceipt(
  sql: Sql,
  workspaceId: string,
  requestId: string,
  reader: Reader,
  keyId?: string,
): Promise<Receipt | undefined> {
  const row = await selectUsage(sql, workspaceId, requestId)
    .$if(keyId !== undefined, (query) => query.where('usage.key_id', '=', keyId ?? ''))
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    id: row.id,
    book: row.book,
    protocol: row.protocol,
    streamed: row.streamed,
    modelAsked: row.model_asked,
    modelServed: row.model_served,
    provider: row.provider,
    priceId: row.price_id,
    price: priceOf(row),
    serviceTier: row.service_tier,
    usageSource: row.usage_source,
    ...sumsOf(row),
    holdNanos: row.hold_nanos.toString(),
    chargeNanos: row.charge_nanos.toString(),
    limitedByHold: row.charge_nanos < row.cost_nanos,
    ...(reader === 'operator' && { providerCostNanos: row.provider_cost_nanos.toString() }),
    quarantined: row.quarantined,
    outputCap: row.output_cap === null ? null : Number(row.output_cap),
    outputCapLowered: row.output_cap_lowered,
    attempts: row.attempts,
    tries: await readTries(sql, row, reader),
    status: row.status,
    outcome: row.outcome,
    errorCode: row.error_code,
    firstByteMs: row.first_byte_ms,
    durationMs: row.duration_ms,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at.toISOString(),
    ...(await readReceiptLedger(sql, row)),
  };
}

function selectUsage(sql: Sql, workspaceId: string, requestId: string) {
  return sql
    .selectFrom('usage_records as usage')
    .leftJoin('prices as price', 'price.id', 'usage.price_id')
    .selectAll('usage')
    .select(['price.rates', 'price.version', 'price.effective_from'])
    .where('usage.id', '=', requestId)
    .where('usage.workspace_id', '=', workspaceId);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectUsage>['execute']>>[number];

function priceOf({ price_id: id, version, effective_from: from }: Row): ReceiptPrice | null {
  if (id === null || version === null || from === null) return null;
  return { id, version, effectiveFrom: from.toISOString() };
}

const ZEPTOS_PER_FEMTO = 1_000_000n;
const ZEPTOS_PER_NANO = 1_000_000_000_000n;
/** A basis point of a femto-dollar, in zepto-dollars. */
const ZEPTOS_PER_FEMTO_BPS = 100n;

function sumsOf(row: Row): ReceiptSums {
  const lines = row.rates === null ? [] : priceLines(row, row.rates);
  const listFemtos = lines.reduce((sum, line) => sum + BigInt(line.amountFemtos), 0n);
  const markupZeptos = listFemtos * BigInt(row.markup_bps) * ZEPTOS_PER_FEMTO_BPS;
  const costZeptos = row.cost_nanos * ZEPTOS_PER_NANO;
  const own = feeOf(row, listFemtos);
  const dueZeptos = own ? BigInt(own.feeZeptos) : listFemtos * ZEPTOS_PER_FEMTO + markupZeptos;
  return {
    lines,
    listFemtos: listFemtos.toString(),
    markupBps: row.markup_bps,
    markupZeptos: markupZeptos.toString(),
    own,
    roundingZeptos: (costZeptos - dueZeptos).toString(),
    costNanos: row.cost_nanos.toString(),
  };
}

function feeOf(row: Row, listFemtos: bigint): ReceiptFee | null {
  const { credential_id: credentialId, fee_bps: feeBps } = row;
  if (credentialId === null || feeBps === null) return null;
  const feeZeptos = listFemtos * BigInt(feeBps) * ZEPTOS_PER_FEMTO_BPS;
  return { credentialId, feeBps, feeZeptos: feeZeptos.toString() };
}

function priceLines(row: Row, rates: JsonObject): ReceiptLine[] {
  const quantities: Readonly<Record<TokenClass | UnitClass, bigint>> = {
    inUncached: row.in_uncached,
    inCacheRead: row.in_cache_read,
    inCacheWrite5m: row.in_cache_write_5m,
    inCacheWrite1h: row.in_cache_write_1h,
    inCacheWriteOther: row.in_cache_write_other,
    ...readMedia(row.media_tokens),
    outText: row.out_text,
    outReasoning: row.out_reasoning,
    images: row.images,
    audioMs: row.audio_ms,
    characters: row.characters,
    searchUnits: row.search_units,
  };
  const used = [...TOKEN_CLASSES, ...UNIT_CLASSES].filter((name) => quantities[name] > 0n);
  return used.map((name) => {
    const rate = rates[name];
    assert(typeof rate === 'string', `a price has a rate for ${name}`);
    return {
      class: name,
      quantity: Number(quantities[name]),
      nanosPerMillion: rate,
      amountFemtos: (quantities[name] * BigInt(rate)).toString(),
    };
  });
}

async function readTries(sql: Sql, row: Row, reader: Reader): Promise<ReceiptAttempt[]> {
  const failed = await sql
    .selectFrom('failed_attempts')
    .select(['provider', 'status', 'error_code', 'cost_nanos'])
    .where('request_id', '=', row.id)
    .orderBy('attempt')
    .execute();
  const costOf = (costNanos: bigint) =>
    reader === 'operator' ? { costNanos: costNanos.toString() } : {};
  const tries: ReceiptAttempt[] = failed.map((attempt) => ({
    provider: attempt.provider,
    status: attempt.status,
    errorCode: attempt.error_code,
    ...costOf(attempt.cost_nanos),
  }));
  if (row.attempts > failed.length && row.provider !== null) {
    const errorCode = row.outcome === 'completed' ? null : row.error_code;
    const status = row.usage_source === 'none' && errorCode !== null ? null : 200;
    tries.push({ provider: row.provider, status, errorCode, ...costOf(row.provider_cost_nanos) });
  }
  return tries;
}
