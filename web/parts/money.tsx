// Amounts on the page: what is shown may be rounded to what a reader wants to see; the exact
// dollars always stand in the tooltip.

import { exactUsd, roundedUsd } from './usd.ts';

/** An amount of nano-dollars: rounded for the eye, exact in the tooltip. */
export function Money({ nanos, className }: { nanos: string; className?: string }) {
  return (
    <data className={`mono ${className ?? ''}`} value={nanos} title={`${exactUsd(nanos)} exactly`}>
      {roundedUsd(nanos)}
    </data>
  );
}

/** The exact amount of nano-dollars, for receipts and price lists. */
export function ExactMoney({ nanos }: { nanos: string }) {
  return (
    <data className="mono" value={nanos}>
      {exactUsd(nanos)}
    </data>
  );
}
