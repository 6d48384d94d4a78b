// The lines of a receipt and their sum: exact amounts, then the one rounding up to a nano-dollar.

import type { ReceiptReply } from '../../../src/console/contract.ts';
import { ExactMoney } from '../../parts/money.tsx';
import { exactCount, TokenClass } from '../../parts/tokens.tsx';
import { exactUsdOfFemtos } from '../../parts/usd.ts';

const FEMTOS_PER_NANO = 1_000_000n;

export function ReceiptLines({ receipt }: { receipt: ReceiptReply }) {
  const { lines, costNanos } = receipt;
  if (lines.length === 0) return <p className="dimmed">No tokens were used.</p>;
  const sumFemtos = lines.reduce((sum, line) => sum + BigInt(line.amountFemtos), 0n);
  const roundedByFemtos = BigInt(costNanos) * FEMTOS_PER_NANO - sumFemtos;
  return (
    <div className="receipt-scroll" tabIndex={0} role="region" aria-label="Receipt lines">
      <table className="data receipt-lines">
        <thead>
          <tr>
            <th scope="col">Tokens</th>
            <th scope="col" className="number">
              Quantity
            </th>
            <th scope="col" className="number">
              Per million
            </th>
            <th scope="col" className="number">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.class}>
              <th scope="row">
                <TokenClass name={line.class} />
              </th>
              <td className="number mono">{exactCount(line.quantity)}</td>
              <td className="number">
                <ExactMoney nanos={line.nanosPerMillion} />
              </td>
              <td className="number mono">{exactUsdOfFemtos(line.amountFemtos)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <SumRow label="Rounded up once by" amount={exactUsdOfFemtos(String(roundedByFemtos))} />
          <SumRow label="Cost" amount={exactUsdOfFemtos(String(sumFemtos + roundedByFemtos))} />
        </tfoot>
      </table>
    </div>
  );
}

function SumRow({ label, amount }: { label: string; amount: string }) {
  return (
    <tr>
      <th scope="row" colSpan={3}>
        {label}
      </th>
      <td className="number mono">{amount}</td>
    </tr>
  );
}
