// Prices that the operator's file of price data proposes. Each is approved, and published with its
// date, or rejected for good; one that jumps by more than ten times only where that is said to be
// meant.

import { Button, Checkbox } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { PriceProposal } from '../../../../src/console/contract-operator.ts';
import { decideProposal, proposalsQuery } from '../../../api/operator.ts';
import { FormFailure, QueryFailure } from '../../../parts/failure.tsx';
import { Empty, PageHead, TableFrame } from '../../../parts/page.tsx';
import { SkeletonText } from '../../../parts/skeleton.tsx';
import { Moment } from '../../../parts/time.tsx';
import { TokenClass } from '../../../parts/tokens.tsx';
import { unitPriceOf } from '../../../parts/unit-price.ts';
import { exactUsd } from '../../../parts/usd.ts';
import { OperatorOnly } from './operator-only.tsx';

export function PricesPage() {
  return (
    <OperatorOnly>
      <PageHead
        title="Prices"
        sentence="What your file of price data says otherwise than the list prices that hold."
      />
      <Waiting />
    </OperatorOnly>
  );
}

function Waiting() {
  const { data, error, refetch } = useQuery(proposalsQuery);
  if (error && !data) return <QueryFailure error={error} retry={refetch} />;
  if (!data) return <SkeletonText width={320} />;
  if (data.proposals.length === 0) {
    return (
      <Empty title="No price waits for a decision">
        <p>
          Name a file of price data in the setting PRICE_FEED_FILE, which is looked at daily, or run{' '}
          <span className="mono">inferencehub prices propose FILE</span>.
        </p>
      </Empty>
    );
  }
  return data.proposals.map((proposal) => <Proposal key={proposal.id} proposal={proposal} />);
}

function Proposal({ proposal }: { readonly proposal: PriceProposal }) {
  const { id, model, effectiveFrom, faults } = proposal;
  const queryClient = useQueryClient();
  const [acceptJump, setAcceptJump] = useState(false);
  const decide = useMutation({
    mutationFn: (decision: 'approved' | 'rejected') => decideProposal(id, { decision, acceptJump }),
    onSuccess: async ({ version }) => {
      await queryClient.invalidateQueries({ queryKey: proposalsQuery.queryKey });
      const message = version === null ? `${model}: rejected.` : `${version} is published.`;
      notifications.show({ message });
    },
  });
  const jumps = faults.includes('jump');
  const isRefused = faults.some((code) => code !== 'jump') || (jumps && !acceptJump);
  return (
    <section aria-labelledby={`proposal-${id}`}>
      <div className="section-head">
        <h2 id={`proposal-${id}`} className="mono cell-name">
          {model}
        </h2>
      </div>
      <p className="dimmed">
        Holds from {effectiveFrom === null ? 'its approval' : <Moment iso={effectiveFrom} />} on.
        Proposed <Moment iso={proposal.filedAt} />.
      </p>
      <TableFrame>
        <Figures proposal={proposal} />
      </TableFrame>
      {faults.length > 0 && <p>The checks of prices refuse it: {faults.join(', ')}.</p>}
      {jumps && (
        <Checkbox
          label="A change by more than ten times is meant"
          checked={acceptJump}
          onChange={(event) => setAcceptJump(event.currentTarget.checked)}
        />
      )}
      <FormFailure error={decide.error} />
      <div className="dialog-actions">
        <Button
          variant="default"
          aria-label={`Reject the price of ${model}`}
          disabled={decide.isPending}
          onClick={() => decide.mutate('rejected')}
        >
          Reject
        </Button>
        <Button
          aria-label={`Approve the price of ${model}`}
          disabled={isRefused}
          loading={decide.isPending}
          onClick={() => decide.mutate('approved')}
        >
          Approve
        </Button>
      </div>
    </section>
  );
}

function Figures({ proposal: { model, figures } }: { readonly proposal: PriceProposal }) {
  return (
    <table className="data">
      <caption className="visually-hidden">What changes of {model}</caption>
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col">Tier</th>
          <th scope="col" className="number">
            Now
          </th>
          <th scope="col" className="number">
            Proposed
          </th>
        </tr>
      </thead>
      <tbody>
        {figures.map((figure) => (
          <tr key={`${figure.tier} ${figure.class}`}>
            <th scope="row">
              <TokenClass name={figure.class} />
            </th>
            <td className="mono">{figure.tier || 'standard'}</td>
            <td className="number mono">{dollarsOf(figure.class, figure.before)}</td>
            <td className="number mono">{dollarsOf(figure.class, figure.after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function dollarsOf(name: string, rate: string | null): string {
  if (rate === null) return 'not sold';
  const { nanos, per } = unitPriceOf(name, rate);
  return `${exactUsd(nanos)} / ${per}`;
}
