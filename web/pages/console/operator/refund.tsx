// The refund of a charge: find it by the request's id, see what of it is left, give some of it back.
// The id stands in the address, so that a charge can be linked to.

import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Charge } from '../../../../src/console/contract-operator.ts';
import { chargeQuery, refundCharge } from '../../../api/operator.ts';
import { FormFailure } from '../../../parts/failure.tsx';
import { newIdempotencyKey } from '../../../parts/idempotency-key.ts';
import { ExactMoney } from '../../../parts/money.tsx';
import { ExactMoment } from '../../../parts/time.tsx';

const AMOUNT = /^\d{1,9}(\.\d{1,9})?$/;

export function Refund() {
  const { request } = useSearch({ from: '/console/operator/reviews' });
  const navigate = useNavigate();
  const [typed, setTyped] = useState(request ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({
      to: '.',
      search: (before) => ({ ...before, ...(typed === '' ? {} : { request: typed }) }),
    });
  };
  return (
    <section aria-labelledby="refund">
      <div className="section-head">
        <h2 id="refund">Refund a charge</h2>
      </div>
      <form className="inline-form" onSubmit={submit}>
        <TextInput
          label="Request id"
          description="It stands on the receipt and in the answer’s headers: req_…"
          className="wide-field"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value.trim())}
        />
        <Button type="submit" variant="default" disabled={typed === ''}>
          Look up
        </Button>
      </form>
      {request && <Found key={request} requestId={request} />}
    </section>
  );
}

function Found({ requestId }: { requestId: string }) {
  const { data, error } = useQuery(chargeQuery(requestId));
  if (!data) return <FormFailure error={error} />;
  return (
    <div className="card stack charge">
      <dl className="facts">
        <Fact label="Workspace">{data.workspaceName}</Fact>
        <Fact label="Model">{data.model ?? 'none'}</Fact>
        <Fact label="Started">
          <ExactMoment iso={data.startedAt} />
        </Fact>
        <Fact label={`Charged (${data.book})`}>
          <ExactMoney nanos={data.chargeNanos} />
        </Fact>
        <Fact label="In quarantine">
          <ExactMoney nanos={data.waitingNanos} />
        </Fact>
        <Fact label="Given back so far">
          <ExactMoney nanos={data.givenBackNanos} />
        </Fact>
        <Fact label="Can be refunded">
          <ExactMoney nanos={data.borneByHub ? '0' : data.earnedNanos} />
        </Fact>
      </dl>
      {explain(data) ?? <RefundForm charge={data} />}
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Why nothing can be refunded, if so. */
function explain({ borneByHub, earnedNanos, waitingNanos }: Charge) {
  if (borneByHub) return <p>The hub bore this charge: the customer never paid it.</p>;
  if (waitingNanos !== '0') return <p>This charge waits in quarantine: decide it above.</p>;
  if (earnedNanos === '0') return <p>All of this charge has been given back.</p>;
  return undefined;
}

function RefundForm({ charge }: { charge: Charge }) {
  const queryClient = useQueryClient();
  const [amountUsd, setAmountUsd] = useState('');
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const isAmount = AMOUNT.test(amountUsd) && /[1-9]/.test(amountUsd);
  const refund = useMutation({
    mutationFn: () => refundCharge(charge.requestId, { amountUsd, idempotencyKey }),
    onSuccess: (after) => {
      queryClient.setQueryData(chargeQuery(charge.requestId).queryKey, after);
      notifications.show({ message: `$${amountUsd} refunded to ${charge.workspaceName}.` });
      setAmountUsd('');
      setIdempotencyKey(newIdempotencyKey());
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isAmount) refund.mutate();
  };
  return (
    <form onSubmit={submit}>
      <div className="inline-form">
        <TextInput
          label="Dollars to refund"
          description="A budget that counted the charge is not restored."
          inputMode="decimal"
          autoComplete="off"
          leftSection="$"
          value={amountUsd}
          onChange={(event) => {
            setAmountUsd(event.currentTarget.value.trim());
            setIdempotencyKey(newIdempotencyKey());
          }}
        />
        <Button type="submit" disabled={!isAmount} loading={refund.isPending}>
          {isAmount ? `Refund $${amountUsd} to ${charge.workspaceName}` : 'Refund'}
        </Button>
      </div>
      <FormFailure error={refund.error} />
    </form>
  );
}
