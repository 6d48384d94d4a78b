// Setting and removing budgets. The limit is a row; what enforces it is the ledger, which follows the
// row at every lease. So a lowered limit calls home what nodes have leased under the old one. Whoever
// sets the first budget of an owner or removes one also tells the gateways' key caches (src/keys).

import { assert } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import type { Span } from '../ledger/purse.ts';
import { recallLeases } from '../ledger/recalls.ts';
import { purseIdOf } from './spans.ts';

/** A key, or a member with all live keys that they made in the workspace. */
export type BudgetOwner =
  | { readonly workspaceId: string; readonly keyId: string }
  | { readonly workspaceId: string; readonly personId: string };

/**
 * Sets the owner's limit for this span, inside the caller's transaction. Of a budget that is there
 * already the limit changes and what was used stays. The owner belongs to the workspace.
 */
export async function setBudget(
  tx: Sql,
  owner: BudgetOwner,
  span: Span,
  limitNanos: Nanos,
  wallMs: number,
): Promise<void> {
  assert(limitNanos >= 0n, 'a limit is not negative');
  const { id, window_start } = await upsert(tx, owner, span, limitNanos, wallMs);
  if (span === 'total' || window_start) await recallLeases(tx, purseIdOf(id, window_start));
}

/** Removes the owner's budget of this span, if there is one, inside the caller's transaction. */
export async function removeBudget(
  tx: Sql,
  owner: BudgetOwner,
  span: Span,
  wallMs: number,
): Promise<void> {
  await remove(tx, owner, wallMs).where('span', '=', span).execute();
}

/** Removes all budgets of the owner, inside the caller's transaction. */
export async function removeBudgetsOf(tx: Sql, owner: BudgetOwner, wallMs: number): Promise<void> {
  await remove(tx, owner, wallMs).execute();
}

function remove(tx: Sql, owner: BudgetOwner, wallMs: number) {
  const { keyId, personId } = columnsOf(owner);
  return tx
    .updateTable('budgets')
    .set({ removed_at: new Date(wallMs) })
    .where('workspace_id', '=', owner.workspaceId)
    .where('key_id', 'is not distinct from', keyId)
    .where('person_id', 'is not distinct from', personId)
    .where('removed_at', 'is', null);
}

function upsert(tx: Sql, owner: BudgetOwner, span: Span, limitNanos: Nanos, wallMs: number) {
  const { keyId, personId } = columnsOf(owner);
  return tx
    .insertInto('budgets')
    .values({
      id: newId('bgt', wallMs),
      workspace_id: owner.workspaceId,
      key_id: keyId,
      person_id: personId,
      span,
      limit_nanos: limitNanos,
      window_start: null,
      created_at: new Date(wallMs),
      removed_at: null,
    })
    .onConflict((conflict) =>
      (keyId === null
        ? conflict.columns(['workspace_id', 'person_id', 'span']).where('person_id', 'is not', null)
        : conflict.columns(['key_id', 'span']).where('key_id', 'is not', null)
      )
        .where('removed_at', 'is', null)
        .doUpdateSet({ limit_nanos: limitNanos }),
    )
    .returning(['id', 'window_start'])
    .executeTakeFirstOrThrow();
}

function columnsOf(owner: BudgetOwner): { keyId: string | null; personId: string | null } {
  return 'keyId' in owner
    ? { keyId: owner.keyId, personId: null }
    : { keyId: null, personId: owner.personId };
}
