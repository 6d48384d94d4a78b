import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sql } from '../../src/db/database.ts';
import { challengeWork, spendWork } from '../../src/identity/proof-of-work.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { solveWork } from '../support/work.ts';

const MINUTE_MS = 60_000;

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(db.label, () => {
    let opened: OpenTestDatabase;
    let sql: Sql;
    beforeAll(async () => {
      opened = await openTestDatabase(db.name);
      sql = opened.database.sql;
    });
    afterAll(() => opened.drop());

    const solve = async (wallMs = Date.now()) => solveWork(await challengeWork(sql, wallMs));
    const take = (work: string, wallMs = Date.now()): Promise<'taken' | 'refused'> =>
      spendWork(sql, work, wallMs).then(
        () => 'taken',
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'proof_of_work_failed' });
          return 'refused';
        },
      );
    /** The solved challenge with something else in it. */
    const forge = (work: string, change: (solved: Solved) => unknown): string => {
      const solved = JSON.parse(Buffer.from(work, 'base64').toString()) as Solved;
      return Buffer.from(JSON.stringify(change(solved))).toString('base64');
    };

    it('is asked for alike by nodes that ask for the first time together', async () => {
      const made = await Promise.all(Array.from({ length: 10 }, () => challengeWork(sql, 0)));
      expect(new Set(made.map(({ parameters }) => parameters.nonce)).size).toBe(10);
      expect(await sql.selectFrom('hub_secrets').select('name').execute()).toHaveLength(1);
    });

    it('is taken once, also of twenty at the same time', async () => {
      const work = await solve();
      const tries = await Promise.all(Array.from({ length: 20 }, () => take(work)));
      expect(tries.filter((one) => one === 'taken')).toHaveLength(1);
      // Written in another way it is the same work.
      expect(await take(forge(work, (solved) => ({ extra: 1, ...solved })))).toBe('refused');
    });

    it('ends after ten minutes, and is forgotten then', async () => {
      const work = await solve();
      expect(await take(work, Date.now() + 10 * MINUTE_MS)).toBe('refused');
      expect(await take(work, Date.now() + 9 * MINUTE_MS)).toBe('taken');
      await take(await solve(Date.now() + 60 * MINUTE_MS), Date.now() + 61 * MINUTE_MS);
      const kept = await sql.selectFrom('spent_challenges').select('expires_at').execute();
      expect(kept).toHaveLength(1);
    });

    it('is refused without the work, with another challenge, and where it is nothing at all', async () => {
      const work = await solve();
      const other = await challengeWork(sql, Date.now());
      const forgeries = [
        forge(work, ({ challenge, solution }) => ({
          challenge,
          solution: { ...solution, derivedKey: '00'.repeat(32) },
        })),
        forge(work, ({ solution }) => ({ challenge: other, solution })),
        forge(work, ({ challenge, solution }) => ({
          challenge: {
            ...challenge,
            parameters: { ...challenge.parameters, expiresAt: Date.now() },
          },
          solution,
        })),
        forge(work, ({ challenge: { parameters }, solution }) => ({
          challenge: { parameters },
          solution,
        })),
        forge(work, () => null),
        'not base64 of JSON',
      ];
      for (const forgery of forgeries) expect(await take(forgery)).toBe('refused');
      expect(await take(work)).toBe('taken');
    });
  });
}

interface Solved {
  readonly challenge: { readonly parameters: object; readonly signature: string };
  readonly solution: object;
}
