// Every request of one book, live, newest first. The open receipt stands in the address bar; j and
// k walk the rows, enter opens, escape closes.

import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { activityQuery } from '../../api/queries.ts';
import { ClientTabs } from '../../parts/client-tabs.tsx';
import { ALL_CLIENTS } from '../../parts/clients.ts';
import { QueryFailure } from '../../parts/failure.tsx';
import { Empty, PageHead, TableFrame } from '../../parts/page.tsx';
import { useRowKeys } from '../../parts/row-keys.ts';
import { SidePanel } from '../../parts/side-panel.tsx';
import { ActivityExport } from './activity-export.tsx';
import { useBook } from './book.ts';
import { Receipt } from './receipt.tsx';
import { RequestTable } from './request-table.tsx';
import { useWorkspace } from './workspace.ts';

export function ActivityPage() {
  const { id } = useWorkspace();
  const book = useBook();
  const { receipt } = useSearch({ from: '/console/activity' });
  const activity = useInfiniteQuery(activityQuery(id, book));
  const rows = activity.data?.pages.flatMap((page) => page.rows);
  const navigate = useNavigate();
  const closeReceipt = useRowKeys({
    open: receipt,
    ids: rows?.map((row) => row.id),
    show: (next) =>
      void navigate({
        to: '.',
        search: ({ book: shown }) => ({
          ...(shown && { book: shown }),
          ...(next && { receipt: next }),
        }),
        replace: true,
      }),
  });

  return (
    <div className="with-panel" data-panel={receipt !== undefined}>
      <div className="panel-list">
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
      {receipt !== undefined && (
        <SidePanel title="Receipt" what="receipt" close={closeReceipt}>
          <Receipt requestId={receipt} />
        </SidePanel>
      )}
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
