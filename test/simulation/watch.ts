// Tells the model what the database has really done, at the moment when it did it, whatever becomes of
// the answer.

import type { Bank } from '../../src/ledger/bank.ts';
import type { Model } from './model.ts';
import type { Customer } from './proof.ts';

/** The windows of each budget that were ever open, by budget id. */
export type Windows = Map<string, Set<string>>;

export interface Watched {
  readonly model: Model;
  readonly windows: Windows;
  readonly customers: readonly Customer[];
  readonly count: (what: string) => void;
  /** A notification goes out to all nodes. */
  readonly notify: () => void;
}

export function watchBank(bank: Bank, watched: Watched): Bank {
  const { model, windows, customers, count, notify } = watched;
  return {
    ...bank,
    async expireRun(run) {
      const isExpired = await bank.expireRun(run);
      if (isExpired) model.ended(run.id, true);
      if (isExpired) count('expiry');
      return isExpired;
    },
    async recall(owner) {
      await bank.recall(owner);
      count('recall');
      notify();
    },
    async openWindow(budget) {
      const window = await bank.openWindow(budget);
      const known = windows.get(budget.id) ?? new Set();
      windows.set(budget.id, known.add(window.purse.id));
      const budgets = customers.flatMap((customer) => customer.budgets);
      const limitNanos = budgets.find(({ ref }) => ref.id === budget.id)?.limitNanos ?? 0n;
      model.allow(window.purse.id, limitNanos);
      return window;
    },
  };
}
