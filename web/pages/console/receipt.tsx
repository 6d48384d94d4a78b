// A receipt explains one charge wholly: quantity × price of every token class, the one rounding,
// the hold that bounded it, the timing, and the balanced ledger entries behind it.

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ReceiptReply } from '../../../src/console/contract.ts';
import { receiptQuery } from '../../api/queries.ts';
import { CopyLine } from '../../parts/copy.tsx';
import { QueryFailure } from '../../parts/failure.tsx';
import { ExactMoney } from '../../parts/money.tsx';
import { ExactMoment } from '../../parts/time.tsx';
import { exactCount } from '../../parts/counts.ts';
import { exactUsd } from '../../parts/usd.ts';
import { LedgerEntries } from './ledger-entries.tsx';
import { ReceiptLines } from './receipt-lines.tsx';
import { ReceiptTries } from './receipt-tries.tsx';
import { RequestStatus } from './request-status.tsx';
import { useWorkspace } from './workspace.ts';

export function Receipt({ requestId }: { requestId: string }) {
  const { id } = useWorkspace();
  const { data, error, refetch } = useQuery(receiptQuery(id, requestId));
  if (data) return <ReceiptText receipt={data} />;
  if (error) return <QueryFailure error={error} retry={refetch} />;
  return <Skeleton height={480} aria-label="Loading the receipt" />;
}

function ReceiptText({ receipt }: { receipt: ReceiptReply }) {
  return (
    <div className="receipt" data-testid="receipt">
      <div className="receipt-total">
        <span className="receipt-charge">
          <ExactMoney nanos={receipt.chargeNanos} />
        </span>
        <RequestStatus request={receipt} />
      </div>
      <p className="dimmed">{explain(receipt)}</p>
      <CopyLine text={receipt.id} what="request id" />
      <h3>Lines</h3>
      <ReceiptLines receipt={receipt} />
      <h3>Limits</h3>
      <dl className="facts">
        <Fact label="Held before sending">
          <ExactMoney nanos={receipt.holdNanos} />
        </Fact>
        <Fact label="Output cap">{outputCap(receipt)}</Fact>
      </dl>
      <h3>Ledger</h3>
      {receipt.ledger ? (
        <>
          <LedgerEntries ledger={receipt.ledger} />
          <Settlement of={receipt.ledger} />
        </>
      ) : (
        <p className="dimmed">Nothing was charged, so nothing was booked.</p>
      )}
      {receipt.corrections.map((correction) => (
        <LedgerEntries key={correction.transactionId} ledger={correction} />
      ))}
      <h3>Tries</h3>
      <ReceiptTries tries={receipt.tries} />
      <h3>Request</h3>
      <RequestFacts receipt={receipt} />
    </div>
  );
}

/** Charges of a payer that come together are settled together; alone there is nothing to add. */
function Settlement({ of }: { of: NonNullable<ReceiptReply['ledger']> }) {
  if (of.requests === 1) return null;
  return (
    <p className="dimmed">
      This request’s part of one settlement of {exactCount(of.requests)} requests,{' '}
      <ExactMoney nanos={of.totalNanos} /> in total.
    </p>
  );
}

function RequestFacts({ receipt }: { receipt: ReceiptReply }) {
  const firstByte = receipt.firstByteMs === null ? 'none' : `${exactCount(receipt.firstByteMs)} ms`;
  return (
    <dl className="facts">
      <Fact label="Model asked for">{code(receipt.modelAsked)}</Fact>
      <Fact label="Model served">{code(receipt.modelServed)}</Fact>
      <Fact label="Provider">{code(receipt.provider)}</Fact>
      <Fact label="Protocol">
        {code(receipt.protocol)}
        {receipt.streamed ? ', streamed' : ', in one piece'}
      </Fact>
      <Fact label="Started">
        <ExactMoment iso={receipt.startedAt} />
      </Fact>
      <Fact label="First byte">{firstByte}</Fact>
      <Fact label="Duration">{exactCount(receipt.durationMs)} ms</Fact>
      <Fact label="Counts come from">
        {USAGE_SOURCES[receipt.usageSource] ?? receipt.usageSource}
      </Fact>
      <Fact label="Price">{code(receipt.priceId)}</Fact>
      {receipt.price && (
        <Fact label="Price holds from">
          <ExactMoment iso={receipt.price.effectiveFrom} />
        </Fact>
      )}
      <Fact label="Service tier">{code(receipt.serviceTier ?? 'standard')}</Fact>
      <Fact label="Credential">{receipt.own ? code(receipt.own.credentialId) : 'the hub’s'}</Fact>
      {receipt.providerCostNanos !== undefined && (
        <Fact label="Cost to the hub">
          <ExactMoney nanos={receipt.providerCostNanos} />
        </Fact>
      )}
      {receipt.errorCode && <Fact label="Error">{code(receipt.errorCode)}</Fact>}
    </dl>
  );
}

const USAGE_SOURCES: Readonly<Record<string, string>> = {
  provider: 'the provider',
  partial: 'the provider, one side estimated',
  estimated: 'an estimate',
  none: 'nothing: the request was not sent',
  unreadable: 'a report that cannot be true',
};

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function code(text: string | null): ReactNode {
  return text === null ? 'none' : <span className="mono">{text}</span>;
}

function outputCap({ outputCap: cap, outputCapLowered }: ReceiptReply): string {
  if (cap === null) return 'none';
  const tokens = `${exactCount(cap)} tokens`;
  return outputCapLowered ? `${tokens}, lowered to fit the balance` : tokens;
}

/** One sentence on why the charge is what it is. */
function explain({ chargeNanos, costNanos, quarantined, book, own }: ReceiptReply): string {
  if (quarantined) return 'The charge waits for review, because the usage could not be believed.';
  if (chargeNanos === '0') return 'This request was not charged.';
  if (chargeNanos !== costNanos) {
    return `The cost was ${exactUsd(costNanos)}; the charge stops at what was held.`;
  }
  if (own) return 'The fee for a request that your own credential served.';
  return `Charged to the ${book} balance.`;
}
