// The console's first page: what is there, what was spent, what happened last; and before the first
// request, the steps that lead to it.

import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { balanceQuery, latestQuery, useHub } from '../../api/queries.ts';
import { ClientTabs } from '../../parts/client-tabs.tsx';
import { ALL_CLIENTS } from '../../parts/clients.ts';
import { CopyLine } from '../../parts/copy.tsx';
import { QueryFailure } from '../../parts/failure.tsx';
import { Money } from '../../parts/money.tsx';
import { PageHead, TableFrame } from '../../parts/page.tsx';
import { SkeletonText } from '../../parts/skeleton.tsx';
import { AddBalance } from './add-balance.tsx';
import { useBook } from './book.ts';
import { FirstRun, useFirstRun } from './first-run.tsx';
import { RequestTable } from './request-table.tsx';
import { useWorkspace } from './workspace.ts';

const LATEST_ROWS = 6;

export function OverviewPage() {
  const { isOperator } = useWorkspace();
  const [isAdding, adding] = useDisclosure();
  const firstRun = useFirstRun();
  return (
    <>
      <PageHead
        title="Overview"
        sentence="What this workspace has, and what its requests cost."
        action={isOperator && <Button onClick={adding.open}>Add balance</Button>}
      />
      {isAdding && <AddBalance close={adding.close} />}
      <Figures />
      {firstRun.isShown && <FirstRun first={firstRun.first} />}
      {firstRun.first && <Latest />}
      {firstRun.first && <Connect />}
      {firstRun.error && <QueryFailure error={firstRun.error} retry={firstRun.retry} />}
    </>
  );
}

function Figures() {
  const { id, isOperator } = useWorkspace();
  const book = useBook();
  const { data, error, refetch } = useQuery(balanceQuery(id));
  if (error && !data) return <QueryFailure error={error} retry={refetch} />;
  const figures = data?.[book];
  return (
    <dl className="figures">
      <Figure
        label={book === 'live' ? 'Live balance' : 'Test balance'}
        nanos={figures?.balanceNanos}
        note={balanceNote(figures?.balanceNanos, isOperator)}
      />
      <Figure
        label="Spent in 24 hours"
        nanos={figures?.spentLastDayNanos}
        note="Charged requests, rounded up once each."
      />
      <Figure
        label="Reserved now"
        nanos={figures?.leasedNanos}
        note="Part of the balance, lent to the gateway for running requests."
      />
    </dl>
  );
}

interface FigureProps {
  readonly label: string;
  readonly nanos: string | undefined;
  readonly note: ReactNode;
}

function Figure({ label, nanos, note }: FigureProps) {
  return (
    <div className="figure">
      <dt>{label}</dt>
      <dd className="figure-amount">
        {nanos === undefined ? <SkeletonText width={96} /> : <Money nanos={nanos} />}
      </dd>
      <dd className="dimmed">{note}</dd>
    </div>
  );
}

function balanceNote(nanos: string | undefined, isOperator: boolean): string {
  if (nanos === undefined || BigInt(nanos) > 0n) return 'Everything that requests may still spend.';
  return isOperator
    ? 'Empty: requests are refused until you add balance.'
    : 'Empty: ask the operator of this hub to add balance.';
}

function Latest() {
  const { id } = useWorkspace();
  const book = useBook();
  const { data, error, refetch } = useQuery(latestQuery(id, LATEST_ROWS, book));
  return (
    <section aria-labelledby="latest">
      <div className="section-head">
        <h2 id="latest">Latest requests</h2>
        <Link
          to="/console/activity"
          search={book === 'test' ? { book } : {}}
          className="section-link"
        >
          All activity
        </Link>
      </div>
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : data?.rows.length === 0 ? (
        <p className="dimmed">
          No request has been paid from the {book} book yet. The other one has some.
        </p>
      ) : (
        <TableFrame>
          <RequestTable rows={data?.rows} skeletonRows={LATEST_ROWS} />
        </TableFrame>
      )}
    </section>
  );
}

function Connect() {
  const { baseUrl } = useHub();
  return (
    <section aria-labelledby="connect">
      <div className="section-head">
        <h2 id="connect">Connect a client</h2>
        <Link to="/console/keys" className="section-link">
          Keys
        </Link>
      </div>
      <div className="card stack">
        <CopyLine text={baseUrl} what="base URL" />
        <ClientTabs clients={ALL_CLIENTS} />
      </div>
    </section>
  );
}
