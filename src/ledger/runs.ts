// A run is one life of a gateway node. It says every few seconds that it lives; one that has not been
// seen for too long is ended by the others, and what it had leased goes back to the customers. All that
// touches a run's leases holds its row's key lock, so an expiry never meets half a lease.

import { sql as rawSql } from 'kysely';
import { assert } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { bookTransactions } from './book.ts';
import { release } from './transactions.ts';

/**
 * Begins a run, or goes on with the one that is open: a node that lost the answer asks again. What
 * earlier lives of the node left open is ended before (`endRunsOf`).
 */
export async function openRun(sql: Sql, nodeId: string, wallMs: number): Promise<string> {
  const { rows } = await rawSql<{ id: string }>`
    insert into node_runs (id, node_id, started_at, seen_at)
    values (${newId('run', wallMs)}, ${nodeId}, now(), now())
    on conflict (node_id) where ended_at is null do update set seen_at = now()
    returning id`.execute(sql);
  const [row] = rows;
  assert(row, 'a run is opened');
  return row.id;
}

/** Says that the run lives; false when others have ended it. */
export async function markSeen(sql: Sql, runId: string): Promise<boolean> {
  const { numAffectedRows } = await rawSql`
    update node_runs set seen_at = now(), beats = beats + 1
    where id = ${runId} and ended_at is null`.execute(sql);
  return numAffectedRows === 1n;
}

/** Which of these runs are still open; holds their key locks until the transaction ends. */
export async function lockOpenRuns(
  tx: Sql,
  runIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom('node_runs')
    .select(['id', 'ended_at'])
    .where('id', 'in', [...runIds])
    .orderBy('id')
    .forKeyShare()
    .execute();
  return new Set(rows.filter((row) => row.ended_at === null).map((row) => row.id));
}

/**
 * Ends what earlier lives of this node left open and gives back what they held. Call it after the
 * node's journal is drained; then what is still leased is exactly what was not spent.
 */
export async function endRunsOf(sql: Sql, nodeId: string, wallMs: number): Promise<void> {
  await inTransaction(sql, async (tx) => {
    const { rows } = await rawSql<{ id: string }>`
      select id from node_runs where node_id = ${nodeId} and ended_at is null
      for update`.execute(tx);
    for (const { id } of rows) await endRun(tx, id, false, wallMs);
  });
}

export interface OpenRun {
  readonly id: string;
  /** How many signs of life it has given. */
  readonly beats: bigint;
}

export async function listOpenRuns(sql: Sql): Promise<OpenRun[]> {
  return sql
    .selectFrom('node_runs')
    .select(['id', 'beats'])
    .where('ended_at', 'is', null)
    .execute();
}

/**
 * Ends a run that has given no sign of life beyond `beats`; false when it has, or is ended already. Its
 * node stopped spending some time before; what it still had under way is borne by the hub.
 */
export async function expireRun(sql: Sql, run: OpenRun, wallMs: number): Promise<boolean> {
  return inTransaction(sql, async (tx) => {
    const row = await tx
      .selectFrom('node_runs')
      .select('id')
      .where('id', '=', run.id)
      .where('beats', '=', run.beats)
      .where('ended_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (row) await endRun(tx, run.id, true, wallMs);
    return row !== undefined;
  });
}

async function endRun(tx: Sql, runId: string, expired: boolean, wallMs: number): Promise<void> {
  const accounts = await tx
    .selectFrom('ledger_accounts')
    .select(['book', 'workspace_id', 'purse_id', 'balance_nanos'])
    .where('run_id', '=', runId)
    .where('balance_nanos', '>', 0n)
    .execute();
  const releases = accounts.map((account) => {
    const id = account.purse_id ?? '';
    const purse = { book: account.book, id, workspaceId: account.workspace_id ?? '' };
    const releaseId = `${runId}:${account.book}:${id}`;
    return release({ purse, runId, releaseId, amountNanos: account.balance_nanos });
  });
  if (releases.length > 0) await bookTransactions(tx, releases, wallMs);
  await tx.deleteFrom('lease_recalls').where('run_id', '=', runId).execute();
  await rawSql`update node_runs set ended_at = now(), expired = ${expired}
    where id = ${runId}`.execute(tx);
}
