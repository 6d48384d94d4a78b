// The chart of accounts. An account's id is its meaning spelled out, so that an entry can be read
// without a join and two nodes that open the same account open the same row.

//   available   what of a purse can still be leased              bounded, >= 0
//   lease       what one run of a node may spend of a purse      bounded, >= 0
//   quarantine  charges that wait for review                     bounded, >= 0
//   revenue     what has been charged (allowances: used)         the hub's, unbounded
//   funding     where grants (allowances: limits) come from      the hub's, unbounded, below zero
//   suspense    charges whose money had gone back already        the hub's, unbounded, below zero

import type { AccountKind, LedgerBook } from '../db/schema.ts';
import type { Purse } from './purse.ts';

export interface Account {
  readonly id: string;
  readonly book: LedgerBook;
  readonly kind: AccountKind;
  readonly workspaceId: string | null;
  readonly purseId: string | null;
  readonly runId: string | null;
  readonly bounded: boolean;
}

export function availableAccount({ book, id: purseId, workspaceId }: Purse): Account {
  const id = `${book}:available:${purseId}`;
  return { id, book, kind: 'available', workspaceId, purseId, runId: null, bounded: true };
}

export function leaseAccount({ book, id: purseId, workspaceId }: Purse, runId: string): Account {
  const id = `${book}:lease:${purseId}:${runId}`;
  return { id, book, kind: 'lease', workspaceId, purseId, runId, bounded: true };
}

export function hubAccount(
  book: LedgerBook,
  kind: 'revenue' | 'funding' | 'quarantine' | 'suspense',
): Account {
  const bounded = kind === 'quarantine';
  const id = `${book}:${kind}`;
  return { id, book, kind, workspaceId: null, purseId: null, runId: null, bounded };
}

/**
 * Where the allowance of one window comes from, and where what is used of it goes. Each window has its
 * own, so that no customer's windows meet another's in one row, or add up with them.
 */
export function windowAccount({ book, id: purseId }: Purse, kind: 'revenue' | 'funding'): Account {
  const id = `${book}:${kind}:${purseId}`;
  return { id, book, kind, workspaceId: null, purseId: null, runId: null, bounded: false };
}
