// Every charge of the usage records is part of one settlement, from the lease that it was held in (or
// by the hub, where that had gone back); each settlement, and each window of a budget that its records
// name, has exactly their sum; and nothing was booked that no record charges. What was given back of a
// charge is within it.

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
  }
  for await (const range of rangesOf(snapshot, 'usage_records', 'settlement_id')) {
    await addFound(tx, tally, findUnequal(range));
    await addFound(tx, tally, findUncounted(range));
  }
  for await (const range of rangesOf(snapshot, 'ledger_transactions')) {
    await addFound(tx, tally, findUnexplained(range));
    await addFound(tx, tally, findOtherWays(range));
    await addFound(tx, tally, findGivenBackBeyond(range));
  }
  return conclude('usage_equals_charges', tally);
}

/** Records whose charge is not cost within hold, or whose settlement is none of theirs. */
function findUnsettled(range: Range) {
  return rawSql`
    select case
        when u.charge_nanos <> least(u.cost_nanos, u.hold_nanos) then 'charge_is_not_cost_in_hold'
        when u.charge_nanos = 0 and u.settlement_id is not null then 'booked_without_charge'
        when u.charge_nanos > 0 and t.id is null then 'charge_not_booked'
        when t.book <> u.book or m.takes_right is distinct from true
          or t.kind <> case when u.quarantined then 'quarantine' else 'settle' end
          then 'charge_booked_otherwise'
      end,
      u.id, coalesce(nullif(u.charge_nanos - least(u.cost_nanos, u.hold_nanos), 0), u.charge_nanos)
    from usage_records u
    left join ledger_transactions t on t.id = u.settlement_id
    left join lateral (
      select t.id is null or bool_and(case
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

/**
 * Settlements that are not the sum of their records, or are named after none of them. A charge that is
 * not its cost within its hold was found above already: it may stand for either here.
 */
function findUnequal(range: Range) {
  return rawSql`
    select case
        when t.id is null then null
        when coalesce(m.amount not in (s.charge, s.due), true) then 'booked_amount_differs'
        when t.idempotency_key <> 'settle:' || s.first then 'booked_under_another_key'
      end,
      s.settlement_id, coalesce(nullif(s.charge - m.amount, 0), s.charge)
    from (
      select settlement_id, sum(charge_nanos) as charge,
        sum(least(cost_nanos, hold_nanos)) as due, min(id) as first
      from usage_records where ${within('settlement_id', range)} group by settlement_id
    ) s
    left join ledger_transactions t on t.id = s.settlement_id
    left join lateral (
      select sum(e.amount_nanos) as amount from ledger_entries e
      where e.transaction_id = t.id and e.amount_nanos > 0
    ) m on true`;
}

/** Windows of budgets that did not count the charges that name them, or counted what the hub bore. */
function findUncounted(range: Range) {
  return rawSql`
    select case
        when s.borne_by_hub and c.id is not null then 'counted_though_borne_by_hub'
        when s.borne_by_hub then null
        when c.id is null then 'allowance_not_counted'
        when c.kind <> 'settle' or c.book <> 'allowance' or m.counts_right is distinct from true
          or m.amount <> w.charge then 'allowance_counted_otherwise'
      end,
      w.settlement_id || ':' || w.purse, coalesce(nullif(w.charge - m.amount, 0), w.charge)
    from (
      select u.settlement_id, p.purse, sum(u.charge_nanos) as charge
      from usage_records u, lateral (select distinct unnest(u.allowances)) as p (purse)
      where ${within('u.settlement_id', range)} group by u.settlement_id, p.purse
    ) w
    join ledger_transactions t on t.id = w.settlement_id
    left join lateral (
      select bool_or(a.kind = 'suspense') as borne_by_hub
      from ledger_entries e join ledger_accounts a on a.id = e.account_id
      where e.transaction_id = t.id
    ) s on true
    left join ledger_transactions c on c.idempotency_key = t.idempotency_key || ':' || w.purse
    left join lateral (
      select sum(e.amount_nanos) filter (where e.amount_nanos > 0) as amount,
        bool_and(case when e.amount_nanos > 0 then a.kind = 'revenue'
          else a.kind = 'lease' and a.purse_id = w.purse end) as counts_right
      from ledger_entries e join ledger_accounts a on a.id = e.account_id
      where e.transaction_id = c.id
    ) m on true`;
}

/** Charges in the ledger that no usage record explains. */
function findUnexplained(range: Range) {
  return rawSql`
    select case t.book when 'allowance' then 'counted_without_usage' else 'booked_without_usage' end,
      t.id, (select coalesce(sum(e.amount_nanos), 0) from ledger_entries e
        where e.transaction_id = t.id and e.amount_nanos > 0)
    from ledger_transactions t
    where t.kind in ('settle', 'quarantine') and ${within('t.id', range)}
      and not case t.book
        when 'allowance' then exists (
          select from ledger_transactions s join usage_records u on u.settlement_id = s.id
          where s.idempotency_key = 'settle:' || split_part(t.idempotency_key, ':', 2)
            and substr(t.idempotency_key, length(s.idempotency_key) + 2) = any (u.allowances))
        else exists (select from usage_records u where u.settlement_id = t.id)
      end`;
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
    where t.about is not null and ${within('t.id', range)} 
      and not ledger_charge_holds(t.about, t.about_request)`;
}
