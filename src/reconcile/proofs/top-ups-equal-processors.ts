// What came in equals what the payment processors say came in. Before there is a processor, money
// enters by the operator's grants alone: each is one transfer from funding to a customer's balance,
// and funding has given exactly their sum.

import { sql as rawSql } from 'kysely';
import {
  type Proof,
  type ProofResult,
  type Snapshot,
  type Tally,
  addFinding,
  addFound,
  conclude,
  newTally,
} from '../proof.ts';
import { type Range, rangesOf, within } from '../snapshot.ts';

export const topUpsEqualProcessors: Proof = Object.freeze({
  id: 'top_ups_equal_processors',
  holdsByStatement: false,
  prove,
});

async function prove(snapshot: Snapshot): Promise<ProofResult> {
  const { tx, processors } = snapshot;
  const tally = newTally();
  await proveGrants(snapshot, tally);
  for (const processor of processors) {
    const { compared, findings } = await processor.compare(tx);
    tally.checked += compared;
    for (const finding of findings) addFinding(tally, finding);
  }
  const reason = processors.length === 0 ? 'no_processor' : null;
  return conclude('top_ups_equal_processors', tally, reason);
}

async function proveGrants(snapshot: Snapshot, tally: Tally): Promise<void> {
  const { tx } = snapshot;
  const granted = new Map<string, bigint>();
  for await (const range of rangesOf(snapshot, 'ledger_transactions')) {
    await addFound(tx, tally, findOddGrants(range));
    const { rows } = await rawSql<{ book: string; grants: bigint; total: string }>`
      select t.book, count(distinct t.id) as grants, coalesce(sum(e.amount_nanos), 0)::text as total
      from ledger_transactions t
      left join ledger_entries e on e.transaction_id = t.id and e.amount_nanos > 0
      where t.kind = 'grant' and ${within('t.id', range)} group by t.book`.execute(tx);
    for (const { book, grants, total } of rows) {
      tally.checked += grants;
      granted.set(book, (granted.get(book) ?? 0n) + BigInt(total));
    }
  }
  const accounts = await tx
    .selectFrom('ledger_accounts')
    .select(['id', 'book', 'balance_nanos'])
    .where('kind', '=', 'funding')
    .where('book', 'in', ['live', 'test'])
    .execute();
  for (const { id: subject, book, balance_nanos } of accounts) {
    const amountNanos = balance_nanos + (granted.get(book) ?? 0n);
    if (amountNanos !== 0n)
      addFinding(tally, { fault: 'funding_is_not_grants', subject, amountNanos });
  }
}

function findOddGrants(range: Range) {
  return rawSql`
    select 'grant_is_not_from_funding', t.id,
      coalesce(sum(e.amount_nanos) filter (where e.amount_nanos > 0), 0)
    from ledger_transactions t
    left join ledger_entries e on e.transaction_id = t.id
    left join ledger_accounts a on a.id = e.account_id
    where t.kind = 'grant' and ${within('t.id', range)}
    group by t.id, t.book
    having not (t.book in ('live', 'test') and count(*) = 2 and coalesce(bool_and(
      a.kind = case when e.amount_nanos > 0 then 'available' else 'funding' end), false))`;
}
