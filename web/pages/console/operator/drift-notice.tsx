// Stands above every page of an operator while the books do not agree with each other.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { noticesQuery } from '../../../api/operator.ts';

export function DriftNotice() {
  const { data } = useQuery(noticesQuery);
  return (
    <div role="alert" className="drift-notice">
      {data?.hasDrift && (
        <div className="failure failure-refused">
          <h2>The books do not agree</h2>
          <p>
            The last reconciliation found a drift. Requests go on being served and charged.{' '}
            <Link to="/console/operator/reconciliation">See what is off</Link>
          </p>
        </div>
      )}
    </div>
  );
}
