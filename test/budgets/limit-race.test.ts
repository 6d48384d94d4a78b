// A limit that is lowered while a node leases: whichever commits first, the node is asked to give back
// what it leased under the old one.

import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { setBudget } from '../../src/budgets/manage.ts';
import { listBudgets } from '../../src/budgets/state.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { lease } from '../../src/ledger/transactions.ts';
import { followLimit, openWindow } from '../../src/ledger/windows.ts';
import { makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { makeKey, startRun } from './world.ts';

const { available, label } = TEST_DATABASES.find(({ name }) => name === 'postgres')!;

describe.skipIf(!available)(`a limit that is lowered: ${label}`, () => {
  let opened: OpenTestDatabase;
  let sql: Sql;
  beforeAll(async () => {
    opened = await openTestDatabase('postgres');
    sql = opened.database.sql;
  });
  afterAll(() => opened.drop());

  it('calls home a lease that was under way when it changed', async () => {
    const member = await makeMember(sql);
    const { workspaceId } = member;
    const { keyId } = await makeKey(sql, member);
    const runId = await startRun(sql);
    const set = (limitNanos: bigint) =>
      inTransaction(sql, (tx) =>
        setBudget(tx, { workspaceId, keyId }, 'total', limitNanos, Date.now()),
      );
    await set(1_000n);
    const [budget] = await listBudgets(sql, workspaceId, Date.now());
    const ref = { id: budget?.id ?? '', workspaceId, span: 'total', of: 'key' } as const;
    const { purse } = await openWindow(sql, ref);
    let isLowered = false;
    let lowering: Promise<void> | undefined;
    await inTransaction(sql, async (tx) => {
      await followLimit(tx, purse, Date.now());
      lowering = set(10n).then(() => void (isLowered = true));
      await expect.poll(async () => isLowered || (await countWaiters(sql)) > 0n).toBe(true);
      const leaseId = newId('txn', Date.now());
      const taken = lease({ purse, runId, amountNanos: 900n, leaseId });
      await bookTransactions(tx, [taken], Date.now());
    });
    await lowering;
    expect(await sql.selectFrom('lease_recalls').select('run_id').execute()).toEqual([
      { run_id: runId },
    ]);
  });
});

async function countWaiters(sql: Sql): Promise<bigint> {
  const { rows } = await rawSql<{ waiting: bigint }>`
    select count(*) as waiting from pg_locks where not granted`.execute(sql);
  return rows[0]?.waiting ?? 0n;
}
