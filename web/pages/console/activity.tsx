// Every request of one book, live, newest first. The open receipt stands in the address bar; j and
// k walk the rows, enter opens, escape closes.

import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { activityQuery } from '../../api/queries.ts';
import { ClientTabs } from '../../parts/client-tabs.tsx';
import { ALL_CLIENTS } from '../../parts/clients.ts';
import { QueryFailure } from '../../parts/failure.tsx';
import { Empty, PageHead, TableFrame } from '../../parts/page.tsx';
import { ActivityExport } from './activity-export.tsx';
import { useBook } from './book.ts';
import { ReceiptPanel } from './receipt-panel.tsx';
import { RequestTable } from './request-table.tsx';
import { useWorkspace } from './workspace.ts';

export function ActivityPage() {
  const { id } = useWorkspace();
  const book = useBook();
  const { receipt } = useSearch({ from: '/console/activity' });
  const activity = useInfiniteQuery(activityQuery(id, book));
  const rows = activity.data?.pages.flatMap((page) => page.rows);
  const closeReceipt = useRowKeys(
    receipt,
    rows?.map((row) => row.id),
  );

  return (
    <div className="activity" data-panel={receipt !== undefined}>
      <div className="activity-list">
        <PageHead
          title="Activity"
          sentence={
            <>
              Every request on the {book} balance, as it happens.{' '}
              <span className="for-keyboards">
                <kbd>j</kbd> <kbd>k</kbd> move, <kbd>enter</kbd> opens, <kbd>esc</kbd> closes.
              </span>
            </>
          }
          action={rows && rows.length > 0 && <ActivityExport rows={rows} book={book} />}
        />
        {activity.error && <QueryFailure error={activity.error} retry={activity.refetch} />}
        {rows?.length === 0 && <NoRequests />}
        {(rows ? rows.length > 0 : !activity.error) && (
          <TableFrame>
            <RequestTable rows={rows} skeletonRows={12} openId={receipt} />
          </TableFrame>
        )}
        {activity.hasNextPage && (
          <Button
            variant="default"
            className="load-more"
            loading={activity.isFetchingNextPage}
            onClick={() => void activity.fetchNextPage()}
          >
            Load more
          </Button>
        )}
      </div>
      {receipt !== undefined && <ReceiptPanel requestId={receipt} close={closeReceipt} />}
    </div>
  );
}

function NoRequests() {
  const book = useBook();
  return (
    <Empty title={`No ${book} requests yet`}>
      <p>The first one appears here within a second. Send it with a {book} key:</p>
      <ClientTabs clients={ALL_CLIENTS} />
    </Empty>
  );
}

/** Keyboard over the rows; gives the function that closes the receipt and returns to its row. */
function useRowKeys(receipt: string | undefined, ids: readonly string[] = []): () => void {
  const navigate = useNavigate();
  const show = (search: { receipt?: string }) =>
    void navigate({
      to: '.',
      search: ({ book }) => ({ ...(book && { book }), ...search }),
      replace: true,
    });
  const move = (step: number) => {
    const current = ids.indexOf(receipt ?? focusedRow() ?? '');
    const next = ids[current === -1 ? 0 : current + step];
    if (next === undefined) return;
    if (receipt === undefined) focusRow(next);
    else show({ receipt: next });
  };
  const close = () => {
    if (receipt === undefined) return;
    show({});
    focusRow(receipt);
  };
  useHotkeys([
    ['j', () => move(1)],
    ['k', () => move(-1)],
    ['Escape', close],
  ]);
  return close;
}

function focusedRow(): string | undefined {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement ? activeElement.dataset['request'] : undefined;
}

function focusRow(requestId: string): void {
  document.querySelector<HTMLElement>(`[data-request="${CSS.escape(requestId)}"]`)?.focus();
}
