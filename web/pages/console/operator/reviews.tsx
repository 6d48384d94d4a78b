// Charges that nobody can vouch for, each to be decided by a person; and the refund of any charge,
// found by the request's id.

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Charge } from '../../../../src/console/contract-operator.ts';
import { reviewsQuery } from '../../../api/operator.ts';
import { QueryFailure } from '../../../parts/failure.tsx';
import { ExactMoney } from '../../../parts/money.tsx';
import { ActionHead, Empty, PageHead, TableFrame } from '../../../parts/page.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { Moment } from '../../../parts/time.tsx';
import { DecideReview } from './decide-review.tsx';
import { OperatorOnly } from './operator-only.tsx';
import { Refund } from './refund.tsx';

export function ReviewsPage() {
  return (
    <OperatorOnly>
      <PageHead
        title="Reviews"
        sentence="What is earned of a doubtful charge, and what of any charge goes back to the customer."
      />
      <Waiting />
      <Refund />
    </OperatorOnly>
  );
}

function Waiting() {
  const { data, error, refetch } = useQuery(reviewsQuery);
  const [deciding, setDeciding] = useState<Charge>();
  return (
    <section aria-labelledby="waiting">
      <div className="section-head">
        <h2 id="waiting">In quarantine</h2>
      </div>
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : data?.reviews.length === 0 ? (
        <Empty title="Nothing waits for review">
          <p>
            A charge comes here when a provider reports usage that cannot be true. The customer has
            paid an estimate; the hub has not earned it yet.
          </p>
        </Empty>
      ) : (
        <TableFrame>
          <WaitingTable charges={data?.reviews} decide={setDeciding} />
        </TableFrame>
      )}
      {deciding && <DecideReview charge={deciding} close={() => setDeciding(undefined)} />}
    </section>
  );
}

interface WaitingTableProps {
  readonly charges: readonly Charge[] | undefined;
  readonly decide: (charge: Charge) => void;
}

function WaitingTable({ charges, decide }: WaitingTableProps) {
  return (
    <table className="data">
      <caption className="visually-hidden">Charges in quarantine, the newest first</caption>
      <thead>
        <tr>
          <th scope="col">Request</th>
          <th scope="col">Workspace</th>
          <th scope="col" className="hide-narrow">
            Model
          </th>
          <th scope="col" className="hide-tiny">
            Reason
          </th>
          <th scope="col" className="number">
            Charge
          </th>
          <ActionHead />
        </tr>
      </thead>
      {charges ? (
        <tbody>
          {charges.map((charge) => (
            <tr key={charge.requestId}>
              <th scope="row" className="cell-name">
                <Moment iso={charge.startedAt} />
                <p className="mono dimmed">{charge.requestId}</p>
              </th>
              <td className="cell-name">
                {charge.workspaceName}
                {charge.book === 'test' && ' (test)'}
              </td>
              <td className="mono cell-name hide-narrow">{charge.model ?? 'none'}</td>
              <td className="hide-tiny">usage {charge.usageSource}</td>
              <td className="number">
                <ExactMoney nanos={charge.waitingNanos} />
              </td>
              <td className="row-action">
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={`Decide ${charge.requestId}`}
                  onClick={() => decide(charge)}
                >
                  Decide
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={3} columns={6} />
      )}
    </table>
  );
}
