// What this node has leased, over all workspaces: holds come out of memory in microseconds, with no
// database on the way; idle money goes home within seconds, so that it can be spent elsewhere.

import type { Clock } from '../base/clock.ts';
import type { Nanos } from '../base/money.ts';
import type { Sql } from '../db/database.ts';
import type { Book } from '../db/schema.ts';
import {
  type Hold,
  type Wallet,
  giveBack,
  holdFrom,
  isBusy,
  isSpent,
  openWallet,
} from './wallet.ts';

/** An idle lease goes back after this. */
const IDLE_RETURN_MS = 3_000;
const SWEEP_MS = 500;

export interface Wallets {
  /**
   * Holds `wantNanos`, or at least `leastNanos` where the balance does not cover more. Throws
   * `insufficient_balance`, or `storage_unavailable` when memory does not cover it and the database
   * cannot be asked.
   */
  hold(book: Book, workspaceId: string, wantNanos: Nanos, leastNanos: Nanos): Promise<Hold>;
  /** What is held for requests that run now, over all workspaces. */
  heldNanos(): Nanos;
  /** Gives everything that is free back and stops. Call it when no request runs any more. */
  close(): Promise<void>;
}

export function openWallets(sql: Sql, nodeId: string, clock: Clock): Wallets {
  const bank = { sql, clock };
  const wallets = new Map<string, Wallet>();
  let sweeping: Promise<void> | undefined;
  const sweeper = setInterval(() => {
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
  }, SWEEP_MS);
  sweeper.unref();

  /** A return that fails is kept in its wallet and repeated at a later sweep. */
  async function sweep(): Promise<void> {
    const idleSinceMs = clock.monotonicMs() - IDLE_RETURN_MS;
    for (const [key, wallet] of wallets) {
      if (isBusy(wallet) || wallet.usedAtMs > idleSinceMs) continue;
      await giveBack(wallet, bank).catch(() => undefined);
      if (isSpent(wallet) && wallet.usedAtMs <= idleSinceMs) wallets.delete(key);
    }
  }

  return {
    hold(book, workspaceId, wantNanos, leastNanos) {
      const key = `${book}:${workspaceId}`;
      let wallet = wallets.get(key);
      if (!wallet) {
        wallet = openWallet({ book, workspaceId, nodeId });
        wallets.set(key, wallet);
      }
      return holdFrom(wallet, bank, wantNanos, leastNanos);
    },
    heldNanos: () => [...wallets.values()].reduce((sum, wallet) => sum + wallet.heldNanos, 0n),
    async close() {
      clearInterval(sweeper);
      await sweeping;
      // What cannot be given back now is given back at the next start.
      for (const wallet of wallets.values()) await giveBack(wallet, bank).catch(() => undefined);
    },
  };
}
