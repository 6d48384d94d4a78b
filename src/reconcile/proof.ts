// What a proof is and what it finds: how much was checked, what is off, by how much, and the first
// few ids of it. A finding names a fault, an id and an amount, and nothing else.

import { type RawBuilder, sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';
import type { ProviderMonth } from './provider-months.ts';
import type { View } from './snapshot.ts';

export type ProofId =
  | 'entries_sum_to_zero'
  | 'balances_equal_entries'
  | 'usage_equals_charges'
  | 'top_ups_equal_processors'
  | 'costs_equal_invoices';

/** Why a proof says nothing: there is nothing yet to hold the books against. */
export type NoProofReason = 'no_processor' | 'no_invoice';

export interface Finding {
  /** What rule is broken, as a word. */
  readonly fault: string;
  /** The id of what breaks it. */
  readonly subject: string;
  readonly amountNanos: bigint;
}

export interface ProofResult {
  readonly id: ProofId;
  readonly status: 'proven' | 'drift' | 'not_applicable';
  readonly reason: NoProofReason | null;
  readonly checked: bigint;
  /** Everything that is off, of which `findings` lists the first. */
  readonly faults: bigint;
  /** The sizes of all that is off, added up. */
  readonly driftNanos: bigint;
  readonly findings: readonly Finding[];
}

/** A payment processor's own records, held against the ledger's by the room that knows both. */
export interface ProcessorRecords {
  /** Everything that the two disagree about, and how many records were compared. */
  compare(tx: Sql): Promise<{ readonly compared: bigint; readonly findings: readonly Finding[] }>;
}

/** What proofs are given: the view, and what is known beside it. */
export interface Snapshot extends View {
  /** None before there is a processor. */
  readonly processors: readonly ProcessorRecords[];
  /** What each provider's usage of each month cost the hub. */
  readonly providerMonths: readonly ProviderMonth[];
  /** Providers that send no invoice. */
  readonly freeProviders: readonly string[];
}

export interface Proof {
  readonly id: ProofId;
  /** Every statement of it holds by itself, because what it compares is committed together. */
  readonly holdsByStatement: boolean;
  prove(snapshot: Snapshot): Promise<ProofResult>;
}

const MOST_FINDINGS = 50;

/** What a proof has seen so far. */
export interface Tally {
  checked: bigint;
  faults: bigint;
  driftNanos: bigint;
  readonly findings: Finding[];
}

export function newTally(): Tally {
  return { checked: 0n, faults: 0n, driftNanos: 0n, findings: [] };
}

export function addFinding(tally: Tally, finding: Finding): void {
  tally.faults += 1n;
  tally.driftNanos += finding.amountNanos < 0n ? -finding.amountNanos : finding.amountNanos;
  if (tally.findings.length < MOST_FINDINGS) tally.findings.push(finding);
}

interface FoundRow {
  readonly fault: string;
  readonly subject: string;
  readonly amount: string;
  readonly faults: bigint;
  readonly drift: string;
}

/**
 * Adds what a query finds: rows of (fault, subject, amount), a null fault being none. The database
 * counts and sums them all and sends the first few.
 */
export async function addFound(sql: Sql, tally: Tally, query: RawBuilder<unknown>): Promise<void> {
  const { rows } = await rawSql<FoundRow>`
    select fault, subject, amount::text, count(*) over () as faults,
      (sum(abs(amount)) over ())::text as drift
    from (${query}) as found (fault, subject, amount)
    where fault is not null
    order by subject, fault
    limit ${MOST_FINDINGS}`.execute(sql);
  const [first] = rows;
  if (!first) return;
  tally.faults += first.faults;
  tally.driftNanos += BigInt(first.drift);
  for (const { fault, subject, amount } of rows.slice(0, MOST_FINDINGS - tally.findings.length)) {
    tally.findings.push({ fault, subject, amountNanos: BigInt(amount) });
  }
}

/** Drift if anything is off; else proven, or not applicable for the reason that is given. */
export function conclude(
  id: ProofId,
  tally: Tally,
  reason: NoProofReason | null = null,
): ProofResult {
  if (tally.faults > 0n) return { id, status: 'drift', reason: null, ...tally };
  if (reason !== null) return { id, status: 'not_applicable', reason, ...tally };
  return { id, status: 'proven', reason, ...tally };
}
