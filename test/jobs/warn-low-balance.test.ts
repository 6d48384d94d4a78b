// Who is told of a low balance, and when again: only once it was above the amount in between, however
// short a while.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import type { Book, Role } from '../../src/db/schema-people.ts';
import { warnLowBalanceJob } from '../../src/jobs/warn-low-balance.ts';
import { leaseAccount } from '../../src/ledger/accounts.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { balancePurse } from '../../src/ledger/purse.ts';
import { openRun } from '../../src/ledger/runs.ts';
import { grant, lease, settle } from '../../src/ledger/transactions.ts';
import { makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

const USD = 1_000_000_000n;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`warnings of a low balance on ${db.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    let runId: string;
    beforeAll(async () => {
      open = await openTestDatabase(db.name);
      sql = open.database.sql;
      runId = await openRun(sql, newId('node', 0), 0);
    });
    afterEach(async () => {
      await sql.deleteFrom('mails').execute();
      await sql.updateTable('workspaces').set({ low_balance_nanos: null }).execute();
    });
    afterAll(() => open.drop());

    /** A workspace that wants to be told below five dollars. */
    const makeWorkspace = async () => {
      const { workspaceId, person } = await makeMember(sql);
      await warnBelow(workspaceId, 5n * USD);
      return { workspaceId, email: person.email };
    };
    const warnBelow = (workspaceId: string, low_balance_nanos: bigint | null) =>
      sql
        .updateTable('workspaces')
        .set({ low_balance_nanos })
        .where('id', '=', workspaceId)
        .execute();
    const join = async (workspaceId: string, role: Role): Promise<string> => {
      const { person } = await makeMember(sql);
      const member = { workspace_id: workspaceId, person_id: person.id, role };
      await sql.insertInto('members').values(member).execute();
      return person.email;
    };
    const give = (workspaceId: string, amountNanos: bigint, book: Book = 'live') => {
      const idempotencyKey = newId('txn', Date.now());
      const of = { ...balancePurse(book, workspaceId), book, amountNanos, idempotencyKey };
      return inTransaction(sql, (tx) => bookTransactions(tx, [grant(of)], Date.now()));
    };
    const charge = async (workspaceId: string, amountNanos: bigint) => {
      const purse = balancePurse('live', workspaceId);
      const requestId = newId('req', Date.now());
      const leased = lease({ purse, runId, amountNanos, leaseId: requestId });
      const payer = leaseAccount(purse, runId);
      const settled = settle({ payer, amountNanos, requestId });
      await inTransaction(sql, (tx) => bookTransactions(tx, [leased, settled], Date.now()));
    };
    const run = () => warnLowBalanceJob(sql, systemClock).run(new AbortController().signal);
    const told = async () => {
      await run();
      const rows = await sql.selectFrom('mails').selectAll().orderBy('address').execute();
      await sql.deleteFrom('mails').execute();
      return rows;
    };
    const count = async () => (await told()).length;

    it('go to the owner and to billing members, with the balance in whole cents', async () => {
      const { workspaceId, email } = await makeWorkspace();
      const billing = await join(workspaceId, 'billing');
      for (const role of ['admin', 'developer', 'viewer'] as const) await join(workspaceId, role);
      await give(workspaceId, 20n * USD);
      expect(await count()).toBe(0);
      await charge(workspaceId, 15n * USD);
      // Five dollars are not below five dollars.
      expect(await count()).toBe(0);
      await charge(workspaceId, 1n);
      const rows = await told();
      expect(rows.map(({ address }) => address)).toEqual([email, billing].toSorted());
      expect(rows[0]).toMatchObject({
        kind: 'low_balance',
        facts: { workspaceName: 'Test', balanceUsd: '4.99', thresholdUsd: '5' },
      });
    });

    it('come once, whatever is spent and however little comes in', async () => {
      const { workspaceId } = await makeWorkspace();
      await give(workspaceId, 2n * USD);
      expect(await count()).toBe(1);
      await charge(workspaceId, USD);
      expect(await count()).toBe(0);
      await give(workspaceId, 2n * USD);
      expect(await count()).toBe(0);
    });

    it('come again after the balance was seen above the amount', async () => {
      const { workspaceId } = await makeWorkspace();
      expect(await count()).toBe(1);
      await give(workspaceId, 3n * USD);
      await give(workspaceId, 3n * USD);
      expect(await count()).toBe(0);
      await charge(workspaceId, 2n * USD);
      expect(await count()).toBe(1);
    });

    it('come again where nobody looked while it was above', async () => {
      const { workspaceId } = await makeWorkspace();
      expect(await count()).toBe(1);
      await give(workspaceId, 5n * USD);
      await charge(workspaceId, 3n * USD);
      expect(await count()).toBe(1);
      expect(await count()).toBe(0);
    });

    it('count money that nodes hold, and no play money', async () => {
      const { workspaceId } = await makeWorkspace();
      await give(workspaceId, 6n * USD);
      const purse = balancePurse('live', workspaceId);
      const leased = lease({ purse, runId, amountNanos: 6n * USD, leaseId: newId('txn', 0) });
      await inTransaction(sql, (tx) => bookTransactions(tx, [leased], Date.now()));
      expect(await count()).toBe(0);
      const other = await makeWorkspace();
      await give(other.workspaceId, 100n * USD, 'test');
      expect(await count()).toBe(1);
    });

    it('are not sent where nobody wants them, and come once they are wanted again', async () => {
      const { workspaceId } = await makeWorkspace();
      await warnBelow(workspaceId, null);
      expect(await count()).toBe(0);
      await warnBelow(workspaceId, 5n * USD);
      expect(await count()).toBe(1);
      await warnBelow(workspaceId, null);
      expect(await count()).toBe(0);
      await warnBelow(workspaceId, 5n * USD);
      expect(await count()).toBe(1);
    });

    it('are told once by any number of nodes at once', async () => {
      await makeWorkspace();
      await Promise.all([run(), run(), run()]);
      expect(await sql.selectFrom('mails').select('id').execute()).toHaveLength(1);
    });
  });
}
