// What reconciliations found, kept as numbers, ids and words from closed lists.

import { sql as rawSql } from 'kysely';
import { type Sql, inTransaction } from '../db/database.ts';
import type { Finding, ProofResult } from './proof.ts';
import type { ProviderMonth } from './provider-months.ts';

export interface FinishedReconciliation {
  readonly cause: 'schedule' | 'operator';
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly results: readonly ProofResult[];
  readonly providerMonths: readonly ProviderMonth[];
}

/** Keeps a reconciliation with its proofs and findings, and what the providers' months cost. */
export async function recordReconciliation(sql: Sql, of: FinishedReconciliation): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const { id } = await tx
      .insertInto('reconciliations')
      .values({
        cause: of.cause,
        status: of.results.some(({ status }) => status === 'drift') ? 'drift' : 'proven',
        started_at: new Date(of.startedMs),
        finished_at: new Date(of.finishedMs),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    for (const result of of.results) await recordProof(tx, id, result);
    await recordMonths(tx, of.providerMonths);
  });
}

async function recordProof(tx: Sql, reconciliationId: bigint, result: ProofResult): Promise<void> {
  const of = { reconciliation_id: reconciliationId, proof: result.id };
  await tx
    .insertInto('reconciliation_proofs')
    .values({
      ...of,
      status: result.status,
      reason: result.reason,
      checked: result.checked,
      faults: result.faults,
      drift_nanos: result.driftNanos.toString(),
    })
    .execute();
  if (result.findings.length === 0) return;
  const rows = result.findings.map(({ fault, subject, amountNanos }, i) => ({
    ...of,
    position: i + 1,
    fault,
    subject,
    amount_nanos: amountNanos.toString(),
  }));
  await tx.insertInto('reconciliation_findings').values(rows).execute();
}

async function recordMonths(tx: Sql, months: readonly ProviderMonth[]): Promise<void> {
  if (months.length === 0) return;
  const rows = months.map(({ provider, month, costNanos }) => ({
    provider,
    month: `${month}-01`,
    cost_nanos: costNanos.toString(),
  }));
  await tx
    .insertInto('provider_months')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['provider', 'month'])
        .doUpdateSet((eb) => ({ cost_nanos: eb.ref('excluded.cost_nanos') })),
    )
    .execute();
}

export interface Reconciliation {
  readonly id: bigint;
  readonly cause: 'schedule' | 'operator';
  readonly status: 'proven' | 'drift';
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly proofs: readonly KeptProof[];
}

export interface KeptProof {
  readonly id: string;
  readonly status: 'proven' | 'drift' | 'not_applicable';
  readonly reason: string | null;
  readonly checked: bigint;
  readonly faults: bigint;
  readonly driftNanos: bigint;
  readonly findings: readonly Finding[];
}

/** The newest reconciliations with everything that they found. */
export async function listReconciliations(sql: Sql, limit: number): Promise<Reconciliation[]> {
  const runs = await sql
    .selectFrom('reconciliations')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  if (runs.length === 0) return [];
  const ids = runs.map(({ id }) => id);
  const proofs = await sql
    .selectFrom('reconciliation_proofs')
    .selectAll()
    .where('reconciliation_id', 'in', ids)
    .execute();
  const findings = await sql
    .selectFrom('reconciliation_findings')
    .selectAll()
    .where('reconciliation_id', 'in', ids)
    .orderBy('position')
    .execute();
  return runs.map((run) => ({
    id: run.id,
    cause: run.cause,
    status: run.status,
    startedAt: run.started_at,
    finishedAt: run.finished_at,
    proofs: proofs
      .filter((proof) => proof.reconciliation_id === run.id)
      .map((proof) => ({
        id: proof.proof,
        status: proof.status,
        reason: proof.reason,
        checked: proof.checked,
        faults: proof.faults,
        driftNanos: BigInt(proof.drift_nanos),
        findings: findings
          .filter((row) => row.reconciliation_id === run.id && row.proof === proof.proof)
          .map(({ fault, subject, amount_nanos }) => ({
            fault,
            subject,
            amountNanos: BigInt(amount_nanos),
          })),
      })),
  }));
}

/** Whether the newest reconciliation found the books to drift; false before the first. */
export async function hasDrift(sql: Sql): Promise<boolean> {
  const { rows } = await rawSql<{ status: string }>`
    select status from reconciliations order by id desc limit 1`.execute(sql);
  return rows[0]?.status === 'drift';
}
