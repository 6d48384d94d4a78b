// One purse's leased money in one run of this node, in memory. JavaScript runs one piece at a time, so
// carving a hold is atomic; whatever waits for the database checks again afterwards. How much is
// leased ahead follows what is spent, so that most requests find it in memory and a database that is
// away for a minute or more is not missed.

import type { Clock } from '../base/clock.ts';
import { HubError, assert } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { NANOS_PER_USD, type Nanos, lesser } from '../base/money.ts';
import type { Bank } from './bank.ts';
import type { LeaseOwner } from './leases.ts';
import { RECALL_MS } from './recalls.ts';

/** A lease takes ahead what this long would spend at the rate of late, a dollar at the least. */
const AHEAD_SECONDS = 120n;
const LEAST_AHEAD_NANOS = NANOS_PER_USD;
/** The rate of a shorter time than this says nothing. */
const LEAST_RATE_MS = 1_000;
/** After others needed this purse, nothing is taken ahead for this long. */
const SCARCE_MS = 2_000;
/** After the database said "empty", it is not asked again for this long. */
const EMPTY_MEMO_MS = 250;
/** Holders that hear at once answer in milliseconds; whoever takes longer is asked less often. */
const FIRST_POLL_MS = 10;
const LONGEST_POLL_MS = 160;

/** What a wallet needs of its node. */
export interface Node {
  readonly bank: Bank;
  readonly clock: Clock;
  /** The database says that this run has been ended. */
  runEnded(runId: string): void;
}

/** What a lease brought: all that was wanted, or less, with the rest held by other nodes or by nobody. */
type Outcome = 'full' | 'rest_elsewhere' | 'empty';

export interface Wallet {
  readonly owner: LeaseOwner;
  freeNanos: Nanos;
  heldNanos: Nanos;
  /** What requests that wait for a refill want, together. */
  waitingNanos: Nanos;
  usedAtMs: number;
  leasedAtMs: number;
  /** Since the last lease. */
  spentNanos: Nanos;
  spentPerSecond: Nanos;
  emptyUntilMs: number;
  scarceUntilMs: number;
  refilling: Promise<void> | undefined;
  /** The question to the database that is under way. */
  leasing: Promise<Outcome> | undefined;
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
    leasedAtMs: 0,
    spentNanos: 0n,
    spentPerSecond: 0n,
    emptyUntilMs: 0,
    scarceUntilMs: 0,
    refilling: undefined,
    leasing: undefined,
    unsure: undefined,
    returning: undefined,
  };
}

/**
 * Carves `wantNanos` out of the wallet, or at least `leastNanos` where the purse does not cover more;
 * returns how much it is. Throws `insufficient_balance`, or `storage_unavailable` when memory does not
 * cover it and the database cannot be asked.
 */
export async function carve(
  wallet: Wallet,
  node: Node,
  wantNanos: Nanos,
  leastNanos: Nanos,
): Promise<Nanos> {
  assert(leastNanos >= 0n && leastNanos <= wantNanos, 'the least hold is within the wanted one');
  const { clock } = node;
  wallet.usedAtMs = clock.monotonicMs();
  while (wallet.freeNanos < wantNanos && wallet.emptyUntilMs <= clock.monotonicMs()) {
    const failure = await awaitRefill(wallet, node, wantNanos);
    if (failure === undefined) continue;
    // What is in memory can still be spent while the database is away.
    if (wallet.freeNanos >= leastNanos) break;
    throw new HubError('storage_unavailable', { cause: failure, retryAfterSeconds: 1 });
  }
  if (wallet.freeNanos < leastNanos) throw new HubError('insufficient_balance');
  const amountNanos = lesser(wallet.freeNanos, wantNanos);
  take(wallet, amountNanos);
  return amountNanos;
}

/** The same where nothing has to be waited for; false where it has, and nothing is carved. */
export function carveAtOnce(wallet: Wallet, clock: Clock, wantNanos: Nanos): boolean {
  if (wallet.freeNanos < wantNanos) return false;
  wallet.usedAtMs = clock.monotonicMs();
  take(wallet, wantNanos);
  return true;
}

function take(wallet: Wallet, amountNanos: Nanos): void {
  wallet.freeNanos -= amountNanos;
  wallet.heldNanos += amountNanos;
}

/** Ends a part of what is held: `chargeNanos` of `heldNanos` is spent, the rest is free again. */
export function spend(wallet: Wallet, heldNanos: Nanos, chargeNanos: Nanos, clock: Clock): void {
  assert(chargeNanos >= 0n && chargeNanos <= heldNanos, 'a charge is within its hold');
  wallet.heldNanos -= heldNanos;
  wallet.freeNanos += heldNanos - chargeNanos;
  wallet.spentNanos += chargeNanos;
  wallet.usedAtMs = clock.monotonicMs();
}

/** Gives everything that is free back; throws when the database does not say that it has it. */
export async function giveBack(wallet: Wallet, node: Node): Promise<void> {
  if (wallet.unsure) await lease(wallet, node);
  if (!wallet.returning) {
    if (wallet.freeNanos === 0n) return;
    const releaseId = newId('txn', node.clock.wallMs());
    wallet.returning = { releaseId, amountNanos: wallet.freeNanos };
    wallet.freeNanos = 0n;
  }
  const { releaseId, amountNanos } = wallet.returning;
  await node.bank.giveBack(wallet.owner, releaseId, amountNanos);
  wallet.returning = undefined;
}

/** Another node needs this purse: what is free goes back, and nothing is taken ahead for a while. */
export async function yieldTo(wallet: Wallet, node: Node): Promise<void> {
  wallet.scarceUntilMs = node.clock.monotonicMs() + SCARCE_MS;
  await giveBack(wallet, node);
}

/** Whether there is something to give back that nobody has used since then. */
export function isIdle(wallet: Wallet, sinceMs: number): boolean {
  return wallet.refilling === undefined && wallet.usedAtMs <= sinceMs;
}

export function isSpent(wallet: Wallet): boolean {
  const { freeNanos, heldNanos, refilling, returning, unsure } = wallet;
  return freeNanos === 0n && heldNanos === 0n && !refilling && !returning && !unsure;
}

/** Returns the error that kept the database from answering, if one did. */
async function awaitRefill(wallet: Wallet, node: Node, wantNanos: Nanos): Promise<unknown> {
  wallet.waitingNanos += wantNanos;
  // Whoever needs money meanwhile waits for the refill that is under way.
  wallet.refilling ??= refill(wallet, node).finally(() => {
    wallet.refilling = undefined;
  });
  try {
    await wallet.refilling;
    return undefined;
  } catch (error) {
    return error;
  } finally {
    wallet.waitingNanos -= wantNanos;
  }
}

async function refill(wallet: Wallet, node: Node): Promise<void> {
  const { clock } = node;
  let outcome = await lease(wallet, node);
  if (outcome === 'rest_elsewhere') {
    wallet.scarceUntilMs = clock.monotonicMs() + SCARCE_MS;
    await callHome(wallet, node);
    outcome = await lease(wallet, node);
  }
  if (outcome !== 'full') wallet.emptyUntilMs = clock.monotonicMs() + EMPTY_MEMO_MS;
}

/** Waits until the other holders have given back what they can, at most a second. */
async function callHome(wallet: Wallet, { bank, clock }: Node): Promise<void> {
  const untilMs = clock.monotonicMs() + RECALL_MS;
  await bank.recall(wallet.owner);
  for (let pauseMs = FIRST_POLL_MS; clock.monotonicMs() < untilMs; pauseMs *= 2) {
    await clock.sleep(Math.min(pauseMs, LONGEST_POLL_MS));
    if (!(await bank.awaitsAnswer(wallet.owner))) return;
  }
}

/** One question at a time: whoever asks meanwhile gets the same answer. */
function lease(wallet: Wallet, node: Node): Promise<Outcome> {
  wallet.leasing ??= leaseNow(wallet, node).finally(() => {
    wallet.leasing = undefined;
  });
  return wallet.leasing;
}

async function leaseNow(wallet: Wallet, node: Node): Promise<Outcome> {
  const { bank, clock } = node;
  const missingNanos = wallet.waitingNanos - wallet.freeNanos;
  if (!wallet.unsure && missingNanos <= 0n) return 'full';
  wallet.unsure ??= { leaseId: newId('txn', clock.wallMs()), wantNanos: missingNanos };
  const { leaseId, wantNanos } = wallet.unsure;
  const aheadNanos = aheadOf(wallet, clock.monotonicMs());
  const leased = await bank.lease(wallet.owner, { leaseId, wantNanos, aheadNanos });
  if (!leased) {
    node.runEnded(wallet.owner.runId);
    throw new Error('The run of this node has been ended.');
  }
  wallet.unsure = undefined;
  wallet.freeNanos += leased.amountNanos;
  if (leased.amountNanos >= wantNanos) return 'full';
  return leased.restElsewhere ? 'rest_elsewhere' : 'empty';
}

/** The rate falls by half a lease at most, because the last one may just have come before its time. */
function aheadOf(wallet: Wallet, nowMs: number): Nanos {
  const lastedMs = Math.max(nowMs - wallet.leasedAtMs, LEAST_RATE_MS);
  const rate = (wallet.spentNanos * 1_000n) / BigInt(Math.ceil(lastedMs));
  wallet.spentPerSecond = rate > wallet.spentPerSecond / 2n ? rate : wallet.spentPerSecond / 2n;
  wallet.leasedAtMs = nowMs;
  wallet.spentNanos = 0n;
  if (wallet.scarceUntilMs > nowMs) return 0n;
  const likelyNanos = wallet.spentPerSecond * AHEAD_SECONDS;
  return likelyNanos > LEAST_AHEAD_NANOS ? likelyNanos : LEAST_AHEAD_NANOS;
}
