// Whether the books agree: the five proofs of the last run, how the money stands now, which nodes
// hold it, what providers invoiced, and the runs before.

import { Button, Skeleton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReconciliationReply } from '../../../../src/console/contract-operator.ts';
import { noticesQuery, reconciliationQuery, runReconciliation } from '../../../api/operator.ts';
import { FormFailure, QueryFailure } from '../../../parts/failure.tsx';
import { Empty, PageHead, TableFrame } from '../../../parts/page.tsx';
import { Moment } from '../../../parts/time.tsx';
import { Invoices } from './invoices.tsx';
import { JournalStanding } from './journal.tsx';
import { OperatorOnly } from './operator-only.tsx';
import { Proofs } from './proofs.tsx';
import { BookStandings, Nodes } from './standing.tsx';

export function ReconciliationPage() {
  return (
    <OperatorOnly>
      <Reconciliation />
    </OperatorOnly>
  );
}

function Reconciliation() {
  const { data, error, refetch } = useQuery(reconciliationQuery);
  const queryClient = useQueryClient();
  const run = useMutation({
    mutationFn: runReconciliation,
    onSuccess: async ({ finished }) => {
      await queryClient.invalidateQueries({ queryKey: reconciliationQuery.queryKey });
      await queryClient.invalidateQueries({ queryKey: noticesQuery.queryKey });
      notifications.show({
        message: finished
          ? 'The reconciliation is done.'
          : 'The reconciliation goes on; this page shows it when it is done.',
      });
    },
  });
  return (
    <>
      <PageHead
        title="Reconciliation"
        sentence="Every day at 00:15 UTC the hub proves that its books agree. It repairs nothing and blocks nothing."
        action={
          <Button loading={run.isPending} onClick={() => run.mutate()}>
            Run now
          </Button>
        }
      />
      {run.error && <FormFailure error={run.error} />}
      {error && !data ? <QueryFailure error={error} retry={refetch} /> : <Sections data={data} />}
    </>
  );
}

function Sections({ data }: { data: ReconciliationReply | undefined }) {
  if (!data) return <Skeleton height={640} aria-label="Loading the reconciliation" />;
  const [last] = data.runs;
  return (
    <>
      {last ? (
        <Proofs run={last} />
      ) : (
        <Empty title="Nothing has been proven yet">
          <p>Press “Run now”, or wait for the first run after 00:15 UTC.</p>
        </Empty>
      )}
      <BookStandings books={data.books} />
      <Nodes nodes={data.nodes} />
      <JournalStanding journal={data.journal} />
      <Invoices invoices={data.invoices} />
      {last && <Runs runs={data.runs} />}
    </>
  );
}

function Runs({ runs }: { runs: ReconciliationReply['runs'] }) {
  return (
    <section aria-labelledby="runs">
      <div className="section-head">
        <h2 id="runs">Last runs</h2>
      </div>
      <TableFrame>
        <table className="data">
          <caption className="visually-hidden">The last runs, the newest first</caption>
          <thead>
            <tr>
              <th scope="col">Ended</th>
              <th scope="col">Result</th>
              <th scope="col">Asked for by</th>
              <th scope="col" className="number">
                Seconds
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id}>
                <th scope="row">
                  <Moment iso={run.finishedAt} />
                </th>
                <td>
                  <span
                    className={run.status === 'drift' ? 'status status-bad' : 'status status-good'}
                  >
                    {run.status === 'drift' ? 'Drift' : 'No drift'}
                  </span>
                </td>
                <td>{run.cause === 'schedule' ? 'the schedule' : 'an operator'}</td>
                <td className="number mono">{seconds(run.startedAt, run.finishedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}

function seconds(fromIso: string, toIso: string): string {
  return ((Date.parse(toIso) - Date.parse(fromIso)) / 1_000).toFixed(1);
}
