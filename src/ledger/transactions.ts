// Every kind of transaction as a pure function from what happened to balanced entries. Nothing here
// writes; book.ts does. The idempotency key says what happened, so that the same event booked twice
// (a retry, a replayed journal) is the same key and books once.

import { assert } from '../base/errors.ts';
import type { Nanos } from '../base/money.ts';
import type { Book, TransactionKind } from '../db/schema.ts';
import { type Account, availableAccount, hubAccount, leaseAccount } from './accounts.ts';

export interface Entry {
  readonly account: Account;
  /** Positive: the account receives; negative: it gives. Never zero. */
  readonly amountNanos: Nanos;
}

export interface Transaction {
  readonly book: Book;
  readonly kind: TransactionKind;
  readonly idempotencyKey: string;
  readonly entries: readonly Entry[];
}

interface Party {
  readonly book: Book;
  readonly workspaceId: string;
}

interface NodeParty extends Party {
  readonly nodeId: string;
}

/** The operator gives a customer a balance. */
export function grant(of: Party & { amountNanos: Nanos; idempotencyKey: string }): Transaction {
  return transfer('grant', `grant:${of.workspaceId}:${of.idempotencyKey}`, of.amountNanos, {
    from: hubAccount(of.book, 'funding'),
    to: availableAccount(of.book, of.workspaceId),
  });
}

/** A gateway node takes a part of the customer's balance, to spend from memory. */
export function lease(of: NodeParty & { amountNanos: Nanos; leaseId: string }): Transaction {
  return transfer('lease', leaseKey(of.leaseId), of.amountNanos, {
    from: availableAccount(of.book, of.workspaceId),
    to: leaseAccount(of.book, of.workspaceId, of.nodeId),
  });
}

export function leaseKey(leaseId: string): string {
  return `lease:${leaseId}`;
}

/** A gateway node gives back what it has leased and not spent. */
export function release(of: NodeParty & { amountNanos: Nanos; releaseId: string }): Transaction {
  return transfer('release', `release:${of.releaseId}`, of.amountNanos, {
    from: leaseAccount(of.book, of.workspaceId, of.nodeId),
    to: availableAccount(of.book, of.workspaceId),
  });
}

/** A request is charged. One settlement a request, ever. */
export function settle(of: NodeParty & { amountNanos: Nanos; requestId: string }): Transaction {
  return transfer('settle', settleKey(of.requestId), of.amountNanos, {
    from: leaseAccount(of.book, of.workspaceId, of.nodeId),
    to: hubAccount(of.book, 'revenue'),
  });
}

/** A charge that nobody can vouch for leaves the customer's lease but is not earned yet. */
export function quarantine(of: NodeParty & { amountNanos: Nanos; requestId: string }): Transaction {
  return transfer('quarantine', settleKey(of.requestId), of.amountNanos, {
    from: leaseAccount(of.book, of.workspaceId, of.nodeId),
    to: hubAccount(of.book, 'quarantine'),
  });
}

/** Settled and quarantined share the key: a request ends in one of them, once. */
export function settleKey(requestId: string): string {
  return `settle:${requestId}`;
}

function transfer(
  kind: TransactionKind,
  idempotencyKey: string,
  amountNanos: Nanos,
  between: { from: Account; to: Account },
): Transaction {
  assert(amountNanos > 0n, 'a transfer moves a positive amount');
  assert(between.from.book === between.to.book, 'a transfer stays in its book');
  const entries = [
    { account: between.from, amountNanos: -amountNanos },
    { account: between.to, amountNanos },
  ];
  return { book: between.from.book, kind, idempotencyKey, entries };
}
