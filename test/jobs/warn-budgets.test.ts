// Who is told that a budget is nearly or wholly used, and how often: once for each window and percent.

import { sql as rawSql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { type BudgetOwner, removeBudget, setBudget } from '../../src/budgets/manage.ts';
import { listBudgets } from '../../src/budgets/state.ts';
import { type Sql, inTransaction } from '../../src/db/database.ts';
import type { Role } from '../../src/db/schema-people.ts';
import { warnBudgetsJob } from '../../src/jobs/warn-budgets.ts';
import type { BudgetRef, Span } from '../../src/ledger/purse.ts';
import { leaseOf, makeKey, spend, startRun } from '../budgets/world.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';

const USD = 1_000_000_000n;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`warnings of budgets on ${db.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    let runId: string;
    beforeAll(async () => {
      open = await openTestDatabase(db.name);
      sql = open.database.sql;
      runId = await startRun(sql);
    });
    afterEach(() => sql.deleteFrom('mails').execute());
    afterAll(() => open.drop());

    /** Somebody else in the owner's workspace. */
    const join = async ({ workspaceId }: Member, role: Role): Promise<Member> => {
      const { person } = await makeMember(sql);
      const member = { workspace_id: workspaceId, person_id: person.id, role };
      await sql.insertInto('members').values(member).execute();
      return { person, workspaceId };
    };
    const budgetOf = async (
      owner: BudgetOwner,
      span: Span,
      limitNanos: bigint,
    ): Promise<BudgetRef> => {
      await inTransaction(sql, (tx) => setBudget(tx, owner, span, limitNanos, Date.now()));
      const id = 'keyId' in owner ? owner.keyId : owner.personId;
      const budgets = await listBudgets(sql, owner.workspaceId, Date.now());
      const budget = budgets.find(
        (each) => (each.keyId ?? each.personId) === id && each.span === span,
      );
      const of = 'keyId' in owner ? 'key' : 'member';
      return { id: budget?.id ?? '', workspaceId: owner.workspaceId, span, of };
    };
    const run = () => warnBudgetsJob(sql, systemClock).run(new AbortController().signal);
    const told = async () => {
      await run();
      const rows = await sql.selectFrom('mails').selectAll().orderBy('id').execute();
      await sql.deleteFrom('mails').execute();
      return rows.map(({ address, facts }) => [address, facts['percent']] as const);
    };
    const emails = (...members: Member[]) => members.map(({ person }) => person.email).toSorted();

    it('go to the maker of a key and to the owner, at 80 and at 100 per cent, once each', async () => {
      const owner = await makeMember(sql);
      const maker = await join(owner, 'developer');
      await join(owner, 'admin');
      const { keyId } = await makeKey(sql, maker);
      const { workspaceId } = owner;
      const budget = await budgetOf({ workspaceId, keyId }, 'daily', 10n * USD);
      await spend(sql, runId, budget, (79n * USD) / 10n);
      expect(await told()).toEqual([]);
      await spend(sql, runId, budget, USD / 10n);
      await run();
      const rows = await sql.selectFrom('mails').selectAll().orderBy('address').execute();
      expect(rows.map(({ address }) => address)).toEqual(emails(owner, maker));
      expect(rows[0]).toMatchObject({
        kind: 'budget_reached',
        facts: {
          workspaceName: 'Test',
          of: 'key',
          ownerName: 'laptop',
          span: 'daily',
          limitUsd: '10',
          percent: 80,
        },
      });
      await sql.deleteFrom('mails').execute();
      // What was told stays told when its message is forgotten.
      expect(await told()).toEqual([]);
      await spend(sql, runId, budget, (195n * USD) / 100n);
      const last = await told();
      expect(last.map(([, percent]) => percent)).toEqual([100, 100]);
      expect(await told()).toEqual([]);
    });

    it('go to the member whose budget it is, and once to somebody who is both', async () => {
      const owner = await makeMember(sql);
      const { workspaceId, person } = owner;
      const own = await budgetOf({ workspaceId, personId: person.id }, 'total', USD);
      await spend(sql, runId, own, USD);
      expect(await told()).toEqual([[person.email, 100]]);
      const member = await join(owner, 'developer');
      const of = { workspaceId, personId: member.person.id };
      await spend(sql, runId, await budgetOf(of, 'monthly', USD), USD);
      const rows = await told();
      expect(rows.map(([address]) => address).toSorted()).toEqual(emails(owner, member));
    });

    it('are not sent of a window that is over', async () => {
      const owner = await makeMember(sql);
      const { keyId } = await makeKey(sql, owner);
      const budget = await budgetOf({ workspaceId: owner.workspaceId, keyId }, 'daily', USD);
      await spend(sql, runId, budget, USD);
      expect(await told()).toHaveLength(1);
      // As if all of it had been yesterday.
      await inTransaction(sql, async (tx) => {
        await rawSql`update budget_windows set starts_at = starts_at - interval '1 day'
          where budget_id = ${budget.id}`.execute(tx);
        await rawSql`update budgets set window_start = window_start - interval '1 day'
          where id = ${budget.id}`.execute(tx);
        await rawSql`update budget_windows set told_percent = 0
          where budget_id = ${budget.id}`.execute(tx);
      });
      expect(await told()).toEqual([]);
    });

    it('do not count what nodes have leased and not spent', async () => {
      const owner = await makeMember(sql);
      const { keyId } = await makeKey(sql, owner);
      const budget = await budgetOf({ workspaceId: owner.workspaceId, keyId }, 'weekly', USD);
      await leaseOf(sql, runId, budget, USD);
      expect(await told()).toEqual([]);
    });

    it('are not sent of what is removed, revoked or zero, or to who has left', async () => {
      const owner = await makeMember(sql);
      const { workspaceId } = owner;
      const spent = async (maker: Member) => {
        const { keyId } = await makeKey(sql, maker);
        const budget = await budgetOf({ workspaceId, keyId }, 'total', USD);
        await spend(sql, runId, budget, USD);
        return { workspaceId, keyId };
      };
      const removed = await spent(owner);
      await inTransaction(sql, (tx) => removeBudget(tx, removed, 'total', Date.now()));
      const { keyId } = await spent(owner);
      const at = { revoked_at: new Date() };
      await sql.updateTable('api_keys').set(at).where('id', '=', keyId).execute();
      const { keyId: zero } = await makeKey(sql, owner);
      await budgetOf({ workspaceId, keyId: zero }, 'total', 0n);
      expect(await told()).toEqual([]);
      const leaver = await join(owner, 'developer');
      await spent(leaver);
      const id = leaver.person.id;
      await sql
        .deleteFrom('members')
        .where('person_id', '=', id)
        .where('workspace_id', '=', workspaceId)
        .execute();
      expect(await told()).toEqual([[owner.person.email, 100]]);
    });

    it('are told once by any number of nodes at once', async () => {
      const owner = await makeMember(sql);
      const { keyId } = await makeKey(sql, owner);
      const budget = await budgetOf({ workspaceId: owner.workspaceId, keyId }, 'total', USD);
      await spend(sql, runId, budget, USD);
      await Promise.all([run(), run(), run()]);
      expect(await sql.selectFrom('mails').select('id').execute()).toHaveLength(1);
    });
  });
}
