// A purse is an amount that gateway nodes may lease from: a workspace's balance in one book, or one
// window of a budget (what a key or a member may spend in a day, a week, a month, or ever). Both work
// the same way, so a budget is kept as strictly as a balance.

import type { Book, LedgerBook } from '../db/schema.ts';

/** The span of one window of a budget, in UTC; weeks begin on Monday. */
export type Span = 'total' | 'daily' | 'weekly' | 'monthly';

/** A budget that a request is subject to; its limit stays in the database. */
export interface BudgetRef {
  readonly id: string;
  readonly workspaceId: string;
  readonly span: Span;
  readonly of: 'key' | 'member';
}

export interface Purse {
  readonly book: LedgerBook;
  /** The workspace's id, or `<budget id>:<first day>` (`<budget id>:total`) for a window. */
  readonly id: string;
  readonly workspaceId: string;
}

export function balancePurse(book: Book, workspaceId: string): Purse {
  return { book, id: workspaceId, workspaceId };
}

export function windowPurse(purseId: string, workspaceId: string): Purse {
  return { book: 'allowance', id: purseId, workspaceId };
}
