// The five proofs of one run: what each holds against what, whether it held, and what is off.

import type { ProofReply, ReconciliationRun } from '../../../../src/console/contract-operator.ts';
import { ExactMoney, Money } from '../../../parts/money.tsx';
import { TableFrame } from '../../../parts/page.tsx';
import { Moment } from '../../../parts/time.tsx';
import { exactCount } from '../../../parts/counts.ts';

interface ProofWords {
  readonly name: string;
  readonly about: string;
}

const PROOFS: Readonly<Record<string, ProofWords>> = {
  entries_sum_to_zero: {
    name: 'Entries sum to zero',
    about: 'Each transaction in its book, and each book as a whole.',
  },
  balances_equal_entries: {
    name: 'Balances equal their entries',
    about: 'No account that must not be is below zero, and no ended run holds a lease.',
  },
  usage_equals_charges: {
    name: 'Usage equals charges',
    about: 'Each record is booked once with its amount, and nothing is booked without a record.',
  },
  top_ups_equal_processors: {
    name: 'Top-ups equal the processors’ records',
    about: 'Until a processor is connected: each grant comes from funding, and nothing else does.',
  },
  costs_equal_invoices: {
    name: 'Costs equal the providers’ invoices',
    about: 'By provider and month of UTC, within a thousandth.',
  },
};

const REASONS: Readonly<Record<string, string>> = {
  no_processor: 'no payment processor is connected',
  no_invoice: 'no invoice has been entered',
};

export function Proofs({ run }: { run: ReconciliationRun }) {
  const off = run.proofs.filter(({ status }) => status === 'drift');
  return (
    <section aria-labelledby="proofs">
      <div className="section-head">
        <h2 id="proofs">
          {off.length === 0 ? 'The books agree' : `${off.length} of 5 proofs found a drift`}
        </h2>
        <span className="dimmed">
          looked at <Moment iso={run.finishedAt} />
        </span>
      </div>
      <TableFrame>
        <table className="data">
          <caption className="visually-hidden">The five proofs of the last run</caption>
          <thead>
            <tr>
              <th scope="col">Proof</th>
              <th scope="col">Result</th>
              <th scope="col" className="number hide-tiny">
                Checked
              </th>
              <th scope="col" className="number hide-tiny">
                Off
              </th>
              <th scope="col" className="number">
                Drift
              </th>
            </tr>
          </thead>
          <tbody>
            {run.proofs.map((proof) => (
              <ProofRow key={proof.id} proof={proof} />
            ))}
          </tbody>
        </table>
      </TableFrame>
      {off.map((proof) => (
        <Findings key={proof.id} proof={proof} />
      ))}
    </section>
  );
}

function ProofRow({ proof }: { proof: ProofReply }) {
  const words = PROOFS[proof.id];
  return (
    <tr>
      <th scope="row">
        {words?.name ?? proof.id}
        <p className="dimmed hide-narrow">{words?.about}</p>
      </th>
      <td>
        <ProofStatus proof={proof} />
      </td>
      <td className="number mono hide-tiny">{exactCount(proof.checked)}</td>
      <td className="number mono hide-tiny">{exactCount(proof.faults)}</td>
      <td className="number">
        <Money nanos={proof.driftNanos} />
      </td>
    </tr>
  );
}

function ProofStatus({ proof }: { proof: ProofReply }) {
  if (proof.status === 'proven') return <span className="status status-good">Proven</span>;
  if (proof.status === 'drift') return <span className="status status-bad">Drift</span>;
  return <span className="dimmed">Not yet: {REASONS[proof.reason ?? ''] ?? proof.reason}</span>;
}

function Findings({ proof }: { proof: ProofReply }) {
  const name = PROOFS[proof.id]?.name ?? proof.id;
  const rest = proof.faults - proof.findings.length;
  return (
    <div className="findings">
      <h3>{name}: what is off</h3>
      <TableFrame>
        <table className="data">
          <caption className="visually-hidden">Findings of “{name}”</caption>
          <thead>
            <tr>
              <th scope="col">Fault</th>
              <th scope="col">Where</th>
              <th scope="col" className="number">
                Amount
              </th>
            </tr>
          </thead>
          <tbody>
            {proof.findings.map(({ fault, subject, amountNanos }) => (
              <tr key={`${fault} ${subject}`}>
                <td>{fault.replaceAll('_', ' ')}</td>
                <th scope="row" className="mono cell-name">
                  {subject}
                </th>
                <td className="number">
                  <ExactMoney nanos={amountNanos} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {rest > 0 && <p className="dimmed">And {exactCount(rest)} more.</p>}
    </div>
  );
}
