// The operator's grant. One press books once: the idempotency key belongs to what is typed, so a
// press repeated after a lost answer grants nothing twice.

import { Button, Radio, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type Book, grant } from '../../api/client.ts';
import { balanceQuery } from '../../api/queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormFailure } from '../../parts/failure.tsx';
import { newIdempotencyKey } from '../../parts/idempotency-key.ts';
import { useBook } from './book.ts';
import { useWorkspace } from './workspace.ts';

const AMOUNT = /^\d{1,7}(\.\d{1,9})?$/;

export function AddBalance({ close }: { close: () => void }) {
  const { id, name } = useWorkspace();
  const queryClient = useQueryClient();
  const [book, setBook] = useState<Book>(useBook());
  const [amountUsd, setAmountUsd] = useState('');
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const isAmount = AMOUNT.test(amountUsd) && /[1-9]/.test(amountUsd);
  const add = useMutation({
    mutationFn: () => grant(id, { book, amountUsd, idempotencyKey }),
    onSuccess: (balance) => {
      queryClient.setQueryData(balanceQuery(id).queryKey, balance);
      notifications.show({ message: `$${amountUsd} added to the ${book} balance of ${name}.` });
      close();
    },
  });
  const change = (edit: () => void) => {
    edit();
    setIdempotencyKey(newIdempotencyKey());
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isAmount) add.mutate();
  };

  return (
    <Dialog title="Add balance" close={close}>
      <form className="stack" onSubmit={submit}>
        <Radio.Group
          label="Book"
          value={book}
          onChange={(value) => change(() => setBook(value === 'test' ? 'test' : 'live'))}
        >
          <Radio value="live" label="Live: pays for every model, counts as real money" />
          <Radio value="test" label="Test: play money for sandbox models" />
        </Radio.Group>
        <TextInput
          label="Amount in dollars"
          inputMode="decimal"
          required
          data-autofocus
          autoComplete="off"
          leftSection="$"
          value={amountUsd}
          error={amountUsd !== '' && !isAmount && 'A number above 0, such as 20 or 12.50.'}
          onChange={(event) => {
            const typed = event.currentTarget.value.trim();
            change(() => setAmountUsd(typed));
          }}
        />
        <FormFailure error={add.error} />
        <div className="dialog-actions">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isAmount} loading={add.isPending}>
            {isAmount ? `Add $${amountUsd} to ${book} balance` : 'Add balance'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
