// The dialog in which owners and admins set and remove the budgets of a key or a member. One form for
// all spans: choosing a span that has a limit already means changing it.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Budget, Span } from '../../../src/console/contract.ts';
import { type BudgetOwner, removeBudget, setBudget } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { BudgetLine, inOrder } from './budget-list.tsx';
import { LIMIT, LimitInput, SpanSelect } from './limit-input.tsx';
import { isManager, useWorkspace } from './workspace.ts';

const SPAN_NAMES: Readonly<Record<Span, string>> = {
  daily: 'Daily',
  weekly: 'Weekly',
  monthly: 'Monthly',
  total: 'Total',
};

/** Whether the signed-in member may set and remove budgets here. */
export function useMaySetBudgets(): boolean {
  return isManager(useWorkspace());
}

export interface EditBudgetsProps {
  readonly owner: BudgetOwner;
  readonly name: string;
  /** What the budgets count, as one sentence. */
  readonly what: string;
  readonly budgets: readonly Budget[];
  readonly close: () => void;
}

export function EditBudgets({ owner, name, what, budgets, close }: EditBudgetsProps) {
  return (
    <Dialog title={`Budget of ${name}`} close={close}>
      <div className="stack">
        <p className="dimmed">
          {what} A request that does not fit is refused before it is sent. A change holds within a
          second.
        </p>
        {budgets.length > 0 && (
          <ul className="budgets" aria-label="Budgets now">
            {inOrder(budgets).map((budget) => (
              <li key={budget.span} className="budget-now">
                <span>
                  <BudgetLine budget={budget} />
                </span>
                <RemoveBudget owner={owner} name={name} span={budget.span} />
              </li>
            ))}
          </ul>
        )}
        <BudgetForm owner={owner} name={name} budgets={budgets} close={close} />
      </div>
    </Dialog>
  );
}

type RemoveBudgetProps = Pick<EditBudgetsProps, 'owner' | 'name'> & { readonly span: Span };

function RemoveBudget({ owner, name, span }: RemoveBudgetProps) {
  const { id } = useWorkspace();
  const refresh = useRefresh(owner);
  const remove = useMutation({
    mutationFn: () => removeBudget(id, owner, span),
    onSuccess: async () => {
      await refresh();
      notifications.show({ message: `${SPAN_NAMES[span]} budget of ${name} removed.` });
    },
  });
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Remove ${SPAN_NAMES[span].toLowerCase()} budget`}
        loading={remove.isPending}
        onClick={() => remove.mutate()}
      >
        Remove
      </Button>
      <FormFailure error={remove.error} />
    </>
  );
}

function BudgetForm({ owner, name, budgets, close }: Omit<EditBudgetsProps, 'what'>) {
  const { id } = useWorkspace();
  const refresh = useRefresh(owner);
  const [span, setSpan] = useState<Span>(inOrder(budgets)[0]?.span ?? 'daily');
  const [limitUsd, setLimitUsd] = useState('');
  const isLimit = LIMIT.test(limitUsd);
  const isChange = budgets.some((budget) => budget.span === span);
  const set = useMutation({
    mutationFn: () => setBudget(id, owner, span, { limitUsd }),
    onSuccess: async () => {
      await refresh();
      notifications.show({ message: `${SPAN_NAMES[span]} budget of ${name}: $${limitUsd}.` });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isLimit) set.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <SpanSelect span={span} choose={setSpan} />
      <LimitInput
        limitUsd={limitUsd}
        type={setLimitUsd}
        description={isChange ? 'Takes the place of the limit above.' : '0 refuses every request.'}
      />
      <FormFailure error={set.error} />
      <div className="dialog-actions">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" disabled={!isLimit} loading={set.isPending}>
          {isChange ? 'Change budget' : 'Set budget'}
        </Button>
      </div>
    </form>
  );
}

/** Asks anew for the list that shows the owner. */
function useRefresh({ room }: BudgetOwner): () => Promise<void> {
  const { id } = useWorkspace();
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: [room, id] });
}
