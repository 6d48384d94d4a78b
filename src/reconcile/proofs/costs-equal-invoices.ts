// What the hub thinks its providers cost it equals what they invoice, within a thousandth, by provider
// and UTC month. An invoice is what the operator entered last for the month.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../../db/database.ts';
import {
  type Proof,
  type ProofResult,
  type Snapshot,
  addFinding,
  conclude,
  newTally,
} from '../proof.ts';
import { subjectOf } from '../provider-months.ts';

/** One part in this many may be off: providers round each line of an invoice. */
const TOLERANCE = 1_000n;

export const costsEqualInvoices: Proof = Object.freeze({
  id: 'costs_equal_invoices',
  holdsByStatement: true,
  prove,
});

async function prove(snapshot: Snapshot): Promise<ProofResult> {
  const costs = new Map(snapshot.providerMonths.map((row) => [subjectOf(row), row.costNanos]));
  const tally = newTally();
  for (const invoice of await readNewestInvoices(snapshot.tx)) {
    if (snapshot.freeProviders.includes(invoice.provider)) continue;
    const subject = subjectOf(invoice);
    const amountNanos = (costs.get(subject) ?? 0n) - invoice.amountNanos;
    const size = amountNanos < 0n ? -amountNanos : amountNanos;
    tally.checked += 1n;
    if (size * TOLERANCE > invoice.amountNanos) {
      addFinding(tally, { fault: 'cost_is_not_invoice', subject, amountNanos });
    }
  }
  return conclude('costs_equal_invoices', tally, tally.checked === 0n ? 'no_invoice' : null);
}

interface Invoice {
  readonly provider: string;
  readonly month: string;
  readonly amountNanos: bigint;
}

async function readNewestInvoices(tx: Sql): Promise<Invoice[]> {
  const { rows } = await rawSql<Invoice>`
    select distinct on (provider, month) provider, to_char(month, 'YYYY-MM') as month,
      amount_nanos as "amountNanos"
    from provider_invoices order by provider, month, id desc`.execute(tx);
  return rows;
}
