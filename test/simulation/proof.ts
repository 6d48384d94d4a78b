// What must hold when a history is over: the last nano-dollar of every customer is spendable from any
// node; then nothing is held or leased, and the books say exactly what the model says.

import { sql as rawSql } from 'kysely';
import type { BudgetRef } from '../../src/ledger/purse.ts';
import { proveLedger } from '../../src/ledger/balances.ts';
import type { World } from './history.ts';
import { require } from './model.ts';

export interface Customer {
  readonly workspaceId: string;
  readonly keyId: string;
  readonly budgets: { readonly ref: BudgetRef; limitNanos: bigint }[];
  /** About what its requests want. */
  readonly typicalNanos: number;
}

const SECOND = 1_000;

export async function proveHistory(world: World): Promise<void> {
  for (const node of world.nodes) require(node.isServing(), 'every node serves again');
  await proveSpendable(world);
  // Idle money goes home within five seconds.
  await world.time.run(world.time.nowMs() + 5 * SECOND);
  await proveNothingLeased(world);
  await proveBalances(world);
  await proveRecords(world);
  await proveSuspense(world);
  await proveWindows(world);
  const { entriesSumNanos, driftedAccounts, overdrawnAccounts } = await proveLedger(
    world.database.sql,
  );
  require(entriesSumNanos === 0n, 'the ledger sums to zero');
  require(driftedAccounts === 0, 'kept balances are the sums of their entries');
  require(overdrawnAccounts === 0, 'no bounded account is below zero');
}

async function proveSpendable({ time, random, nodes, customers, model }: World): Promise<void> {
  for (const customer of customers) {
    const free = model.freeNanos(customer.workspaceId);
    if (free === 0n) continue;
    // Every node gets a part first, so that the last one has to call it home.
    for (const node of nodes) {
      const part = { ...customer, budgets: [], wantNanos: free / 8n, leastNanos: 0n };
      void node.hold(part).then((hold) => hold.settle(0n));
      await time.run(time.nowMs() + 100);
    }
    const node = nodes[Math.floor(random() * nodes.length)];
    const all = { ...customer, budgets: [], wantNanos: free, leastNanos: free };
    let outcome = 'nothing within a second';
    void node?.hold(all).then(
      (hold) => {
        hold.settle(0n);
        outcome = 'held';
      },
      (error: unknown) => {
        outcome = String(error);
      },
    );
    await time.run(time.nowMs() + SECOND);
    require(outcome === 'held', `all of a balance is spendable from any node (${outcome})`);
  }
}

async function proveNothingLeased({ database }: World): Promise<void> {
  const { rows } = await rawSql<{ leased: number }>`
    select count(*)::int as leased from ledger_accounts
    where kind = 'lease' and balance_nanos <> 0`.execute(database.sql);
  require(rows[0]?.leased === 0, 'nothing stays leased');
}

async function proveBalances({ database, customers, model }: World): Promise<void> {
  for (const { workspaceId } of customers) {
    const row = await database.sql
      .selectFrom('ledger_accounts')
      .select('balance_nanos')
      .where('id', '=', `live:available:${workspaceId}`)
      .executeTakeFirst();
    const expected = model.fundedNanos(workspaceId) - model.paidNanos(workspaceId);
    const booked = row?.balance_nanos ?? 0n;
    require(booked ===
      expected, `a balance is what came in less what was charged (${booked}, not ${expected})`);
  }
}

interface RecordRow {
  readonly id: string;
  readonly charge: bigint;
  readonly settlement: string | null;
  readonly kind: string | null;
  readonly payer: string | null;
}

/** Every record once, each in one settlement that is the sum of its records, and none besides. */
async function proveRecords({ database, model }: World): Promise<void> {
  const { rows } = await rawSql<RecordRow>`
    select u.id, u.charge_nanos as charge, u.settlement_id as settlement, t.kind,
      e.account_id as payer
    from usage_records u
    left join ledger_transactions t on t.id = u.settlement_id
    left join ledger_entries e on e.transaction_id = t.id and e.amount_nanos < 0`.execute(
    database.sql,
  );
  require(rows.length === model.charges.size, 'as many records as requests that were answered');
  const settled = new Map<string, bigint>();
  for (const { id, charge, settlement, kind, payer } of rows) {
    const of = model.charges.get(id);
    require(charge === of?.chargeNanos, 'a record says what the request was charged');
    require((settlement === null) === (charge === 0n), 'what is charged is settled, no more');
    if (settlement === null) continue;
    settled.set(settlement, (settled.get(settlement) ?? 0n) + charge);
    require(kind === (of.quarantined ? 'quarantine' : 'settle'), 'what is in doubt is set aside');
    const lease = `live:lease:${of.workspaceId}:${of.runId}`;
    require(payer === (model.late.has(id) ? 'live:suspense' : lease), 'who held the money pays');
  }
  const booked = await rawSql<{ id: string; amount: bigint }>`
    select t.id, sum(e.amount_nanos)::bigint as amount
    from ledger_transactions t join ledger_entries e on e.transaction_id = t.id
    where t.kind in ('settle', 'quarantine') and t.book = 'live' and e.amount_nanos > 0
    group by t.id`.execute(database.sql);
  require(booked.rows.length === settled.size, 'no settlement without a charge');
  for (const { id, amount } of booked.rows) {
    require(settled.get(id) ===
      amount, 'a settlement is the sum of what its requests were charged');
  }
}

async function proveSuspense({ database, model }: World): Promise<void> {
  let lateNanos = 0n;
  for (const id of model.late) lateNanos += model.charges.get(id)?.chargeNanos ?? 0n;
  const row = await database.sql
    .selectFrom('ledger_accounts')
    .select('balance_nanos')
    .where('id', '=', 'live:suspense')
    .executeTakeFirst();
  require((row?.balance_nanos ?? 0n) === -lateNanos, 'the hub bears what had gone back, no more');
}

async function proveWindows({ database, model }: World): Promise<void> {
  const used = new Map<string, bigint>();
  for (const charge of model.charges.values()) {
    if (model.late.has(charge.requestId)) continue;
    for (const id of charge.allowances) used.set(id, (used.get(id) ?? 0n) + charge.chargeNanos);
  }
  const { rows } = await rawSql<{ id: string; used: bigint }>`
    select w.purse_id as id,
      w.issued_nanos - coalesce((select sum(balance_nanos) from ledger_accounts a
        where a.purse_id = w.purse_id), 0)::bigint as used
    from budget_windows w`.execute(database.sql);
  for (const row of rows) {
    require(row.used === (used.get(row.id) ?? 0n), 'a window has used what its requests cost');
  }
}
