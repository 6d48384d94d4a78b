// Calling leases home: a node that needs money which other nodes hold asks each holder for it. The
// row is the question, a notification makes it heard at once, and its removal is the answer. Holders
// also look for rows themselves, so a lost notification only costs half a second.

import { sql as rawSql } from 'kysely';
import type { Sql } from '../db/database.ts';

export const RECALLS_CHANNEL = 'lease_recalls';
/** A holder that has not answered by then is not waited for. */
export const RECALL_MS = 1_000;

/** Asks every run but one that holds something of this purse to give back what is free. */
export async function recallLeases(tx: Sql, purseId: string, exceptRunId = ''): Promise<void> {
  const { numAffectedRows = 0n } = await rawSql`
    insert into lease_recalls (account_id, run_id, purse_id, asked_at)
    select a.id, a.run_id, a.purse_id, now()
    from ledger_accounts a join node_runs r on r.id = a.run_id
    where a.purse_id = ${purseId} and a.kind = 'lease' and a.balance_nanos > 0
      and a.run_id <> ${exceptRunId} and r.ended_at is null
    on conflict (account_id) do nothing`.execute(tx);
  if (numAffectedRows > 0n) await rawSql`select pg_notify(${RECALLS_CHANNEL}, '')`.execute(tx);
}

/** Whether a holder that was asked within the last second has still to answer. */
export async function awaitsAnswer(sql: Sql, purseId: string): Promise<boolean> {
  const { rows } = await rawSql<{ waiting: boolean }>`
    select exists (select from lease_recalls where purse_id = ${purseId}
      and asked_at > now() - make_interval(secs => ${RECALL_MS / 1_000})) as waiting`.execute(sql);
  return rows[0]?.waiting ?? false;
}

/** The lease accounts that this run is asked to give back from. */
export async function readRecalls(sql: Sql, runId: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('lease_recalls')
    .select('account_id')
    .where('run_id', '=', runId)
    .execute();
  return rows.map((row) => row.account_id);
}

export async function answerRecall(sql: Sql, accountId: string): Promise<void> {
  await sql.deleteFrom('lease_recalls').where('account_id', '=', accountId).execute();
}
