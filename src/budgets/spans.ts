// When the windows of a budget begin and end: days, weeks from Monday and months of UTC, so neither
// time zones nor summer time have a say. What enforces a budget reckons in the database
// (src/ledger/windows.ts) by its clock; this is the same arithmetic for those who show it.

import type { Span } from '../ledger/purse.ts';

export const SPANS = Object.freeze(['total', 'daily', 'weekly', 'monthly'] as const);

const DAY_MS = 86_400_000;
/** The first Monday of the epoch is its fifth day: 1970-01-01 was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** When the window began that `at` lies in; null for a budget that is never renewed. */
export function windowStart(span: Span, at: Date): Date | null {
  const atMs = at.getTime();
  switch (span) {
    case 'total':
      return null;
    case 'daily':
      return new Date(atMs - modulo(atMs, DAY_MS));
    case 'weekly':
      return new Date(atMs - modulo(atMs - FIRST_MONDAY_MS, 7 * DAY_MS));
    case 'monthly':
      return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth()));
  }
}

/** When the window that began at `start` ends, and the next one begins. */
export function windowEnd(span: Span, start: Date | null): Date | null {
  if (start === null) return null;
  switch (span) {
    case 'total':
      return null;
    case 'daily':
      return new Date(start.getTime() + DAY_MS);
    case 'weekly':
      return new Date(start.getTime() + 7 * DAY_MS);
    case 'monthly':
      return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1));
  }
}

/** The purse of the window that began at `start`, as the ledger names it. */
export function purseIdOf(budgetId: string, start: Date | null): string {
  return `${budgetId}:${start?.toISOString().slice(0, 10) ?? 'total'}`;
}

/** The remainder that is never negative, so that times before 1970 fall into their windows too. */
function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
