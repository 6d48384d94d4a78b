// What this node has leased, over all purses: holds come out of memory in microseconds, with no
// database on the way; idle money goes home within seconds, and at once when another node needs it.

import type { Clock } from '../base/clock.ts';
import { HubError, assert } from '../base/errors.ts';
import type { Nanos } from '../base/money.ts';
import type { Book } from '../db/schema.ts';
import { leaseAccount } from './accounts.ts';
import { type Life, type LifeOptions, type Run, beginLife } from './life.ts';
import { type BudgetRef, type Purse, balancePurse } from './purse.ts';
import {
  type Node,
  type Wallet,
  carve,
  carveAtOnce,
  giveBack,
  isIdle,
  isSpent,
  openWallet,
  spend,
  yieldTo,
} from './wallet.ts';
import { type WindowOf, cacheWindows } from './window-cache.ts';

/** An idle lease goes back after this. */
const IDLE_RETURN_MS = 3_000;

export interface Payer {
  readonly book: Book;
  readonly workspaceId: string;
  /** Each of them must cover the request too. */
  readonly budgets: readonly BudgetRef[];
}

export interface Hold {
  readonly amountNanos: Nanos;
  /** The life of this node that holds it. */
  readonly runId: string;
  /** The windows of budgets that it is held in too. */
  readonly allowances: readonly string[];
  /** Ends the hold: 0 <= charge <= hold. What is not charged is free again. Once only. */
  settle(chargeNanos: Nanos): void;
}

export interface Wallets {
  /**
   * Holds `wantNanos`, or at least `leastNanos` where the balance or a budget does not cover more.
   * Throws `insufficient_balance` or `budget_exceeded`, or `storage_unavailable` when memory does not
   * cover it and the database cannot be asked.
   */
  hold(payer: Payer, wantNanos: Nanos, leastNanos: Nanos): Hold | Promise<Hold>;
  /** The life that this node is in. */
  runId(): string;
  /** What is held for requests that run now, over all purses. */
  heldNanos(): Nanos;
  /** What is due now: signs of life, answers to recalls, idle money, dead nodes. Never rejects. */
  tend(): Promise<void>;
  /** Gives everything that is free back. Call it when no request runs any more. */
  close(): Promise<void>;
}

/** The wallets of a node whose first run begins now; somebody must `tend` them. */
export async function openWallets(options: LifeOptions): Promise<Wallets> {
  const { bank, clock } = options;
  const life = await beginLife(options);
  const node = { bank, clock, runEnded: life.end };
  const windowOf = cacheWindows(bank, clock);
  const wallets = (): Wallet[] => [...life.run().wallets.values()];
  return {
    hold: (payer, wantNanos, leastNanos) =>
      holdAtOnce(life, clock, payer, wantNanos) ??
      holdForAll(life, node, windowOf, payer, wantNanos, leastNanos),
    runId: () => life.run().id,
    heldNanos: () => wallets().reduce((sum, { heldNanos }) => sum + heldNanos, 0n),
    tend: onceAtATime(async () => {
      // Each by itself: a database that fails one of them is asked again at the next round.
      await life.beat().catch(() => undefined);
      await answerRecalls(life.run(), node).catch(() => undefined);
      await returnIdle(life.run(), node);
    }),
    async close() {
      // What cannot be given back now is given back at the next start.
      for (const wallet of wallets()) await giveBack(wallet, node).catch(() => undefined);
    },
  };
}

/** The name of a payer's wallet in the run of late: the same text each time, so that it is hashed once. */
const walletNames = new WeakMap<Payer, { readonly runId: string; readonly name: string }>();

/** Nearly every request: no budget binds it, and its money is in memory. */
function holdAtOnce(life: Life, clock: Clock, payer: Payer, wantNanos: Nanos): Hold | undefined {
  if (payer.budgets.length > 0) return undefined;
  const run = life.run();
  life.assertSpendable(run);
  let known = walletNames.get(payer);
  if (known?.runId !== run.id) {
    const name = leaseAccount(balancePurse(payer.book, payer.workspaceId), run.id).id;
    known = { runId: run.id, name };
    walletNames.set(payer, known);
  }
  const wallet = run.wallets.get(known.name);
  if (!wallet || !carveAtOnce(wallet, clock, wantNanos)) return undefined;
  return createHold(run.id, [wallet], wantNanos, clock);
}

/** A hold in the balance and in every budget, or in none. */
async function holdForAll(
  life: Life,
  node: Node,
  windowOf: WindowOf,
  payer: Payer,
  wantNanos: Nanos,
  leastNanos: Nanos,
): Promise<Hold> {
  const run = life.run();
  life.assertSpendable(run);
  const parts: Part[] = [];
  let amountNanos = wantNanos;
  try {
    const balance = walletOf(run, balancePurse(payer.book, payer.workspaceId));
    amountNanos = await carve(balance, node, amountNanos, leastNanos);
    parts.push({ wallet: balance, heldNanos: amountNanos });
    for (const budget of payer.budgets) {
      const wallet = walletOf(run, await windowOf(budget));
      amountNanos = await carve(wallet, node, amountNanos, leastNanos).catch((error: unknown) => {
        throw nameBudget(error, budget);
      });
      parts.push({ wallet, heldNanos: amountNanos });
    }
    // While it waited, the run may have ended or grown too old to spend.
    life.assertSpendable(run);
  } catch (error) {
    for (const { wallet, heldNanos } of parts) spend(wallet, heldNanos, 0n, node.clock);
    throw error;
  }
  for (const { wallet, heldNanos } of parts) {
    if (heldNanos > amountNanos) spend(wallet, heldNanos - amountNanos, 0n, node.clock);
  }
  const held = parts.map(({ wallet }) => wallet);
  return createHold(run.id, held, amountNanos, node.clock);
}

interface Part {
  readonly wallet: Wallet;
  readonly heldNanos: Nanos;
}

const NO_WINDOWS: readonly string[] = Object.freeze([]);

function createHold(
  runId: string,
  wallets: readonly Wallet[],
  amountNanos: Nanos,
  clock: Clock,
): Hold {
  let settled = false;
  return {
    amountNanos,
    runId,
    allowances:
      wallets.length === 1 ? NO_WINDOWS : wallets.slice(1).map(({ owner }) => owner.purse.id),
    settle(chargeNanos) {
      assert(!settled, 'a hold is settled once');
      settled = true;
      for (const wallet of wallets) spend(wallet, amountNanos, chargeNanos, clock);
    },
  };
}

function walletOf(run: Run, purse: Purse): Wallet {
  const name = leaseAccount(purse, run.id).id;
  let wallet = run.wallets.get(name);
  if (!wallet) {
    wallet = openWallet({ purse, runId: run.id });
    run.wallets.set(name, wallet);
  }
  return wallet;
}

async function answerRecalls({ id, wallets }: Run, node: Node): Promise<void> {
  if (wallets.size === 0) return;
  for (const accountId of await node.bank.readRecalls(id)) {
    const wallet = wallets.get(accountId);
    if (wallet) await yieldTo(wallet, node);
    await node.bank.answerRecall(accountId);
  }
}

/** A return that fails is kept in its wallet and repeated at a later round. */
async function returnIdle({ wallets }: Run, node: Node): Promise<void> {
  const sinceMs = node.clock.monotonicMs() - IDLE_RETURN_MS;
  for (const [name, wallet] of wallets) {
    if (!isIdle(wallet, sinceMs)) continue;
    await giveBack(wallet, node).catch(() => undefined);
    if (isSpent(wallet) && isIdle(wallet, sinceMs)) wallets.delete(name);
  }
}

/** A call while one is under way makes it go round once more, and waits for that. */
function onceAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  async function run(): Promise<void> {
    while (again) {
      again = false;
      await work();
    }
  }
  return () => {
    again = true;
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** What falls short is the budget, not the balance. */
function nameBudget(error: unknown, { of, span }: BudgetRef): unknown {
  if (!(error instanceof HubError) || error.code !== 'insufficient_balance') return error;
  const whose = of === 'key' ? 'of this API key' : 'of the member who made this API key';
  const message = `The ${span} budget ${whose} does not cover this request. ${RENEWAL[span]}`;
  return new HubError('budget_exceeded', { message });
}

const RENEWAL = Object.freeze({
  total: 'It is not renewed.',
  daily: 'It is renewed at midnight, UTC.',
  weekly: 'It is renewed on Monday at midnight, UTC.',
  monthly: 'It is renewed on the first of the month at midnight, UTC.',
});
