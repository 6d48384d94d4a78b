// Every charge of the usage records was booked once, with its amount, from the lease that it was held
// in (or by the hub, where that had gone back), and counted in the budgets that it names; and nothing
// was booked that no record charges. What was given back of a charge is within it.

import { sql as rawSql } from 'kysely';
import {
  type Proof,
  type ProofResult,
  type Snapshot,
  addFound,
  conclude,
  newTally,
} from '../proof.ts';
import { type Range, rangesOf, within } from '../snapshot.ts';

export const usageEqualsCharges: Proof = Object.freeze({
  id: 'usage_equals_charges',
  holdsByStatement: true,
  prove,
});

async function prove(snapshot: Snapshot): Promise<ProofResult> {
  const { tx } = snapshot;
  const tally = newTally();
  for await (const range of rangesOf(snapshot, 'usage_records')) {
    tally.checked += range.rows;
    await addFound(tx, tally, findUnsettled(range));
    await addFound(tx, tally, findUncounted(range));
  }
  for await (const range of rangesOf(snapshot, 'ledger_transactions')) {
    await addFound(tx, tally, findUnexplained(range));
    await addFound(tx, tally, findOtherWays(range));
    await addFound(tx, tally, findGivenBackBeyond(range));
  }
  return conclude('usage_equals_charges', tally);
}

/** Records whose charge is not cost within hold, or is not what the ledger has under their key. */
function findUnsettled(range: Range) {
  return rawSql`
    select case
        when u.charge_nanos <> least(u.cost_nanos, u.hold_nanos) then 'charge_is_not_cost_in_hold'
        when u.charge_nanos = 0 and t.id is not null then 'booked_without_charge'
        when u.charge_nanos > 0 and t.id is null then 'charge_not_booked'
        when t.book <> u.book or m.takes_right is distinct from true
          or t.kind <> case when u.quarantined then 'quarantine' else 'settle' end
          then 'charge_booked_otherwise'
        when t.id is not null and m.amount <> u.charge_nanos then 'booked_amount_differs'
      end,
      u.id, coalesce(nullif(u.charge_nanos - m.amount, 0),
        nullif(u.charge_nanos - least(u.cost_nanos, u.hold_nanos), 0), u.charge_nanos)
    from usage_records u
    left join ledger_transactions t on t.idempotency_key = 'settle:' || u.id
    left join lateral (
      select sum(e.amount_nanos) filter (where e.amount_nanos > 0) as amount,
        t.id is null or bool_and(case
          when e.amount_nanos > 0
            then a.kind = case when u.quarantined then 'quarantine' else 'revenue' end
          when a.kind = 'lease' then a.workspace_id = u.workspace_id and a.run_id = u.run_id
          else a.kind = 'suspense'
        end) as takes_right
      from ledger_entries e join ledger_accounts a on a.id = e.account_id
      where e.transaction_id = t.id
    ) m on true
    where ${within('u.id', range)}`;
}

/** Windows of budgets that did not count a charge that names them, or counted one that the hub bore. */
function findUncounted(range: Range) {
  return rawSql`
    select case
        when s.borne_by_hub and t.id is not null then 'counted_though_borne_by_hub'
        when s.borne_by_hub then null
        when t.id is null then 'allowance_not_counted'
        when t.kind <> 'settle' or t.book <> 'allowance' or m.counts_right is distinct from true
          or m.amount <> u.charge_nanos then 'allowance_counted_otherwise'
      end,
      u.id || ':' || w.purse, coalesce(nullif(u.charge_nanos - m.amount, 0), u.charge_nanos)
    from usage_records u
    cross join lateral unnest(u.allowances) as w (purse)
    left join lateral (
      select bool_or(a.kind = 'suspense') as borne_by_hub
      from ledger_transactions c
      join ledger_entries e on e.transaction_id = c.id
      join ledger_accounts a on a.id = e.account_id
      where c.idempotency_key = 'settle:' || u.id
    ) s on true
    left join ledger_transactions t on t.idempotency_key = 'settle:' || u.id || ':' || w.purse
    left join lateral (
      select sum(e.amount_nanos) filter (where e.amount_nanos > 0) as amount,
        bool_and(case when e.amount_nanos > 0 then a.kind = 'revenue'
          else a.kind = 'lease' and a.purse_id = w.purse end) as counts_right
      from ledger_entries e join ledger_accounts a on a.id = e.account_id
      where e.transaction_id = t.id
    ) m on true
    where u.charge_nanos > 0 and ${within('u.id', range)}`;
}

/** Charges in the ledger that no usage record explains. */
function findUnexplained(range: Range) {
  return rawSql`
    select case t.book when 'allowance' then 'counted_without_usage' else 'booked_without_usage' end,
      t.id, (select coalesce(sum(e.amount_nanos), 0) from ledger_entries e
        where e.transaction_id = t.id and e.amount_nanos > 0)
    from ledger_transactions t
    left join usage_records u on u.id = split_part(t.idempotency_key, ':', 2)
    where t.kind in ('settle', 'quarantine') and ${within('t.id', range)}
      and not coalesce(case t.book
        when 'allowance' then exists (select from unnest(u.allowances) as w (purse)
          where t.idempotency_key = 'settle:' || u.id || ':' || w.purse)
        else t.idempotency_key = 'settle:' || u.id
      end, false)`;
}

/** Nothing but charges and what is decided about them touches revenue, quarantine and suspense. */
function findOtherWays(range: Range) {
  return rawSql`
    select 'moved_by_another_kind', e.transaction_id, e.amount_nanos
    from ledger_entries e
    join ledger_accounts a on a.id = e.account_id
    join ledger_transactions t on t.id = e.transaction_id
    where a.kind in ('revenue', 'quarantine', 'suspense')
      and t.kind not in ('settle', 'quarantine', 'review', 'refund')
      and ${within('e.transaction_id', range)}`;
}

function findGivenBackBeyond(range: Range) {
  return rawSql`
    select 'given_back_beyond_charge', t.id, (select coalesce(sum(e.amount_nanos), 0)
      from ledger_entries e where e.transaction_id = t.id and e.amount_nanos > 0)
    from ledger_transactions t
    where t.about is not null and ${within('t.id', range)} and not ledger_charge_holds(t.about)`;
}
