// The budgets of a key or a member in words: what is spent of what, in which span, and when the next
// one begins. A spent budget says so first, because it is why requests are refused.

import type { Budget, Span } from '../../../src/console/contract.ts';
import { Money } from '../../parts/money.tsx';
import { ComingMoment } from '../../parts/time.tsx';

/** In the order in which they are shown. */
const NOW_WORDS: Readonly<Record<Span, string>> = {
  daily: 'today',
  weekly: 'this week',
  monthly: 'this month',
  total: 'in total',
};
const ORDER = Object.keys(NOW_WORDS);

export function BudgetList({ budgets }: { budgets: readonly Budget[] }) {
  if (budgets.length === 0) return <span className="dimmed">No limit</span>;
  return (
    <ul className="budgets">
      {inOrder(budgets).map((budget) => (
        <li key={budget.span}>
          <BudgetLine budget={budget} />
        </li>
      ))}
    </ul>
  );
}

/** The shortest span first. */
export function inOrder(budgets: readonly Budget[]): Budget[] {
  return budgets.toSorted((a, b) => ORDER.indexOf(a.span) - ORDER.indexOf(b.span));
}

export function BudgetLine({ budget }: { budget: Budget }) {
  const { span, limitNanos, usedNanos, remainingNanos, resetsAt } = budget;
  const isSpent = remainingNanos === '0';
  return (
    <>
      {isSpent && <strong className="status-warn">Spent: </strong>}
      <Money nanos={usedNanos} /> of <Money nanos={limitNanos} /> {NOW_WORDS[span]}
      {resetsAt && (
        <span className="dimmed">
          ,{' '}
          <span className="whole">
            resets <ComingMoment iso={resetsAt} />
          </span>
        </span>
      )}
    </>
  );
}
