// What providers invoiced against what their usage cost at list prices. An amount that was entered
// wrongly is entered again; the newest one holds.

import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ReconciliationReply } from '../../../../src/console/contract-operator.ts';
import { enterInvoice, reconciliationQuery } from '../../../api/operator.ts';
import { FormFailure } from '../../../parts/failure.tsx';
import { Money } from '../../../parts/money.tsx';
import { TableFrame } from '../../../parts/page.tsx';
import { Moment } from '../../../parts/time.tsx';

export function Invoices({ invoices }: Pick<ReconciliationReply, 'invoices'>) {
  return (
    <section aria-labelledby="invoices">
      <div className="section-head">
        <h2 id="invoices">Provider invoices</h2>
      </div>
      {invoices.length === 0 ? (
        <p className="dimmed">
          No usage of a provider that sends invoices has been added up yet. Months appear here after
          a run.
        </p>
      ) : (
        <TableFrame>
          <InvoiceTable invoices={invoices} />
        </TableFrame>
      )}
      <InvoiceForm />
    </section>
  );
}

function InvoiceTable({ invoices }: Pick<ReconciliationReply, 'invoices'>) {
  return (
    <table className="data">
      <caption className="visually-hidden">Cost and invoice by provider and month of UTC</caption>
      <thead>
        <tr>
          <th scope="col">Month (UTC)</th>
          <th scope="col">Provider</th>
          <th scope="col" className="number">
            Cost at list prices
          </th>
          <th scope="col" className="number">
            Invoice
          </th>
          <th scope="col" className="hide-tiny">
            Entered
          </th>
        </tr>
      </thead>
      <tbody>
        {invoices.map(({ provider, month, costNanos, invoiceNanos, enteredAt }) => (
          <tr key={`${provider} ${month}`}>
            <th scope="row" className="mono">
              {month}
            </th>
            <td className="mono">{provider}</td>
            <td className="number">{costNanos === null ? 'none' : <Money nanos={costNanos} />}</td>
            <td className="number">
              {invoiceNanos === null ? 'none yet' : <Money nanos={invoiceNanos} />}
            </td>
            <td className="hide-tiny">{enteredAt ? <Moment iso={enteredAt} /> : 'never'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const BLANK = { provider: '', month: '', amountUsd: '' };

function InvoiceForm() {
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState(BLANK);
  const enter = useMutation({
    mutationFn: () => enterInvoice(typed),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: reconciliationQuery.queryKey });
      notifications.show({
        message: `$${typed.amountUsd} entered for ${typed.provider} in ${typed.month}.`,
      });
      setTyped(BLANK);
    },
  });
  const isWhole = Object.values(typed).every((text) => text !== '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole) enter.mutate();
  };
  const field = (name: keyof typeof BLANK) => ({
    value: typed[name],
    autoComplete: 'off',
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const text = event.currentTarget.value.trim();
      setTyped((before) => ({ ...before, [name]: text }));
    },
  });
  return (
    <form onSubmit={submit}>
      <div className="inline-form">
        <TextInput label="Provider" placeholder="openai" {...field('provider')} />
        <TextInput label="Month" placeholder="2026-10" {...field('month')} />
        <TextInput
          label="Invoiced dollars"
          inputMode="decimal"
          leftSection="$"
          {...field('amountUsd')}
        />
        <Button type="submit" variant="default" disabled={!isWhole} loading={enter.isPending}>
          Enter invoice
        </Button>
      </div>
      <FormFailure error={enter.error} />
    </form>
  );
}
