// Gateway nodes as the ledger suites need them: wallets over a real database, tended by the test, so
// that nothing happens but what the test makes happen. Time is the test's own where it matters.

import { type Clock, systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import type { Sql } from '../../src/db/database.ts';
import { type Bank, openBank } from '../../src/ledger/bank.ts';
import type { BudgetRef } from '../../src/ledger/purse.ts';
import { type Hold, type Wallets, openWallets } from '../../src/ledger/wallets.ts';

export interface TestNode {
  readonly nodeId: string;
  readonly wallets: Wallets;
  readonly clock: TestClock;
  /** The runs that this node ended, because their nodes were not seen. */
  readonly expired: string[];
  /** Holds from a workspace's live balance. */
  hold(workspaceId: string, wantNanos: bigint, leastNanos?: bigint): Promise<Hold>;
  holdWithin(
    workspaceId: string,
    budgets: readonly BudgetRef[],
    wantNanos: bigint,
    leastNanos?: bigint,
  ): Promise<Hold>;
}

export interface TestClock extends Clock {
  advance(ms: number): void;
}

/** Real time, and whatever the test adds to it. */
export function createClock(): TestClock {
  let addedMs = 0;
  return {
    wallMs: () => Date.now() + addedMs,
    monotonicMs: () => performance.now() + addedMs,
    sleep: systemClock.sleep,
    advance(ms) {
      addedMs += ms;
    },
  };
}

export interface TestNodeOptions {
  readonly lifeMs?: number;
  /** What stands between the node and the database. */
  readonly through?: (bank: Bank) => Bank;
}

export async function openNode(sql: Sql, options: TestNodeOptions = {}): Promise<TestNode> {
  const { lifeMs = 300_000, through = (bank) => bank } = options;
  const nodeId = newId('node', Date.now());
  const clock = createClock();
  const expired: string[] = [];
  const wallets = await openWallets({
    bank: through(openBank(sql, nodeId, clock)),
    clock,
    lifeMs,
    onExpired: (runId) => void expired.push(runId),
  });
  const holdWithin: TestNode['holdWithin'] = async (workspaceId, budgets, wantNanos, leastNanos) =>
    wallets.hold({ book: 'live', workspaceId, budgets }, wantNanos, leastNanos ?? wantNanos);
  return {
    nodeId,
    wallets,
    clock,
    expired,
    holdWithin,
    hold: (workspaceId, wantNanos, leastNanos) =>
      holdWithin(workspaceId, [], wantNanos, leastNanos),
  };
}

/** Tends nodes until `done` settles, as their processes would. */
export async function tendWhile<T>(nodes: readonly TestNode[], done: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const settled = done.finally(() => ended.abort());
  settled.catch(() => undefined);
  while (!ended.signal.aborted) {
    await Promise.all(nodes.map(({ wallets }) => wallets.tend()));
    await systemClock.sleep(5);
  }
  return settled;
}
