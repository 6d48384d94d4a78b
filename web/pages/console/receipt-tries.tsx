// Every try at a provider, in its order: what came of it and, for operators, what it cost the hub.

import type { ReceiptReply } from '../../../src/console/contract.ts';
import { ExactMoney } from '../../parts/money.tsx';

export function ReceiptTries({ tries }: Pick<ReceiptReply, 'tries'>) {
  if (tries.length === 0) return <p className="dimmed">The request was not sent.</p>;
  return (
    <ol className="receipt-tries">
      {tries.map(({ provider, status, errorCode, costNanos }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a try has no name but its place.
        <li key={i}>
          <span className="mono">{provider}</span>{' '}
          {errorCode === null ? 'answered' : <span className="mono">{errorCode}</span>}
          {status !== null && `, status ${status}`}
          {costNanos !== undefined && (
            <>
              , cost to the hub <ExactMoney nanos={costNanos} />
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
