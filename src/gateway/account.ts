// What a key may know of itself, whatever its scopes: its limits and figures, the balance that it spends,
// its receipts. Below `data` /v1/key and /v1/credits have what OpenRouter's clients read; those amounts are
// JSON numbers in dollars, written digit by digit, so that no amount passes through a float here.

import { HubError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { type Nanos, formatUsd } from '../base/money.ts';
import { type BudgetState, describeBudget, readBudgets, tightestOf } from '../budgets/state.ts';
import type { ApiKey } from '../keys/api-key.ts';
import { readCredits } from '../ledger/balances.ts';
import { readSpentLastDay } from '../usage/queries.ts';
import { readReceipt } from '../usage/receipts.ts';
import { sumChargesOfKey } from '../usage/totals.ts';
import type { GatewayDeps } from './deps.ts';

/**
 * GET /v1/receipts/{id}: as JSON text. Throws `not_found` for any other workspace's, and for another
 * key's unless this one may read the workspace's usage.
 */
export async function showReceipt(key: ApiKey, id: string, deps: GatewayDeps): Promise<string> {
  if (!isId('req', id)) throw new HubError('not_found');
  // What has just been answered may still be on its way from the journal.
  const owner = key.limits.scopes.includes('usage') ? undefined : key.keyId;
  const read = () => readReceipt(deps.sql, key.workspaceId, id, 'customer', owner);
  const receipt = (await read()) ?? (await deps.flushUsage().then(read));
  if (!receipt) throw new HubError('not_found');
  return JSON.stringify(receipt);
}

/** GET /v1/key: `limit` and its kin speak of the budget with the least left. */
export async function showKey(key: ApiKey, deps: GatewayDeps): Promise<string> {
  await deps.flushUsage();
  const totals = await sumChargesOfKey(deps.sql, key.keyId);
  const ids = key.budgets.map(({ id }) => id);
  const budgets = await readBudgets(deps.sql, ids, deps.clock.wallMs());
  const tightest = tightestOf(budgets);
  return JSON.stringify({
    ...describeKey(key),
    budgets: budgets.filter(({ keyId }) => keyId !== null).map(describeBudget),
    data: {
      label: key.keyId,
      usage: usd(totals.totalNanos),
      usage_daily: usd(totals.dayNanos),
      usage_weekly: usd(totals.weekNanos),
      usage_monthly: usd(totals.monthNanos),
      limit: tightest ? usd(tightest.limitNanos) : null,
      limit_remaining: tightest ? usd(tightest.remainingNanos) : null,
      limit_reset: tightest ? resetOf(tightest) : null,
      is_free_tier: false,
      is_test: key.book === 'test',
      budgets: budgets.map((budget) => ({
        of: budget.keyId === null ? 'member' : 'key',
        limit: usd(budget.limitNanos),
        used: usd(budget.usedNanos),
        remaining: usd(budget.remainingNanos),
        reset: resetOf(budget),
        resets_at: budget.resetsAt?.toISOString() ?? null,
      })),
    },
  });
}

function describeKey({ keyId, name, book, hint, workspaceId, limits }: ApiKey) {
  const expiresAt = limits.expiresAt?.toISOString() ?? null;
  return { id: keyId, name, mode: book, hint, workspaceId, ...limits, expiresAt };
}

/** How often a budget is renewed; null for one that never is. */
function resetOf({ span }: BudgetState): string | null {
  return span === 'total' ? null : span;
}

/** GET /v1/credits */
export async function showCredits(key: ApiKey, deps: GatewayDeps): Promise<string> {
  await deps.flushUsage();
  const { sql, clock } = deps;
  const credits = await readCredits(sql, key.book, key.workspaceId);
  const balanceNanos = credits.grantedNanos - credits.usedNanos;
  const spent = await readSpentLastDay(sql, key.workspaceId, clock.wallMs());
  return JSON.stringify({
    mode: key.book,
    balanceNanos: balanceNanos.toString(),
    balanceUsd: formatUsd(balanceNanos),
    spentLastDayNanos: spent[key.book].toString(),
    data: { total_credits: usd(credits.grantedNanos), total_usage: usd(credits.usedNanos) },
  });
}

/** An amount as an exact JSON number (https://github.com/tc39/proposal-json-parse-with-source). */
function usd(nanos: Nanos): unknown {
  return (JSON as JSON & { rawJSON(text: string): unknown }).rawJSON(formatUsd(nanos));
}
