// The lines of a receipt at the list price, their sum, the markup (or the fee that takes the place of
// both, where the workspace's own credential served) and the one rounding up to a nano-dollar: added up exactly they are the cost, and the charge is what of it the hold covers.

import type { ReceiptReply } from '../../../src/console/contract.ts';
import { ExactMoney } from '../../parts/money.tsx';
import { exactCount } from '../../parts/counts.ts';
import { TokenClass } from '../../parts/tokens.tsx';
import { unitPriceOf } from '../../parts/unit-price.ts';
import { exactUsd, exactUsdOfFemtos, exactUsdOfZeptos, percentOf } from '../../parts/usd.ts';

export function ReceiptLines({ receipt }: { receipt: ReceiptReply }) {
  const { lines, markupBps, own } = receipt;
  if (lines.length === 0) return <p className="dimmed">Nothing was used.</p>;
  return (
    <div className="receipt-scroll" tabIndex={0} role="region" aria-label="Receipt lines">
      <table className="data receipt-lines">
        <thead>
          <tr>
            <th scope="col">Used</th>
            <th scope="col" className="number">
              Quantity
            </th>
            <th scope="col" className="number">
              Price
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
                <LinePrice line={line} />
              </td>
              <td className="number mono">{exactUsdOfFemtos(line.amountFemtos)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <SumRow
            label={own ? 'List price, billed by the provider' : 'List price'}
            amount={exactUsdOfFemtos(receipt.listFemtos)}
          />
          {own && (
            <SumRow
              label={`Fee of ${percentOf(own.feeBps)} for your own credential`}
              amount={exactUsdOfZeptos(own.feeZeptos)}
            />
          )}
          {markupBps !== 0 && (
            <SumRow
              label={`Markup of ${percentOf(markupBps)}`}
              amount={exactUsdOfZeptos(receipt.markupZeptos)}
            />
          )}
          <SumRow label="Rounded up once by" amount={exactUsdOfZeptos(receipt.roundingZeptos)} />
          <SumRow label="Cost" amount={exactUsd(receipt.costNanos)} />
          {receipt.limitedByHold && (
            <SumRow label="Charge, limited by the hold" amount={exactUsd(receipt.chargeNanos)} />
          )}
        </tfoot>
      </table>
    </div>
  );
}

function LinePrice({ line }: { line: ReceiptReply['lines'][number] }) {
  const { nanos, per } = unitPriceOf(line.class, line.nanosPerMillion);
  return (
    <>
      <ExactMoney nanos={nanos} />
      <span className="dimmed"> / {per}</span>
    </>
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
