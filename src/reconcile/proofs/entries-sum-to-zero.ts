// The ledger sums to zero: every transaction by itself, within its own book, and every book as a
// whole. Entries without a transaction count against both.

import { sql as rawSql } from 'kysely';
import {
  type Proof,
  type ProofResult,
  type Snapshot,
  addFinding,
  addFound,
  conclude,
  newTally,
} from '../proof.ts';
import { type Range, rangesOf, within } from '../snapshot.ts';

export const entriesSumToZero: Proof = Object.freeze({
  id: 'entries_sum_to_zero',
  holdsByStatement: true,
  prove,
});

async function prove(snapshot: Snapshot): Promise<ProofResult> {
  const { tx } = snapshot;
  const byTransaction = newTally();
  const books = new Map<string, bigint>();
  for await (const range of rangesOf(snapshot, 'ledger_transactions')) {
    byTransaction.checked += range.rows;
    await addFound(tx, byTransaction, findUnbalanced(range));
    const { rows } = await rawSql<{ book: string | null; total: string }>`
      select a.book, sum(e.amount_nanos)::text as total
      from ledger_entries e left join ledger_accounts a on a.id = e.account_id
      where ${within('e.transaction_id', range)} group by a.book`.execute(tx);
    for (const { book, total } of rows) {
      books.set(book ?? 'unknown', (books.get(book ?? 'unknown') ?? 0n) + BigInt(total));
    }
  }
  const byBook = newTally();
  for (const [subject, amountNanos] of books) {
    if (amountNanos !== 0n)
      addFinding(byBook, { fault: 'book_not_balanced', subject, amountNanos });
  }
  // What a book is off by is off in its transactions as well, so only the larger one counts.
  const drifts = [byTransaction.driftNanos, byBook.driftNanos] as const;
  return conclude('entries_sum_to_zero', {
    checked: byTransaction.checked,
    faults: byTransaction.faults + byBook.faults,
    driftNanos: drifts[0] > drifts[1] ? drifts[0] : drifts[1],
    findings: [...byBook.findings, ...byTransaction.findings].slice(0, 50),
  });
}

function findUnbalanced(range: Range) {
  return rawSql`
    select case
        when t.id is null then 'entries_without_transaction'
        when e.transaction_id is null then 'transaction_without_entries'
        when e.total <> 0 then 'transaction_not_balanced'
        when e.lowest is distinct from t.book or e.highest is distinct from t.book
          or e.homeless > 0 then 'transaction_leaves_its_book'
      end,
      coalesce(t.id, e.transaction_id), coalesce(e.total, 0)
    from (select id, book from ledger_transactions where ${within('id', range)}) t
    full join (
      select e.transaction_id, sum(e.amount_nanos) as total, min(a.book) as lowest,
        max(a.book) as highest, count(*) filter (where a.id is null) as homeless
      from ledger_entries e left join ledger_accounts a on a.id = e.account_id
      where ${within('e.transaction_id', range)} group by e.transaction_id
    ) e on e.transaction_id = t.id`;
}
