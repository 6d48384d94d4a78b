// Requests as table rows, on the overview and on the activity page. A row's link opens its receipt,
// so that a receipt can be reached, opened in a tab and sent like any page.

import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { ActivityRow } from '../../../src/console/contract.ts';
import { Money } from '../../parts/money.tsx';
import { followRow } from '../../parts/row-keys.ts';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { Moment } from '../../parts/time.tsx';
import { Count, Millis } from '../../parts/tokens.tsx';
import { RequestStatus } from './request-status.tsx';

export interface RequestTableProps {
  /** Undefined while the rows are on their way. */
  readonly rows: readonly ActivityRow[] | undefined;
  readonly skeletonRows: number;
  /** The request whose receipt is open. */
  readonly openId?: string | undefined;
}

export function RequestTable({ rows, skeletonRows, openId }: RequestTableProps) {
  return (
    <table className="data request-table">
      <caption className="visually-hidden">Requests, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Model</th>
          <th scope="col" className="hide-medium">
            Key
          </th>
          <th scope="col" className="number hide-narrow">
            Input
          </th>
          <th scope="col" className="number hide-medium">
            Cache
          </th>
          <th scope="col" className="number hide-narrow">
            Output
          </th>
          <th scope="col" className="number">
            Cost
          </th>
          <th scope="col" className="number hide-medium">
            First byte, ms
          </th>
          <th scope="col" className="number hide-narrow">
            Duration, ms
          </th>
          <th scope="col">Status</th>
        </tr>
      </thead>
      {rows ? (
        <tbody>
          {rows.map((row) => (
            <RequestRow key={row.id} row={row} isOpen={row.id === openId} />
          ))}
        </tbody>
      ) : (
        <SkeletonRows rows={skeletonRows} columns={10} />
      )}
    </table>
  );
}

function RequestRow({ row, isOpen }: { row: ActivityRow; isOpen: boolean }) {
  return (
    <tr className="row-link" data-open={isOpen || undefined} onClick={followRow}>
      <td>
        <Link
          to="/console/activity"
          search={{ ...(row.book === 'test' && { book: row.book }), receipt: row.id }}
          className="row-anchor"
          data-row={row.id}
          aria-current={isOpen}
          preload={false}
        >
          <Moment iso={row.startedAt} />
        </Link>
      </td>
      <td className="mono cell-model">
        <ModelId id={row.modelServed ?? row.modelAsked ?? 'unknown model'} />
      </td>
      <td className="cell-key hide-medium">{row.keyName}</td>
      <td className="number hide-narrow">
        <Count value={row.inputTokens} />
      </td>
      <td className="number hide-medium">
        <Count value={row.cacheReadTokens} />
      </td>
      <td className="number hide-narrow">
        <Count value={row.outputTokens} />
      </td>
      <td className="number">
        <Money nanos={row.chargeNanos} />
        {row.isOwnCredential && <span className="dimmed"> fee</span>}
      </td>
      <td className="number hide-medium">
        <Millis value={row.firstByteMs} />
      </td>
      <td className="number hide-narrow">
        <Millis value={row.durationMs} />
      </td>
      <td>
        <RequestStatus request={row} />
      </td>
    </tr>
  );
}

/** An id such as `provider/model`, which may wrap behind its slash. */
function ModelId({ id }: { id: string }) {
  return id.split('/').map((part, index) => (
    <Fragment key={part}>
      {index > 0 && (
        <>
          /<wbr />
        </>
      )}
      {part}
    </Fragment>
  ));
}
