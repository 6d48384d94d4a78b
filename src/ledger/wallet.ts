// One workspace's leased money on this node, in memory. JavaScript runs one piece at a time, so
// carving a hold is atomic; whatever waits for the database checks again afterwards.

import type { Clock } from '../base/clock.ts';
import { within } from '../base/deadline.ts';
import { HubError, assert } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { type Nanos, lesser } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import { type LeaseOwner, returnLease, takeLease } from './leases.ts';

/** What a lease takes beyond the request at hand, so that most requests find it in memory. */
const LEASE_AHEAD_NANOS = 1_000_000_000n;
/** After the database said "empty", it is not asked again for this long. */
const EMPTY_MEMO_MS = 250;

/** A database that says nothing counts as away after this; the lease is then unsure. */
const LEASE_MS = 3_000;

export interface Hold {
  readonly amountNanos: Nanos;
  /** Ends the hold: 0 <= charge <= hold. What is not charged is free again. Once only. */
  settle(chargeNanos: Nanos): void;
}

/** Where leases come from. */
export interface Bank {
  readonly sql: Sql;
  readonly clock: Clock;
}

export interface Wallet {
  readonly owner: LeaseOwner;
  freeNanos: Nanos;
  heldNanos: Nanos;
  /** What requests that wait for a refill want, together. */
  waitingNanos: Nanos;
  usedAtMs: number;
  emptyUntilMs: number;
  refilling: Promise<void> | undefined;
  /** A lease whose outcome is unknown; asked for again under the same id before any other. */
  unsure: { readonly leaseId: string; readonly wantNanos: Nanos } | undefined;
  /** A return whose outcome is unknown; repeated under the same id until it is known. */
  returning: { readonly releaseId: string; readonly amountNanos: Nanos } | undefined;
}

export function openWallet(owner: LeaseOwner): Wallet {
  return {
    owner,
    freeNanos: 0n,
    heldNanos: 0n,
    waitingNanos: 0n,
    usedAtMs: 0,
    emptyUntilMs: 0,
    refilling: undefined,
    unsure: undefined,
    returning: undefined,
  };
}

/** See `Wallets.hold`. */
export async function holdFrom(
  wallet: Wallet,
  bank: Bank,
  wantNanos: Nanos,
  leastNanos: Nanos,
): Promise<Hold> {
  assert(leastNanos >= 0n && leastNanos <= wantNanos, 'the least hold is within the wanted one');
  const { clock } = bank;
  wallet.usedAtMs = clock.monotonicMs();
  while (wallet.freeNanos < wantNanos && wallet.emptyUntilMs <= clock.monotonicMs()) {
    const failure = await refill(wallet, bank, wantNanos);
    if (failure === undefined) continue;
    // What is in memory can still be spent while the database is away.
    if (wallet.freeNanos >= leastNanos) break;
    throw new HubError('storage_unavailable', { cause: failure, retryAfterSeconds: 1 });
  }
  if (wallet.freeNanos < leastNanos) throw new HubError('insufficient_balance');
  return carve(wallet, clock, lesser(wallet.freeNanos, wantNanos));
}

/** Gives everything that is free back; throws when the database does not say that it has it. */
export async function giveBack(wallet: Wallet, bank: Bank): Promise<void> {
  if (wallet.unsure) await leaseOnce(wallet, bank);
  if (!wallet.returning) {
    if (wallet.freeNanos === 0n) return;
    const releaseId = newId('txn', bank.clock.wallMs());
    wallet.returning = { releaseId, amountNanos: wallet.freeNanos };
    wallet.freeNanos = 0n;
  }
  const { releaseId, amountNanos } = wallet.returning;
  await returnLease(bank.sql, wallet.owner, releaseId, amountNanos, bank.clock.wallMs());
  wallet.returning = undefined;
}

export function isBusy(wallet: Wallet): boolean {
  return wallet.refilling !== undefined || wallet.heldNanos > 0n;
}

export function isSpent(wallet: Wallet): boolean {
  return wallet.freeNanos === 0n && !wallet.returning && !wallet.unsure && !isBusy(wallet);
}

/** Returns the error that kept the database from answering, if one did. */
async function refill(wallet: Wallet, bank: Bank, wantNanos: Nanos): Promise<unknown> {
  wallet.waitingNanos += wantNanos;
  try {
    await leaseOnce(wallet, bank);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    wallet.waitingNanos -= wantNanos;
  }
}

/** One lease at a time: whoever needs money meanwhile waits for the one that is under way. */
function leaseOnce(wallet: Wallet, bank: Bank): Promise<void> {
  wallet.refilling ??= lease(wallet, bank).finally(() => {
    wallet.refilling = undefined;
  });
  return wallet.refilling;
}

async function lease(wallet: Wallet, { sql, clock }: Bank): Promise<void> {
  wallet.unsure ??= {
    leaseId: newId('txn', clock.wallMs()),
    wantNanos: wallet.waitingNanos - wallet.freeNanos + LEASE_AHEAD_NANOS,
  };
  const { leaseId, wantNanos } = wallet.unsure;
  const taking = takeLease(sql, wallet.owner, leaseId, wantNanos, clock.wallMs());
  const got = await within(LEASE_MS, taking, 'a lease');
  wallet.unsure = undefined;
  wallet.freeNanos += got;
  if (got < wantNanos) wallet.emptyUntilMs = clock.monotonicMs() + EMPTY_MEMO_MS;
}

function carve(wallet: Wallet, clock: Clock, amountNanos: Nanos): Hold {
  wallet.freeNanos -= amountNanos;
  wallet.heldNanos += amountNanos;
  let settled = false;
  return {
    amountNanos,
    settle(chargeNanos) {
      assert(!settled, 'a hold is settled once');
      assert(chargeNanos >= 0n && chargeNanos <= amountNanos, 'a charge is within its hold');
      settled = true;
      wallet.heldNanos -= amountNanos;
      wallet.freeNanos += amountNanos - chargeNanos;
      wallet.usedAtMs = clock.monotonicMs();
    },
  };
}
