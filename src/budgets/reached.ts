// Budgets of which so much is used that people want to know. Each window is told of at 80 and at 100
// per cent, once each, which its row remembers. Per cents are whole and rounded, because the last
// fraction of a cent, which no request fits into, stays unspent for ever.

import { sql as rawSql } from 'kysely';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import type { Span } from '../ledger/purse.ts';

export interface ReachedBudget {
  /** One window of one budget. */
  readonly purseId: string;
  readonly workspaceId: string;
  /** Whose it is: one of the two is null. */
  readonly keyId: string | null;
  readonly personId: string | null;
  readonly span: Span;
  readonly limitNanos: Nanos;
  /** 80 or 100. */
  readonly percent: number;
}

/** What has been reached since it was last taken; it is not returned again once `tx` is committed. */
export async function takeReachedBudgets(tx: Sql): Promise<ReachedBudget[]> {
  const { rows } = await rawSql<ReachedBudget>`
    with used as (
      select w.purse_id, b.workspace_id, b.key_id, b.person_id, b.span, b.limit_nanos,
        w.issued_nanos - left_of.nanos as nanos
      from budgets b
      join budget_windows w on w.budget_id = b.id and w.starts_at is not distinct from b.window_start
      cross join lateral (
        select coalesce(sum(balance_nanos), 0) as nanos from ledger_accounts
        where purse_id = w.purse_id and book = 'allowance' and kind in ('available', 'lease')
      ) left_of
      where b.removed_at is null and b.limit_nanos > 0 and w.told_percent < 100
        and (b.span = 'total' or w.starts_at >= date_trunc(
          case b.span when 'daily' then 'day' when 'weekly' then 'week' else 'month' end,
          now(), 'UTC'))
    ), reached as (
      select *, case when nanos * 200 >= limit_nanos * 199 then 100 else 80 end as percent
      from used where nanos * 200 >= limit_nanos * 159
    )
    update budget_windows w set told_percent = reached.percent
    from reached where w.purse_id = reached.purse_id and w.told_percent < reached.percent
    returning w.purse_id as "purseId", reached.workspace_id as "workspaceId",
      reached.key_id as "keyId", reached.person_id as "personId", reached.span,
      reached.limit_nanos as "limitNanos", reached.percent`.execute(tx);
  return rows;
}
