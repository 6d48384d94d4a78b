// The chart of accounts. An account's id is its meaning spelled out, so that an entry can be read
// without a join and two nodes that open the same account open the same row.

//   available   what a customer can still have leased          bounded, >= 0
//   lease       what one gateway node may spend for a customer bounded, >= 0
//   quarantine  charges that wait for review                   bounded, >= 0
//   revenue     what has been charged                          the hub's, unbounded
//   funding     where grants and top-ups come from             the hub's, unbounded (below zero)

import type { AccountKind, Book } from '../db/schema.ts';

export interface Account {
  readonly id: string;
  readonly book: Book;
  readonly kind: AccountKind;
  readonly workspaceId: string | null;
  readonly nodeId: string | null;
  readonly bounded: boolean;
}

export function availableAccount(book: Book, workspaceId: string): Account {
  const id = `${book}:available:${workspaceId}`;
  return { id, book, kind: 'available', workspaceId, nodeId: null, bounded: true };
}

export function leaseAccount(book: Book, workspaceId: string, nodeId: string): Account {
  const id = `${book}:lease:${workspaceId}:${nodeId}`;
  return { id, book, kind: 'lease', workspaceId, nodeId, bounded: true };
}

export function hubAccount(book: Book, kind: 'revenue' | 'funding' | 'quarantine'): Account {
  const bounded = kind === 'quarantine';
  return { id: `${book}:${kind}`, book, kind, workspaceId: null, nodeId: null, bounded };
}
