// Below which live balance the owner and the billing members get a mail.

import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changeWorkspace } from '../../api/workspaces.ts';
import { FormFailure } from '../../parts/failure.tsx';
import { exactUsd } from '../../parts/usd.ts';
import { LIMIT } from './limit-input.tsx';
import { useWorkspace } from './workspace.ts';
import { useShowWorkspace } from './workspace-change.ts';

export interface LowBalanceFormProps {
  /** Null: no warning. */
  readonly nanos: string | null;
  readonly mayChange: boolean;
}

export function LowBalanceForm({ nanos, mayChange }: LowBalanceFormProps) {
  const { id } = useWorkspace();
  const before = nanos === null ? '' : exactUsd(nanos).replace(/[$,]/g, '');
  const [amount, setAmount] = useState(before);
  const show = useShowWorkspace();
  const change = useMutation({
    mutationFn: () => changeWorkspace(id, { lowBalanceUsd: amount === '' ? null : amount }),
    onSuccess: async (reply) => {
      await show(reply);
      notifications.show({
        message: amount ? `Warning below $${amount}.` : 'No warning any more.',
      });
    },
  });
  const isGood = amount === '' || (LIMIT.test(amount) && /[1-9]/.test(amount));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isGood && amount !== before) change.mutate();
  };
  if (!mayChange) {
    return <p>{nanos === null ? 'There is none.' : `A mail below ${exactUsd(nanos)}.`}</p>;
  }
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput
        label="Live balance in dollars"
        description="Below it the owner and the billing members get a mail. Empty: no warning."
        inputMode="decimal"
        autoComplete="off"
        leftSection="$"
        value={amount}
        error={!isGood && 'A number above 0 and up to 9999999, such as 20 or 12.50.'}
        onChange={(event) => setAmount(event.currentTarget.value.trim())}
      />
      <FormFailure error={change.error} />
      <div>
        <Button type="submit" disabled={!isGood || amount === before} loading={change.isPending}>
          Save warning
        </Button>
      </div>
    </form>
  );
}
