import fc from 'fast-check';
import { sql as rawSql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/base/ids.ts';
import { type Sql, inTransaction, violatedConstraint } from '../../src/db/database.ts';
import { availableAccount, hubAccount, leaseAccount } from '../../src/ledger/accounts.ts';
import { bookTransactions } from '../../src/ledger/book.ts';
import { type LeaseOwner, returnLease, takeLease } from '../../src/ledger/leases.ts';
import { balancePurse } from '../../src/ledger/purse.ts';
import { endRunsOf, openRun } from '../../src/ledger/runs.ts';
import { type Transaction, grant, settle } from '../../src/ledger/transactions.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { balanceOf, expectBooksInOrder, liveOf, makeRun, makeWorkspace } from './world.ts';

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`the ledger on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
    });
    afterAll(() => open.drop());

    const lease = async (owner: LeaseOwner, wantNanos: bigint, leaseId = newId('txn', 0)) => {
      const leased = await takeLease(sql, owner, { leaseId, wantNanos, aheadNanos: 0n }, 0);
      return leased?.amountNanos ?? -1n;
    };
    const bookNow = (...transactions: Transaction[]) =>
      inTransaction(sql, (tx) => bookTransactions(tx, transactions, Date.now()));

    test('books a transaction once, however often and however concurrently it is sent', async () => {
      const workspaceId = await makeWorkspace(sql);
      const once = grant({ book: 'live', workspaceId, amountNanos: 5n, idempotencyKey: 'once' });
      const booked = await Promise.all(Array.from({ length: 20 }, () => bookNow(once)));
      expect(booked.filter((keys) => keys.size === 1)).toHaveLength(1);
      expect(await balanceOf(sql, availableAccount(liveOf(workspaceId)).id)).toBe(5n);
      await expectBooksInOrder(sql);
    });

    test('books those that are new of several, and says which', async () => {
      const [one, two] = [await makeWorkspace(sql), await makeWorkspace(sql)];
      const grantOf = (workspaceId: string) =>
        grant({ book: 'live', workspaceId, amountNanos: 5n, idempotencyKey: 'several' });
      await bookNow(grantOf(one));
      const booked = await bookNow(grantOf(one), grantOf(two));
      expect([...booked.keys()]).toEqual([grantOf(two).idempotencyKey]);
      for (const workspaceId of [one, two]) {
        expect(await balanceOf(sql, availableAccount(liveOf(workspaceId)).id)).toBe(5n);
      }
      await expectBooksInOrder(sql);
    });

    test('takes several writers of the same accounts, in whatever order they name them', async () => {
      const owners = await Promise.all(Array.from({ length: 12 }, () => makeWorkspace(sql)));
      const writers = Array.from({ length: 10 }, (_, writer) => {
        const transactions = owners.map((workspaceId) =>
          grant({ book: 'live', workspaceId, amountNanos: 1n, idempotencyKey: `writer-${writer}` }),
        );
        return bookNow(...(writer % 2 === 0 ? transactions : transactions.toReversed()));
      });
      await Promise.all(writers);
      for (const workspaceId of owners) {
        expect(await balanceOf(sql, availableAccount(liveOf(workspaceId)).id)).toBe(10n);
      }
    });

    test('refuses to overdraw a bounded account and keeps nothing of the attempt', async () => {
      const workspaceId = await makeWorkspace(sql, 10n);
      const owner = { purse: liveOf(workspaceId), runId: await makeRun(sql) };
      expect(await lease(owner, 4n)).toBe(4n);
      const payer = leaseAccount(owner.purse, owner.runId);
      const charge = settle({ payer, amountNanos: 5n, requestId: newId('req', 0) });
      await expect(bookNow(charge)).rejects.toSatisfy(
        (error) => violatedConstraint(error) === 'ledger_accounts_not_overdrawn',
      );
      expect(await balanceOf(sql, payer.id)).toBe(4n);
      await expectBooksInOrder(sql);
    });

    test('a lease asked for again under the same id is the same lease', async () => {
      const workspaceId = await makeWorkspace(sql, 10n);
      const owner = { purse: liveOf(workspaceId), runId: await makeRun(sql) };
      const leaseId = newId('txn', 0);
      const taken = await Promise.all(Array.from({ length: 8 }, () => lease(owner, 7n, leaseId)));
      expect(taken).toEqual(Array.from({ length: 8 }, () => 7n));
      expect(await balanceOf(sql, availableAccount(liveOf(workspaceId)).id)).toBe(3n);
    });

    test('leases never give out more than there is, whoever asks at the same time', async () => {
      const workspaceId = await makeWorkspace(sql, 100n);
      const nodes = Array.from({ length: 15 }, (_, i) => newId('node', i));
      const runs = await Promise.all(nodes.map((nodeId) => openRun(sql, nodeId, 0)));
      const purse = liveOf(workspaceId);
      const taken = await Promise.all(runs.map((runId) => lease({ purse, runId }, 9n)));
      expect(taken.reduce((sum, amount) => sum + amount, 0n)).toBe(100n);
      for (const nodeId of nodes) await endRunsOf(sql, nodeId, 0);
      expect(await balanceOf(sql, availableAccount(liveOf(workspaceId)).id)).toBe(100n);
      await expectBooksInOrder(sql);
    });

    describe('the database itself', () => {
      const write = (entries: { account_id: string; amount_nanos: bigint }[], key: string) =>
        inTransaction(sql, async (tx) => {
          const id = newId('txn', 2);
          await tx
            .insertInto('ledger_transactions')
            .values({ id, book: 'live', kind: 'grant', idempotency_key: key })
            .execute();
          if (entries.length === 0) return;
          await tx
            .insertInto('ledger_entries')
            .values(entries.map((entry) => ({ ...entry, transaction_id: id })))
            .execute();
        });

      test('refuses entries that do not sum to zero', async () => {
        const workspaceId = await makeWorkspace(sql, 1n);
        const entries = [
          { account_id: 'live:funding', amount_nanos: -5n },
          { account_id: availableAccount(liveOf(workspaceId)).id, amount_nanos: 4n },
        ];
        await expect(write(entries, 'unbalanced')).rejects.toThrow(/does not balance/);
      });

      test('refuses a transaction without entries', async () => {
        await expect(write([], 'empty')).rejects.toThrow(/does not balance/);
      });

      test('refuses entries across books', async () => {
        const live = await makeWorkspace(sql, 1n);
        const play = grant({
          book: 'test',
          workspaceId: live,
          amountNanos: 1n,
          idempotencyKey: 'p',
        });
        await bookNow(play);
        const entries = [
          { account_id: availableAccount(balancePurse('test', live)).id, amount_nanos: -1n },
          { account_id: availableAccount(liveOf(live)).id, amount_nanos: 1n },
        ];
        await expect(write(entries, 'crossed')).rejects.toThrow(/does not balance within its book/);
      });

      test('refuses entries, also balanced ones, that come after their transaction', async () => {
        const workspaceId = await makeWorkspace(sql, 1n);
        const { id } = await sql
          .selectFrom('ledger_transactions')
          .select('id')
          .where('idempotency_key', 'like', `grant:${workspaceId}:%`)
          .executeTakeFirstOrThrow();
        const other = availableAccount(liveOf(await makeWorkspace(sql, 1n))).id;
        const late = [{ transaction_id: id, account_id: other, amount_nanos: 3n }];
        await expect(sql.insertInto('ledger_entries').values(late).execute()).rejects.toThrow(
          /come with their transaction/,
        );
        await expectBooksInOrder(sql);
      });

      for (const statement of [
        'update ledger_entries set amount_nanos = amount_nanos + 1',
        'delete from ledger_entries',
        'truncate ledger_entries cascade',
        "update ledger_transactions set idempotency_key = 'other' || id",
        'delete from ledger_transactions',
        'update ledger_accounts set balance_nanos = balance_nanos + 1',
        'update ledger_accounts set bounded = false',
        'delete from ledger_accounts',
        "insert into ledger_accounts (id, book, kind, bounded, balance_nanos) values ('live:x', 'live', 'revenue', false, 7)",
      ]) {
        test(`refuses: ${statement}`, async () => {
          await makeWorkspace(sql, 1n);
          await expect(rawSql.raw(statement).execute(sql)).rejects.toThrow();
          await expectBooksInOrder(sql);
        });
      }
    });

    test('no sequence of operations breaks an invariant', async () => {
      const operation = fc.record({
        kind: fc.constantFrom('grant', 'lease', 'release', 'settle', 'crash'),
        node: fc.integer({ min: 0, max: 2 }),
        amount: fc.bigInt({ min: 1n, max: 50n }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(operation, { minLength: 1, maxLength: 25 }),
          async (operations) => {
            const workspaceId = await makeWorkspace(sql);
            const purse = liveOf(workspaceId);
            const nodes = [newId('node', 0), newId('node', 1), newId('node', 2)];
            const runs = await Promise.all(nodes.map((nodeId) => openRun(sql, nodeId, 0)));
            const leased = [0n, 0n, 0n];
            let available = 0n;
            let charged = 0n;
            for (const { kind: what, node, amount } of operations) {
              const owner = { purse, runId: runs[node]! };
              if (what === 'grant') {
                const idempotencyKey = newId('txn', 0);
                await bookNow(
                  grant({ book: 'live', workspaceId, amountNanos: amount, idempotencyKey }),
                );
                available += amount;
              } else if (what === 'lease') {
                const got = await lease(owner, amount);
                expect(got).toBe(amount < available ? amount : available);
                available -= got;
                leased[node]! += got;
              } else if (what === 'crash') {
                await endRunsOf(sql, nodes[node]!, 0);
                runs[node] = await openRun(sql, nodes[node]!, 0);
                available += leased[node]!;
                leased[node] = 0n;
              } else {
                const attempt =
                  what === 'release'
                    ? returnLease(sql, owner, newId('txn', 0), amount, 0)
                    : bookNow(
                        settle({
                          payer: leaseAccount(purse, owner.runId),
                          amountNanos: amount,
                          requestId: newId('req', 0),
                        }),
                      );
                if (amount > leased[node]!) await expect(attempt).rejects.toThrow();
                else {
                  await attempt;
                  leased[node]! -= amount;
                  if (what === 'release') available += amount;
                  else charged += amount;
                }
              }
            }
            expect(await balanceOf(sql, availableAccount(liveOf(workspaceId)).id)).toBe(available);
            for (const [i, runId] of runs.entries()) {
              expect(await balanceOf(sql, leaseAccount(purse, runId).id)).toBe(leased[i]);
            }
            const rows = await sql
              .selectFrom('ledger_entries as e')
              .innerJoin('ledger_entries as other', 'other.transaction_id', 'e.transaction_id')
              .select((eb) => eb.fn.sum<string>('e.amount_nanos').as('total'))
              .where('e.account_id', '=', hubAccount('live', 'revenue').id)
              .where('other.account_id', 'like', `live:lease:${workspaceId}:%`)
              .executeTakeFirst();
            expect(BigInt(rows?.total ?? 0)).toBe(charged);
          },
        ),
        { numRuns: kind.name === 'pglite' ? 15 : 40 },
      );
      await expectBooksInOrder(sql);
    });
  });
}
