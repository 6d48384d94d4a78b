// Windows of budgets: which one is open, and how much is allowed in it. The database's clock decides,
// and a window never gives way to an earlier one: whatever a node's or the server's clock does, a day
// of a budget begins once.

import { sql as rawSql } from 'kysely';
import { newId } from '../base/ids.ts';
import { lesser } from '../base/money.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { availableAccount } from './accounts.ts';
import { bookTransactions } from './book.ts';
import { type BudgetRef, type Purse, type Span, windowPurse } from './purse.ts';
import { allow } from './transactions.ts';

export interface OpenWindow {
  readonly purse: Purse;
  /** How long the window is still open; infinite for a budget without end. */
  readonly remainingMs: number;
}

const UNITS: Readonly<Record<Exclude<Span, 'total'>, string>> = Object.freeze({
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
});

/** The window of a budget that is open now. */
export function openWindow(sql: Sql, budget: BudgetRef): Promise<OpenWindow> {
  const { id, workspaceId, span } = budget;
  return inTransaction(sql, async (tx) => {
    if (span === 'total') {
      const purseId = `${id}:total`;
      await keepWindow(tx, purseId, id, null);
      return {
        purse: windowPurse(purseId, workspaceId),
        remainingMs: Number.POSITIVE_INFINITY,
      };
    }
    const { start, day, remainingMs } = await advanceWindow(tx, id, UNITS[span]);
    const purseId = `${id}:${day}`;
    await keepWindow(tx, purseId, id, start);
    return { purse: windowPurse(purseId, workspaceId), remainingMs };
  });
}

async function advanceWindow(tx: Sql, budgetId: string, unit: string) {
  const { rows } = await rawSql<{ start: Date; day: string; remainingMs: number }>`
    update budgets
    set window_start = greatest(window_start, date_trunc(${unit}, now(), 'UTC'))
    where id = ${budgetId}
    returning window_start as "start", to_char(window_start at time zone 'UTC', 'YYYY-MM-DD') as day,
      (extract(epoch from ((window_start at time zone 'UTC') + ${`1 ${unit}`}::interval)
        at time zone 'UTC' - now()) * 1000)::float8 as "remainingMs"`.execute(tx);
  const [row] = rows;
  if (!row) throw new Error(`The budget ${budgetId} does not exist.`);
  return row;
}

async function keepWindow(
  tx: Sql,
  purseId: string,
  budgetId: string,
  startsAt: Date | null,
): Promise<void> {
  await tx
    .insertInto('budget_windows')
    .values({ purse_id: purseId, budget_id: budgetId, starts_at: startsAt, issued_nanos: 0n })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Brings what is allowed in a window to the budget's limit. A limit that was lowered takes back what
 * is available at once; what nodes still hold of it follows when they give it back.
 */
export async function followLimit(tx: Sql, purse: Purse, wallMs: number): Promise<void> {
  const window = await tx
    .selectFrom('budget_windows as w')
    .innerJoin('budgets as b', 'b.id', 'w.budget_id')
    .select(['w.issued_nanos', 'b.limit_nanos'])
    .where('w.purse_id', '=', purse.id)
    // The limit too: a lease meets the limit that holds when it commits, or the recall meets the lease.
    .forUpdate(['w', 'b'])
    .executeTakeFirstOrThrow();
  let change = window.limit_nanos - window.issued_nanos;
  if (change < 0n) change = -lesser(-change, await readAvailable(tx, purse));
  if (change === 0n) return;
  const transaction = allow({ purse, amountNanos: change, allowId: newId('txn', wallMs) });
  await bookTransactions(tx, [transaction], wallMs);
  await tx
    .updateTable('budget_windows')
    .set({ issued_nanos: window.issued_nanos + change })
    .where('purse_id', '=', purse.id)
    .execute();
}

async function readAvailable(tx: Sql, purse: Purse): Promise<bigint> {
  const account = await tx
    .selectFrom('ledger_accounts')
    .select('balance_nanos')
    .where('id', '=', availableAccount(purse).id)
    .forUpdate()
    .executeTakeFirst();
  return account?.balance_nanos ?? 0n;
}
