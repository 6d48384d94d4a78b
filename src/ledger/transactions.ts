// Every kind of transaction as a pure function from what happened to balanced entries. Nothing here
// writes; book.ts does. The idempotency key says what happened, so that the same event booked twice
// (a retry, a replayed journal) is the same key and books once.

import { assert } from '../base/errors.ts';
import type { Nanos } from '../base/money.ts';
import type { Book, LedgerBook, TransactionKind } from '../db/schema.ts';
import {
  type Account,
  availableAccount,
  hubAccount,
  leaseAccount,
  windowAccount,
} from './accounts.ts';
import { type Purse, balancePurse } from './purse.ts';

export interface Entry {
  readonly account: Account;
  /** Positive: the account receives; negative: it gives. Never zero. */
  readonly amountNanos: Nanos;
}

export interface Transaction {
  readonly book: LedgerBook;
  readonly kind: TransactionKind;
  readonly idempotencyKey: string;
  /** The id of the settlement that a review or a refund is about, and the request among its own. */
  readonly about?: string;
  readonly aboutRequest?: string;
  readonly entries: readonly Entry[];
}

/** The operator gives a customer a balance. */
export function grant(of: {
  book: Book;
  workspaceId: string;
  amountNanos: Nanos;
  idempotencyKey: string;
}): Transaction {
  return transfer('grant', `grant:${of.workspaceId}:${of.idempotencyKey}`, of.amountNanos, {
    from: hubAccount(of.book, 'funding'),
    to: availableAccount(balancePurse(of.book, of.workspaceId)),
  });
}

/** A window of a budget follows its limit: up by a positive amount, down by a negative one. */
export function allow(of: { purse: Purse; amountNanos: Nanos; allowId: string }): Transaction {
  const { purse, amountNanos, allowId } = of;
  const funding = windowAccount(purse, 'funding');
  const available = availableAccount(purse);
  return amountNanos > 0n
    ? transfer('allow', `allow:${allowId}`, amountNanos, { from: funding, to: available })
    : transfer('allow', `allow:${allowId}`, -amountNanos, { from: available, to: funding });
}

interface OfRun {
  readonly purse: Purse;
  readonly runId: string;
  readonly amountNanos: Nanos;
}

/** A run of a node takes a part of a purse, to spend from memory. */
export function lease(of: OfRun & { leaseId: string }): Transaction {
  return transfer('lease', leaseKey(of.leaseId), of.amountNanos, {
    from: availableAccount(of.purse),
    to: leaseAccount(of.purse, of.runId),
  });
}

export function leaseKey(leaseId: string): string {
  return `lease:${leaseId}`;
}

/** What was leased and not spent goes back, by the run itself or because it is not seen any more. */
export function release(of: OfRun & { releaseId: string }): Transaction {
  return transfer('release', `release:${of.releaseId}`, of.amountNanos, {
    from: leaseAccount(of.purse, of.runId),
    to: availableAccount(of.purse),
  });
}

/** Charges and who pays them: the lease they were held in, or the hub where that had gone back. */
interface ChargeOf {
  /** The request, or of several the one with the least id. */
  readonly requestId: string;
  readonly amountNanos: Nanos;
  readonly payer: Account;
}

/** Requests of one payer are charged. A request leads one settlement, ever. */
export function settle({ requestId, amountNanos, payer }: ChargeOf): Transaction {
  const between = { from: payer, to: hubAccount(payer.book, 'revenue') };
  return transfer('settle', settleKey(requestId), amountNanos, between);
}

/** A charge that nobody can vouch for leaves the customer's lease but is not earned yet. */
export function quarantine({ requestId, amountNanos, payer }: ChargeOf): Transaction {
  const between = { from: payer, to: hubAccount(payer.book, 'quarantine') };
  return transfer('quarantine', settleKey(requestId), amountNanos, between);
}

/** The same charges as a window of a budget counts them: those of a settlement that name it. */
export function countAgainst(of: OfRun & { requestId: string }): Transaction {
  const key = `${settleKey(of.requestId)}:${of.purse.id}`;
  return transfer('settle', key, of.amountNanos, {
    from: leaseAccount(of.purse, of.runId),
    to: windowAccount(of.purse, 'revenue'),
  });
}

/** Settled and quarantined share the key: a request ends in one of them, once. */
export function settleKey(requestId: string): string {
  return `settle:${requestId}`;
}

/** A request's charge that stands in the books, and the account that gets what is given back of it. */
export interface BookedCharge {
  /** The settlement that it is a part of. */
  readonly transactionId: string;
  readonly requestId: string;
  readonly amountNanos: Nanos;
  readonly payer: Account;
}

/** A quarantined charge is decided, once: a part goes back to who bore it, the rest is earned. */
export function review(charge: BookedCharge, giveBackNanos: Nanos): Transaction {
  const { transactionId, requestId, amountNanos, payer } = charge;
  assert(giveBackNanos >= 0n && giveBackNanos <= amountNanos, 'a part is within its charge');
  const { book } = payer;
  const entries = [
    { account: hubAccount(book, 'quarantine'), amountNanos: -amountNanos },
    { account: hubAccount(book, 'revenue'), amountNanos: amountNanos - giveBackNanos },
    { account: payer, amountNanos: giveBackNanos },
  ].filter((entry) => entry.amountNanos !== 0n);
  const idempotencyKey = reviewKey(requestId);
  const about = { about: transactionId, aboutRequest: requestId };
  return { book, kind: 'review', idempotencyKey, ...about, entries };
}

/** One review a charge, ever. */
export function reviewKey(requestId: string): string {
  return `review:${requestId}`;
}

/** All or a part of an earned charge goes back to the customer. */
export function refund(charge: BookedCharge, amountNanos: Nanos, refundId: string): Transaction {
  const between = { from: hubAccount(charge.payer.book, 'revenue'), to: charge.payer };
  const key = refundKey(charge.requestId, refundId);
  const about = { about: charge.transactionId, aboutRequest: charge.requestId };
  return { ...transfer('refund', key, amountNanos, between), ...about };
}

export function refundKey(requestId: string, refundId: string): string {
  return `refund:${requestId}:${refundId}`;
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
