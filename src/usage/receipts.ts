// The receipt of one request: everything that its charge came from, down to the balanced ledger
// transaction. The lines are exact; their sum is rounded up once, and that is the cost.

import { assert } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { TOKEN_CLASSES, type TokenClass } from '../chat/usage.ts';
import type { Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import { settleKey } from '../ledger/transactions.ts';

export interface ReceiptLine {
  readonly class: TokenClass;
  readonly quantity: number;
  readonly nanosPerMillion: string;
  /** quantity × price in 10^-15 dollars, not rounded. */
  readonly amountFemtos: string;
}

/** Ready for JSON: amounts as decimal text, times as ISO 8601. */
export interface Receipt {
  readonly id: string;
  readonly book: Book;
  readonly protocol: string;
  readonly streamed: boolean;
  readonly modelAsked: string | null;
  readonly modelServed: string | null;
  readonly provider: string | null;
  readonly priceId: string | null;
  readonly usageSource: string;
  readonly lines: ReceiptLine[];
  readonly costNanos: string;
  readonly holdNanos: string;
  readonly chargeNanos: string;
  readonly quarantined: boolean;
  readonly outputCap: number | null;
  readonly outputCapLowered: boolean;
  readonly attempts: number;
  readonly status: number;
  readonly outcome: string;
  readonly errorCode: string | null;
  readonly firstByteMs: number | null;
  readonly durationMs: number;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Null when nothing was charged. */
  readonly ledger: {
    readonly transactionId: string;
    readonly kind: string;
    readonly entries: { readonly account: string; readonly amountNanos: string }[];
  } | null;
}

/** The receipt of a request of this workspace, or undefined when there is none (yet). */
export async function readReceipt(
  sql: Sql,
  workspaceId: string,
  requestId: string,
): Promise<Receipt | undefined> {
  const row = await selectUsage(sql, workspaceId, requestId).executeTakeFirst();
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
    usageSource: row.usage_source,
    lines: row.rates === null ? [] : priceLines(row, row.rates),
    costNanos: row.cost_nanos.toString(),
    holdNanos: row.hold_nanos.toString(),
    chargeNanos: row.charge_nanos.toString(),
    quarantined: row.quarantined,
    outputCap: row.output_cap === null ? null : Number(row.output_cap),
    outputCapLowered: row.output_cap_lowered,
    attempts: row.attempts,
    status: row.status,
    outcome: row.outcome,
    errorCode: row.error_code,
    firstByteMs: row.first_byte_ms,
    durationMs: row.duration_ms,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at.toISOString(),
    ledger: await readTransaction(sql, requestId),
  };
}

function selectUsage(sql: Sql, workspaceId: string, requestId: string) {
  return sql
    .selectFrom('usage_records as usage')
    .leftJoin('prices as price', 'price.id', 'usage.price_id')
    .selectAll('usage')
    .select('price.rates')
    .where('usage.id', '=', requestId)
    .where('usage.workspace_id', '=', workspaceId);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectUsage>['execute']>>[number];

function priceLines(row: Row, rates: JsonObject): ReceiptLine[] {
  const quantities: Readonly<Record<TokenClass, bigint>> = {
    inUncached: row.in_uncached,
    inCacheRead: row.in_cache_read,
    inCacheWrite5m: row.in_cache_write_5m,
    inCacheWrite1h: row.in_cache_write_1h,
    inCacheWriteOther: row.in_cache_write_other,
    outText: row.out_text,
    outReasoning: row.out_reasoning,
  };
  return TOKEN_CLASSES.filter((name) => quantities[name] > 0n).map((name) => {
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

async function readTransaction(sql: Sql, requestId: string): Promise<Receipt['ledger']> {
  const rows = await sql
    .selectFrom('ledger_transactions as transaction')
    .innerJoin('ledger_entries as entry', 'entry.transaction_id', 'transaction.id')
    .select(['transaction.id', 'transaction.kind', 'entry.account_id', 'entry.amount_nanos'])
    .where('transaction.idempotency_key', '=', settleKey(requestId))
    .orderBy('entry.amount_nanos')
    .orderBy('entry.account_id')
    .execute();
  const [first] = rows;
  if (!first) return null;
  const entries = rows.map((row) => ({
    account: row.account_id,
    amountNanos: row.amount_nanos.toString(),
  }));
  return { transactionId: first.id, kind: first.kind, entries };
}
