// Kept balances are the sums of their entries, no bounded account is below zero, and what an ended
// life of a node had leased is not its any more.

import { sql as rawSql } from 'kysely';
import {
  type Proof,
  type ProofResult,
  type Snapshot,
  addFound,
  conclude,
  newTally,
} from '../proof.ts';
import { rangesOf, within } from '../snapshot.ts';

export const balancesEqualEntries: Proof = Object.freeze({
  id: 'balances_equal_entries',
  holdsByStatement: false,
  prove,
});

async function prove(snapshot: Snapshot): Promise<ProofResult> {
  const { tx } = snapshot;
  // Sums of all accounts at once live in the database, not in this process; gone with the snapshot.
  await rawSql`create temporary table reconciled_sums
    (account_id text primary key, total numeric not null) on commit drop`.execute(tx);
  for await (const range of rangesOf(snapshot, 'ledger_transactions')) {
    await rawSql`
      insert into reconciled_sums
      select account_id, sum(amount_nanos) from ledger_entries
      where ${within('transaction_id', range)} group by account_id
      on conflict (account_id) do update set total = reconciled_sums.total + excluded.total
    `.execute(tx);
  }
  const tally = newTally();
  const { rows } = await rawSql<{ accounts: bigint }>`
    select count(*) as accounts from ledger_accounts`.execute(tx);
  tally.checked = BigInt(rows[0]?.accounts ?? 0);
  await addFound(tx, tally, NOT_THE_SUM);
  await addFound(tx, tally, OVERDRAWN);
  await addFound(tx, tally, ORPHANED);
  return conclude('balances_equal_entries', tally);
}

const NOT_THE_SUM = rawSql`
  select case when a.id is null then 'entries_without_account' else 'balance_is_not_the_sum' end,
    coalesce(a.id, s.account_id), coalesce(a.balance_nanos, 0) - coalesce(s.total, 0)
  from ledger_accounts a full join reconciled_sums s on s.account_id = a.id
  where coalesce(a.balance_nanos, 0) <> coalesce(s.total, 0) or a.id is null`;

const OVERDRAWN = rawSql`
  select 'overdrawn', a.id, least(a.balance_nanos, coalesce(s.total, 0))
  from ledger_accounts a left join reconciled_sums s on s.account_id = a.id
  where a.kind in ('available', 'lease', 'quarantine')
    and (a.balance_nanos < 0 or coalesce(s.total, 0) < 0)`;

const ORPHANED = rawSql`
  select 'lease_of_an_ended_run', a.id, a.balance_nanos
  from ledger_accounts a left join node_runs r on r.id = a.run_id
  where a.kind = 'lease' and a.balance_nanos <> 0 and (r.id is null or r.ended_at is not null)`;
