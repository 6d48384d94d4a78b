// Which window of each budget is open, remembered until it ends by the monotonic clock: a request
// costs no question to the database, and no change of a node's wall clock moves a window.

import type { Clock } from '../base/clock.ts';
import { HubError } from '../base/errors.ts';
import type { Bank } from './bank.ts';
import type { BudgetRef, Purse } from './purse.ts';

const CAPACITY = 100_000;

/** Throws `storage_unavailable` when the window is not known and the database cannot be asked. */
export type WindowOf = (budget: BudgetRef) => Promise<Purse>;

interface Opened {
  readonly purse: Purse;
  readonly untilMs: number;
}

export function cacheWindows(bank: Bank, clock: Clock): WindowOf {
  const windows = new Map<string, Promise<Opened>>();

  function open(budget: BudgetRef): Promise<Opened> {
    const askedMs = clock.monotonicMs();
    const opening = bank.openWindow(budget).then(
      // From when it was asked for: rather a moment too early than one too late.
      ({ purse, remainingMs }) => ({ purse, untilMs: askedMs + remainingMs }),
      (cause: unknown) => {
        windows.delete(budget.id);
        throw new HubError('storage_unavailable', { cause, retryAfterSeconds: 1 });
      },
    );
    windows.set(budget.id, opening);
    if (windows.size > CAPACITY) windows.delete(windows.keys().next().value ?? budget.id);
    return opening;
  }

  return async (budget) => {
    const known = windows.get(budget.id);
    const { purse, untilMs } = await (known ?? open(budget));
    if (!known || clock.monotonicMs() < untilMs) return purse;
    if (windows.get(budget.id) === known) windows.delete(budget.id);
    return (await (windows.get(budget.id) ?? open(budget))).purse;
  };
}
