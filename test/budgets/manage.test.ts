import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BudgetOwner, removeBudget, setBudget } from '../../src/budgets/manage.ts';
import { listBudgets, readBudgets, tightestOf } from '../../src/budgets/state.ts';
import { windowStart } from '../../src/budgets/spans.ts';
import { type Sql, inTransaction, violatedConstraint } from '../../src/db/database.ts';
import type { BudgetRef, Span } from '../../src/ledger/purse.ts';
import { type Member, makeMember } from '../identity/world.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { leaseOf, makeKey, spend, startRun } from './world.ts';

const DAY_MS = 86_400_000;
/** Far beyond 32 bits of nano-dollars, dollars even; the most that the console takes. */
const MOST_NANOS = 9_999_999_999_999_999n;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let database: OpenTestDatabase;
    let sql: Sql;
    let member: Member;
    let runId: string;
    beforeAll(async () => {
      database = await openTestDatabase(db.name);
      sql = database.database.sql;
      member = await makeMember(sql);
      runId = await startRun(sql);
    });
    afterAll(() => database.drop());

    const set = (owner: BudgetOwner, span: Span, limitNanos: bigint, wallMs = Date.now()) =>
      inTransaction(sql, (tx) => setBudget(tx, owner, span, limitNanos, wallMs));
    const remove = (owner: BudgetOwner, span: Span) =>
      inTransaction(sql, (tx) => removeBudget(tx, owner, span, Date.now()));
    const newOwner = async (): Promise<{ workspaceId: string; keyId: string }> => {
      const { keyId } = await makeKey(sql, member);
      return { workspaceId: member.workspaceId, keyId };
    };
    const listOf = async (ownerId: string, wallMs = Date.now()) =>
      (await listBudgets(sql, member.workspaceId, wallMs)).filter(
        ({ keyId, personId }) => (keyId ?? personId) === ownerId,
      );
    const refOf = async (ownerId: string, span: Span): Promise<BudgetRef> => {
      const budget = (await listOf(ownerId)).find((each) => each.span === span);
      if (!budget) throw new Error('there is no such budget');
      const of = budget.keyId === null ? 'member' : 'key';
      return { id: budget.id, workspaceId: member.workspaceId, span, of };
    };

    it('keeps one budget of each span, exact to the nano-dollar', async () => {
      const owner = await newOwner();
      await set(owner, 'daily', MOST_NANOS);
      await set(owner, 'daily', 0n);
      await set(owner, 'daily', 4_294_967_297n);
      await set(owner, 'total', MOST_NANOS);
      const listed = await listOf(owner.keyId);
      expect(listed.map(({ span, limitNanos }) => [span, limitNanos])).toEqual([
        ['daily', 4_294_967_297n],
        ['total', MOST_NANOS],
      ]);
      expect(listed[0]).toMatchObject({ usedNanos: 0n, remainingNanos: 4_294_967_297n });
    });

    it('keeps one even where it is set many times at once', async () => {
      const owner = await newOwner();
      await Promise.all(Array.from({ length: 8 }, (_, i) => set(owner, 'weekly', BigInt(i + 1))));
      expect(await listOf(owner.keyId)).toHaveLength(1);
    });

    it('keeps the budgets of a key, of its maker, and of others apart', async () => {
      const owner = await newOwner();
      const maker = { workspaceId: member.workspaceId, personId: member.person.id };
      await set(owner, 'daily', 1n);
      await set(maker, 'daily', 2n);
      expect((await listOf(owner.keyId)).map(({ limitNanos }) => limitNanos)).toEqual([1n]);
      expect((await listOf(maker.personId)).map(({ limitNanos }) => limitNanos)).toEqual([2n]);
      const stranger = await makeMember(sql);
      expect(await listBudgets(sql, stranger.workspaceId, Date.now())).toEqual([]);
      await remove({ ...owner, workspaceId: stranger.workspaceId }, 'daily');
      expect(await listOf(owner.keyId)).toHaveLength(1);
      await remove(maker, 'daily');
      expect(await listOf(owner.keyId)).toHaveLength(1);
      expect(await listOf(maker.personId)).toEqual([]);
    });

    it('refuses a member who is none, and a limit below zero', async () => {
      const stranger = await makeMember(sql);
      const nobody = { workspaceId: member.workspaceId, personId: stranger.person.id };
      await expect(set(nobody, 'daily', 1n)).rejects.toSatisfy(
        (error) => violatedConstraint(error) === 'budgets_member',
      );
      await expect(set(await newOwner(), 'daily', -1n)).rejects.toThrow('not negative');
    });

    it('counts what was charged as used, and what a node has leased as left', async () => {
      const owner = await newOwner();
      await set(owner, 'daily', 1_000n);
      const ref = await refOf(owner.keyId, 'daily');
      await spend(sql, runId, ref, 300n);
      await leaseOf(sql, runId, ref, 200n);
      expect(await readBudgets(sql, [ref.id], Date.now())).toMatchObject([
        { limitNanos: 1_000n, usedNanos: 300n, remainingNanos: 700n },
      ]);
    });

    it.each(['daily', 'weekly', 'monthly'] as const)(
      'renews a %s budget when its window ends, and not before',
      async (span) => {
        const owner = await newOwner();
        await set(owner, span, 1_000n);
        await spend(sql, runId, await refOf(owner.keyId, span), 400n);
        const [now] = await listOf(owner.keyId);
        const endMs = now?.resetsAt?.getTime() ?? 0;
        expect(endMs).toBeGreaterThan(Date.now());
        expect(await listOf(owner.keyId, endMs - 1)).toMatchObject([{ usedNanos: 400n }]);
        const [next] = await listOf(owner.keyId, endMs);
        expect(next).toMatchObject({ usedNanos: 0n, remainingNanos: 1_000n });
        expect(next?.resetsAt?.getTime()).toBeGreaterThan(endMs);
      },
    );

    it('never goes back to a window before the newest that was opened', async () => {
      const owner = await newOwner();
      await set(owner, 'daily', 1_000n);
      await spend(sql, runId, await refOf(owner.keyId, 'daily'), 400n);
      const today = await listOf(owner.keyId);
      expect(await listOf(owner.keyId, Date.now() - 3 * DAY_MS)).toEqual(today);
    });

    it('never renews a total', async () => {
      const owner = await newOwner();
      await set(owner, 'total', 1_000n);
      await spend(sql, runId, await refOf(owner.keyId, 'total'), 400n);
      expect(await listOf(owner.keyId, Date.now() + 1_000 * DAY_MS)).toMatchObject([
        { usedNanos: 400n, remainingNanos: 600n, resetsAt: null },
      ]);
    });

    it('shows what was used where the limit is lowered below it, and again where it is raised', async () => {
      const owner = await newOwner();
      await set(owner, 'total', 1_000n);
      const ref = await refOf(owner.keyId, 'total');
      await spend(sql, runId, ref, 400n);
      await set(owner, 'total', 100n);
      const lowered = { limitNanos: 100n, usedNanos: 400n, remainingNanos: 0n };
      expect(await listOf(owner.keyId)).toMatchObject([lowered]);
      await expect(spend(sql, runId, ref, 1n)).rejects.toThrow('does not cover');
      // What could be taken back is; the numbers do not move by it.
      expect(await listOf(owner.keyId)).toMatchObject([lowered]);
      await set(owner, 'total', 450n);
      await spend(sql, runId, ref, 50n);
      await expect(spend(sql, runId, ref, 1n)).rejects.toThrow('does not cover');
      expect(await listOf(owner.keyId)).toMatchObject([{ usedNanos: 450n, remainingNanos: 0n }]);
    });

    it.each(['total', 'daily'] as const)(
      'calls home what nodes hold of a %s budget when its limit changes',
      async (span) => {
        const owner = await newOwner();
        await set(owner, span, 1_000n);
        const ref = await refOf(owner.keyId, span);
        const purse = await leaseOf(sql, runId, ref, 600n);
        const recalls = () =>
          sql
            .selectFrom('lease_recalls')
            .select('run_id')
            .where('purse_id', '=', purse.id)
            .execute();
        expect(await recalls()).toEqual([]);
        await set(owner, span, 500n);
        expect(await recalls()).toEqual([{ run_id: runId }]);
      },
    );

    it('starts anew where a budget was removed, and leaves the old windows in the ledger', async () => {
      const owner = await newOwner();
      await set(owner, 'monthly', 1_000n);
      const old = await refOf(owner.keyId, 'monthly');
      await spend(sql, runId, old, 400n);
      await remove(owner, 'monthly');
      await remove(owner, 'monthly');
      expect(await listOf(owner.keyId)).toEqual([]);
      expect(await readBudgets(sql, [old.id], Date.now())).toEqual([]);
      await set(owner, 'monthly', 1_000n);
      expect(await listOf(owner.keyId)).toMatchObject([{ usedNanos: 0n, remainingNanos: 1_000n }]);
      const kept = sql.selectFrom('budget_windows').selectAll().where('budget_id', '=', old.id);
      expect(await kept.execute()).toMatchObject([{ issued_nanos: 1_000n }]);
    });

    it('opens the same windows as the ledger does by the clock of the database', async () => {
      for (const span of ['daily', 'weekly', 'monthly'] as const) {
        const owner = await newOwner();
        await set(owner, span, 10n);
        const beforeMs = Date.now();
        await spend(sql, runId, await refOf(owner.keyId, span), 1n);
        const { window_start: opened } = await sql
          .selectFrom('budgets')
          .select('window_start')
          .where('key_id', '=', owner.keyId)
          .executeTakeFirstOrThrow();
        // The clocks may stand on the two sides of a midnight.
        const possible = [beforeMs - 1_000, Date.now() + 1_000].map((ms) =>
          windowStart(span, new Date(ms)),
        );
        expect(possible).toContainEqual(opened);
      }
    });

    it('holds the budget with the least left for the tightest, of equals the longest', async () => {
      const owner = await newOwner();
      expect(tightestOf(await listOf(owner.keyId))).toBeUndefined();
      await set(owner, 'daily', 50n);
      await set(owner, 'monthly', 50n);
      await set(owner, 'total', 60n);
      expect(tightestOf(await listOf(owner.keyId))?.span).toBe('monthly');
      await spend(sql, runId, await refOf(owner.keyId, 'total'), 20n);
      expect(tightestOf(await listOf(owner.keyId))?.span).toBe('total');
    });
  });
}
