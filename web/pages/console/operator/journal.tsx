// What of this node's journal waits for a person: records that the database refused, and segments that
// could not be read. Nothing of it is lost; it lies in the data folder.

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReconciliationReply } from '../../../../src/console/contract-operator.ts';
import { reconciliationQuery, retryJournal } from '../../../api/operator.ts';
import { FormFailure } from '../../../parts/failure.tsx';

export function JournalStanding({ journal }: Pick<ReconciliationReply, 'journal'>) {
  const queryClient = useQueryClient();
  const retry = useMutation({
    mutationFn: retryJournal,
    onSuccess: async ({ records }) => {
      await queryClient.invalidateQueries({ queryKey: reconciliationQuery.queryKey });
      notifications.show({ message: `${countOf(records, 'record')} tried again.` });
    },
  });
  const { refusedRecords, damagedSegments, missingSegments } = journal;
  const isClean = refusedRecords + damagedSegments + missingSegments === 0;
  return (
    <section aria-labelledby="journal">
      <div className="section-head">
        <h2 id="journal">Journal of this node</h2>
        {refusedRecords > 0 && (
          <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
            Try refused records again
          </Button>
        )}
      </div>
      {retry.error && <FormFailure error={retry.error} />}
      {isClean ? (
        <p>
          <span className="status status-good">Clean</span> Nothing waits for a person.
        </p>
      ) : (
        <p>
          <span className="status status-bad">Look here</span>{' '}
          {countOf(refusedRecords, 'refused record')}, {countOf(damagedSegments, 'damaged segment')}
          , {countOf(missingSegments, 'missing segment')}; they are kept in the data folder, under{' '}
          <code>journal</code>.
        </p>
      )}
    </section>
  );
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
