// What budgets say of themselves: limit, what is used of the current window, and when the next one
// begins. What is used is what was allowed less what is still there, free or leased by a node.

import { sql as rawSql } from 'kysely';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import type { BudgetsTable } from '../db/schema.ts';
import type { Span } from '../ledger/purse.ts';
import { purseIdOf, windowEnd, windowStart } from './spans.ts';

export interface BudgetState {
  readonly id: string;
  /** Whose it is: one of the two is null. */
  readonly keyId: string | null;
  readonly personId: string | null;
  readonly span: Span;
  readonly limitNanos: Nanos;
  /** Charged in the current window; more than the limit where that was lowered below it. */
  readonly usedNanos: Nanos;
  /** Never negative. */
  readonly remainingNanos: Nanos;
  /** Null for a budget that is never renewed. */
  readonly resetsAt: Date | null;
}

/** The budgets of all keys and members of a workspace, oldest first. */
export async function listBudgets(
  sql: Sql,
  workspaceId: string,
  wallMs: number,
): Promise<BudgetState[]> {
  const rows = await selectBudgets(sql).where('workspace_id', '=', workspaceId).execute();
  return readStates(sql, rows, wallMs);
}

/** These budgets, oldest first; those that were removed are left out. */
export async function readBudgets(
  sql: Sql,
  ids: readonly string[],
  wallMs: number,
): Promise<BudgetState[]> {
  if (ids.length === 0) return [];
  const rows = await selectBudgets(sql)
    .where('id', 'in', [...ids])
    .execute();
  return readStates(sql, rows, wallMs);
}

/** The one with the least left; of equals the one that takes longest to be renewed. */
export function tightestOf(budgets: readonly BudgetState[]): BudgetState | undefined {
  return budgets.reduce<BudgetState | undefined>(
    (tightest, budget) => (tightest && !isTighter(budget, tightest) ? tightest : budget),
    undefined,
  );
}

function isTighter(a: BudgetState, b: BudgetState): boolean {
  if (a.remainingNanos !== b.remainingNanos) return a.remainingNanos < b.remainingNanos;
  return renewedMs(a) > renewedMs(b);
}

function renewedMs({ resetsAt }: BudgetState): number {
  return resetsAt?.getTime() ?? Number.POSITIVE_INFINITY;
}

type BudgetRow = Pick<
  BudgetsTable,
  'id' | 'key_id' | 'person_id' | 'span' | 'limit_nanos' | 'window_start'
>;

function selectBudgets(sql: Sql) {
  return sql
    .selectFrom('budgets')
    .select(['id', 'key_id', 'person_id', 'span', 'limit_nanos', 'window_start'])
    .where('removed_at', 'is', null)
    .orderBy('id');
}

async function readStates(
  sql: Sql,
  rows: readonly BudgetRow[],
  wallMs: number,
): Promise<BudgetState[]> {
  const starts = rows.map((row) => startOf(row, wallMs));
  const purseIds = rows.map((row, i) => purseIdOf(row.id, starts[i] ?? null));
  const used = await readUsed(sql, purseIds);
  return rows.map((row, i) => {
    const usedNanos = used.get(purseIds[i] ?? '') ?? 0n;
    const leftNanos = row.limit_nanos - usedNanos;
    return {
      id: row.id,
      keyId: row.key_id,
      personId: row.person_id,
      span: row.span,
      limitNanos: row.limit_nanos,
      usedNanos,
      remainingNanos: leftNanos > 0n ? leftNanos : 0n,
      resetsAt: windowEnd(row.span, starts[i] ?? null),
    };
  });
}

/** The window that is open: by the clock, but never one before the newest that was opened. */
function startOf(row: BudgetRow, wallMs: number): Date | null {
  const start = windowStart(row.span, new Date(wallMs));
  return start && row.window_start && row.window_start > start ? row.window_start : start;
}

/** What is used of each window that was ever opened, all seen at one moment. */
async function readUsed(
  sql: Sql,
  purseIds: readonly string[],
): Promise<ReadonlyMap<string, Nanos>> {
  if (purseIds.length === 0) return new Map();
  const rows = await sql
    .selectFrom('budget_windows as w')
    .leftJoin('ledger_accounts as account', (join) =>
      join
        .onRef('account.purse_id', '=', 'w.purse_id')
        .on('account.book', '=', 'allowance')
        .on('account.kind', 'in', ['available', 'lease']),
    )
    .where('w.purse_id', 'in', [...purseIds])
    .groupBy('w.purse_id')
    .select([
      'w.purse_id',
      rawSql<bigint>`(w.issued_nanos - coalesce(sum(account.balance_nanos), 0))::bigint`.as('used'),
    ])
    .execute();
  return new Map(rows.map((row) => [row.purse_id, row.used]));
}

/** As replies say it: amounts as decimal text, times as ISO 8601. */
export function describeBudget({
  span,
  limitNanos,
  usedNanos,
  remainingNanos,
  resetsAt,
}: BudgetState) {
  return {
    span,
    limitNanos: limitNanos.toString(),
    usedNanos: usedNanos.toString(),
    remainingNanos: remainingNanos.toString(),
    resetsAt: resetsAt?.toISOString() ?? null,
  };
}
