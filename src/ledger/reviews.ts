// What the operator decides about a charge afterwards: whether a quarantined one is earned, and what
// of an earned one is given back. Each decision locks its charge first, so that two at the same time
// are one after the other; the database repeats the bound (ledger_charge_holds). A budget's window
// counts what its requests cost: neither a review nor a refund gives an allowance back.

import { sql as rawSql } from 'kysely';
import { HubError, assert } from '../base/errors.ts';
import { type Nanos, formatUsd } from '../base/money.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import type { AccountKind, Book } from '../db/schema.ts';
import { type Account, availableAccount, hubAccount } from './accounts.ts';
import { bookTransactions } from './book.ts';
import {
  type BookedCharge,
  type Transaction,
  refund,
  refundKey,
  review,
  reviewKey,
  settleKey,
} from './transactions.ts';

/** A charge as it stands after everything that was decided about it. */
export interface ChargeState extends BookedCharge {
  readonly book: Book;
  readonly kind: 'settle' | 'quarantine';
  /** The hub bore it: its money had gone back to the customer before it was booked. */
  readonly borneByHub: boolean;
  /** Still in quarantine. */
  readonly waitingNanos: Nanos;
  /** Earned, and not given back. */
  readonly earnedNanos: Nanos;
  readonly givenBackNanos: Nanos;
}

/** Decides a quarantined charge; the same decision twice is one, another one is a `conflict`. */
export async function reviewCharge(
  sql: Sql,
  of: { requestId: string; giveBackNanos: Nanos | 'all' },
  wallMs: number,
): Promise<ChargeState> {
  return inTransaction(sql, async (tx) => {
    const charge = await lockCharge(tx, of.requestId);
    if (charge.kind !== 'quarantine') {
      throw new HubError('conflict', { message: 'This charge is not in quarantine.' });
    }
    const giveBackNanos = of.giveBackNanos === 'all' ? charge.amountNanos : of.giveBackNanos;
    refuseBeyond(giveBackNanos, charge.amountNanos, 'giveBackUsd');
    const transaction = review(charge, giveBackNanos);
    await bookOnce(tx, transaction, reviewKey(of.requestId), wallMs);
    return requireCharge(tx, of.requestId);
  });
}

/** Gives a part (> 0) of an earned charge back; the same `refundId` gives back once. */
export async function refundCharge(
  sql: Sql,
  of: { requestId: string; amountNanos: Nanos; refundId: string },
  wallMs: number,
): Promise<ChargeState> {
  return inTransaction(sql, async (tx) => {
    const charge = await lockCharge(tx, of.requestId);
    if (charge.borneByHub) {
      const message = 'The hub bore this charge, so there is nothing to give back to the customer.';
      throw new HubError('conflict', { message });
    }
    const key = refundKey(of.requestId, of.refundId);
    if (!(await isBooked(tx, key))) refuseBeyond(of.amountNanos, charge.earnedNanos, 'amountUsd');
    await bookOnce(tx, refund(charge, of.amountNanos, of.refundId), key, wallMs);
    return requireCharge(tx, of.requestId);
  });
}

/** The charge of a request as it stands now, or undefined when nothing was charged. */
export async function readCharge(sql: Sql, requestId: string): Promise<ChargeState | undefined> {
  const row = await selectCharge(sql, requestId).executeTakeFirst();
  return row && describeCharge(sql, requestId, row);
}

/** The requests whose charges wait for review, newest first. */
export async function listWaiting(sql: Sql, limit: number): Promise<string[]> {
  const { rows } = await rawSql<{ request_id: string }>`
    select substr(t.idempotency_key, ${settleKey('').length + 1}::int) as request_id
    from ledger_transactions t
    where t.kind = 'quarantine' and not exists (
      select from ledger_transactions r where r.about = t.id and r.kind = 'review')
    order by t.id desc
    limit ${limit}`.execute(sql);
  return rows.map((row) => row.request_id);
}

/** Locks the settlement: what it charged others is then decided one after the other as well. */
async function lockCharge(tx: Sql, requestId: string): Promise<ChargeState> {
  await selectCharge(tx, requestId).forNoKeyUpdate('t').executeTakeFirst();
  // Only now, under the lock: what others decided meanwhile is part of the state.
  return requireCharge(tx, requestId);
}

async function requireCharge(sql: Sql, requestId: string): Promise<ChargeState> {
  const charge = await readCharge(sql, requestId);
  if (!charge) {
    throw new HubError('not_found', { message: 'No request with this id was charged.' });
  }
  return charge;
}

function selectCharge(sql: Sql, requestId: string) {
  return sql
    .selectFrom('usage_records as u')
    .innerJoin('ledger_transactions as t', 't.id', 'u.settlement_id')
    .select(['t.id', 't.book', 't.kind', 'u.charge_nanos'])
    .where('u.id', '=', requestId);
}

interface Moved {
  readonly id: string;
  readonly kind: AccountKind;
  readonly workspace_id: string | null;
  readonly purse_id: string | null;
  /** Of the whole settlement. */
  readonly settled: string;
  /** By what was decided about this request. */
  readonly net: string;
}

async function describeCharge(
  sql: Sql,
  requestId: string,
  charge: { id: string; book: string; kind: string; charge_nanos: Nanos },
): Promise<ChargeState> {
  const { rows } = await rawSql<Moved>`
    select a.id, a.kind, a.workspace_id, a.purse_id,
      coalesce(sum(e.amount_nanos) filter (where t.about is not null), 0)::text as net,
      coalesce(sum(e.amount_nanos) filter (where t.about is null), 0)::text as settled
    from ledger_transactions t
    join ledger_entries e on e.transaction_id = t.id
    join ledger_accounts a on a.id = e.account_id
    where t.id = ${charge.id} or (t.about = ${charge.id} and t.about_request = ${requestId})
    group by a.id`.execute(sql);
  const giver = rows.find((row) => BigInt(row.settled) < 0n);
  assert(giver, 'a charge has a payer');
  const [book, kind] = [charge.book as Book, charge.kind as ChargeState['kind']];
  const amountNanos = charge.charge_nanos;
  const netOf = (of: AccountKind): Nanos => BigInt(rows.find((row) => row.kind === of)?.net ?? 0);
  const waitingNanos = netOf('quarantine') + (kind === 'quarantine' ? amountNanos : 0n);
  const earnedNanos = netOf('revenue') + (kind === 'settle' ? amountNanos : 0n);
  return {
    transactionId: charge.id,
    requestId,
    book,
    kind,
    payer: payerOf(book, giver),
    borneByHub: giver.kind === 'suspense',
    amountNanos,
    waitingNanos,
    earnedNanos,
    givenBackNanos: amountNanos - waitingNanos - earnedNanos,
  };
}

function payerOf(book: Book, giver: Moved): Account {
  if (giver.kind === 'suspense') return hubAccount(book, 'suspense');
  assert(giver.purse_id !== null && giver.workspace_id !== null, 'a lease belongs to a purse');
  return availableAccount({ book, id: giver.purse_id, workspaceId: giver.workspace_id });
}

function refuseBeyond(amountNanos: Nanos, mostNanos: Nanos, param: string): void {
  if (amountNanos <= mostNanos) return;
  const message = `At most $${formatUsd(mostNanos)} of this charge can be given back.`;
  throw new HubError('invalid_request', { message, param });
}

/** Books the decision; one that stands there already must be the same one. */
async function bookOnce(
  tx: Sql,
  transaction: Transaction,
  key: string,
  wallMs: number,
): Promise<void> {
  const fresh = await bookTransactions(tx, [transaction], wallMs);
  if (fresh.has(key)) return;
  const booked = await tx
    .selectFrom('ledger_transactions as t')
    .innerJoin('ledger_entries as e', 'e.transaction_id', 't.id')
    .select(['e.account_id', 'e.amount_nanos'])
    .where('t.idempotency_key', '=', key)
    .execute();
  const amounts = new Map(booked.map((row) => [row.account_id, row.amount_nanos]));
  const isSame =
    amounts.size === transaction.entries.length &&
    transaction.entries.every(
      ({ account, amountNanos }) => amounts.get(account.id) === amountNanos,
    );
  if (isSame) return;
  throw new HubError('conflict', { message: 'This charge was decided otherwise before.' });
}

async function isBooked(tx: Sql, key: string): Promise<boolean> {
  const row = await tx
    .selectFrom('ledger_transactions')
    .select('id')
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  return row !== undefined;
}
