// The double entry behind a charge: who gave, who got, and the proof that it sums to zero, added up
// here from what the hub sent.

import type { ReceiptReply } from '../../../src/console/contract.ts';
import { CheckIcon } from '../../parts/icons.tsx';
import { ExactMoney } from '../../parts/money.tsx';

type Ledger = ReceiptReply['corrections'][number];

export function LedgerEntries({ ledger }: { ledger: Ledger }) {
  const sum = ledger.entries.reduce((total, entry) => total + BigInt(entry.amountNanos), 0n);
  return (
    <>
      <table className="data ledger">
        <caption className="visually-hidden">Ledger entries of {ledger.transactionId}</caption>
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col" className="number">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {ledger.entries.map(({ account, amountNanos }) => (
            <tr key={account}>
              <th scope="row" className="mono">
                {account}
              </th>
              <td className="number">
                <ExactMoney nanos={amountNanos} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              {sum === 0n ? (
                <span className="balanced">
                  <CheckIcon /> Sum, balanced
                </span>
              ) : (
                'Sum, not balanced'
              )}
            </th>
            <td className="number">
              <ExactMoney nanos={String(sum)} />
            </td>
          </tr>
        </tfoot>
      </table>
      <p className="dimmed mono transaction">
        {ledger.kind} {ledger.transactionId}
      </p>
    </>
  );
}
