// Tells the people who pay that the live balance has fallen below the amount that they set: once, and
// again only after it was above it in between. The workspace's row remembers that they were told.

import { sql as rawSql } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { formatUsd } from '../base/money.ts';
import { type Sql, inTransaction } from '../db/database.ts';
import { queueMail } from '../mail/queue.ts';
import { type Job, every } from './job.ts';

const INTERVAL_MS = 5 * 60_000;
/** Whole cents: the message is no statement of account. */
const CENT_NANOS = 10_000_000n;

interface LowBalance {
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly thresholdNanos: bigint;
  readonly balanceNanos: bigint;
  readonly toldAt: Date;
}

export function warnLowBalanceJob(sql: Sql, clock: Clock): Job {
  return {
    name: 'warn-low-balance',
    dueMs: every(INTERVAL_MS),
    run: (signal) =>
      inTransaction(sql, async (tx) => {
        await forgetRecovered(tx);
        for (const low of await takeLow(tx)) {
          signal.throwIfAborted();
          await tell(tx, low, clock.wallMs());
        }
      }),
  };
}

const LIVE_BALANCE = rawSql<bigint>`(select coalesce(sum(balance_nanos), 0)::bigint
  from ledger_accounts where workspace_id = w.id and book = 'live')`;

/**
 * Balances that are above their amount again, or were: whatever was there before and went since, after
 * a grant of that amount or more it was.
 */
async function forgetRecovered(tx: Sql): Promise<void> {
  await rawSql`
    update workspaces w set low_balance_told_at = null
    where low_balance_told_at is not null and (low_balance_nanos is null
      or ${LIVE_BALANCE} >= low_balance_nanos
      or exists (
        select from ledger_transactions t
        join ledger_entries e on e.transaction_id = t.id
        join ledger_accounts a on a.id = e.account_id
        where t.kind = 'grant' and t.book = 'live' and t.created_at > w.low_balance_told_at
          and a.workspace_id = w.id and e.amount_nanos >= w.low_balance_nanos))
  `.execute(tx);
}

async function takeLow(tx: Sql): Promise<LowBalance[]> {
  const { rows } = await rawSql<LowBalance>`
    update workspaces w set low_balance_told_at = now()
    where low_balance_told_at is null and low_balance_nanos > ${LIVE_BALANCE}
    returning id as "workspaceId", name as "workspaceName", low_balance_nanos as "thresholdNanos",
      ${LIVE_BALANCE} as "balanceNanos", low_balance_told_at as "toldAt"`.execute(tx);
  return rows;
}

async function tell(tx: Sql, low: LowBalance, wallMs: number): Promise<void> {
  const { workspaceId, workspaceName, balanceNanos, thresholdNanos, toldAt } = low;
  const readers = await tx
    .selectFrom('members')
    .innerJoin('people', 'people.id', 'members.person_id')
    .select(['people.id', 'people.email'])
    .where('members.workspace_id', '=', workspaceId)
    .where('members.role', 'in', ['owner', 'billing'])
    .execute();
  const facts = {
    workspaceName,
    balanceUsd: formatUsd(balanceNanos - (balanceNanos % CENT_NANOS)),
    thresholdUsd: formatUsd(thresholdNanos),
  };
  for (const { id, email } of readers) {
    const onceKey = `low_balance:${workspaceId}:${toldAt.toISOString()}:${id}`;
    const mail = { kind: 'low_balance' as const, address: email, personId: id, onceKey, facts };
    await queueMail(tx, mail, wallMs);
  }
}
