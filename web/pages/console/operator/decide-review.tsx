// The decision about one quarantined charge. It is made once: what is kept can still be refunded
// later, what went back cannot be charged again.

import { Button, Radio, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Charge, ReviewRequest } from '../../../../src/console/contract-operator.ts';
import { decideReview, reviewsQuery } from '../../../api/operator.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { FormFailure } from '../../../parts/failure.tsx';
import { exactUsd } from '../../../parts/usd.ts';

const AMOUNT = /^\d{1,9}(\.\d{1,9})?$/;

export function DecideReview({ charge, close }: { charge: Charge; close: () => void }) {
  const queryClient = useQueryClient();
  const [decision, setDecision] = useState<ReviewRequest['decision']>('keep');
  const [giveBackUsd, setGiveBackUsd] = useState('');
  const amount = exactUsd(charge.waitingNanos);
  const payer = charge.borneByHub ? 'the hub, which bore it' : charge.workspaceName;
  const decide = useMutation({
    mutationFn: () =>
      decideReview(
        charge.requestId,
        decision === 'part' ? { decision, giveBackUsd } : { decision },
      ),
    onSuccess: async ({ earnedNanos, givenBackNanos }) => {
      await queryClient.invalidateQueries({ queryKey: reviewsQuery.queryKey });
      notifications.show({
        message: `${exactUsd(earnedNanos)} kept, ${exactUsd(givenBackNanos)} given back.`,
      });
      close();
    },
  });
  const isReady = decision !== 'part' || AMOUNT.test(giveBackUsd);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) decide.mutate();
  };
  return (
    <Dialog title={`Decide a charge of ${amount}`} close={close}>
      <form className="stack" onSubmit={submit}>
        <p>
          Request <span className="mono cell-name">{charge.requestId}</span> of{' '}
          {charge.workspaceName}. A decision is final.
        </p>
        <Radio.Group label="Decision" value={decision} onChange={(value) => setDecision(value)}>
          <Radio value="keep" label={`Keep the charge: ${amount} is earned`} />
          <Radio value="give_back" label={`Give it back: ${amount} goes to ${payer}`} />
          <Radio value="part" label="Give a part back, and keep the rest" />
        </Radio.Group>
        {decision === 'part' && (
          <TextInput
            label="Dollars to give back"
            inputMode="decimal"
            autoComplete="off"
            leftSection="$"
            value={giveBackUsd}
            onChange={(event) => setGiveBackUsd(event.currentTarget.value.trim())}
          />
        )}
        <FormFailure error={decide.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Decide later
          </Button>
          <Button type="submit" disabled={!isReady} loading={decide.isPending}>
            {WORDS[decision]}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const WORDS: Readonly<Record<ReviewRequest['decision'], string>> = {
  keep: 'Keep the charge',
  give_back: 'Give it back',
  part: 'Give a part back',
};
