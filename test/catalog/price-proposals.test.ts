// Proposed prices on both databases: filed once, withdrawn, rejected for good, and approved into a
// published version that the checks have let through.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { builtInPrices } from '../../src/catalog/catalog.ts';
import { decideProposal, listProposals, refreshPrices } from '../../src/catalog/price-proposals.ts';
import { publishPrices, readPriceBook } from '../../src/catalog/price-store.ts';
import { showProposals } from '../../src/catalog/proposal-view.ts';
import { refreshPricesJob } from '../../src/jobs/refresh-prices.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { NOW_MS } from './pricing.ts';

const DAY_MS = 86_400_000;
const O3 = 'openai/o3';
const MINI = 'openai/o4-mini';

/** Price data that has these two models of OpenAI alone. */
function feed(o3Output: number, miniOutput = 4.4, later?: number) {
  const o3 = { input_mtok: 2, cache_read_mtok: 0.5, output_mtok: o3Output };
  const dated = {
    constraint: { type: 'start_date', start_date: '2027-03-01' },
    prices: { ...o3, output_mtok: later },
  };
  const mini = { input_mtok: 1.1, cache_read_mtok: 0.275, output_mtok: miniOutput };
  return [
    {
      id: 'openai',
      models: [
        { id: 'o3', prices: later === undefined ? o3 : [{ prices: o3 }, dated] },
        { id: 'o4-mini', prices: mini },
      ],
    },
  ];
}

for (const db of TEST_DATABASES) {
  describe.skipIf(!db.available)(`price proposals on ${db.label}`, () => {
    let open: OpenTestDatabase;
    let nowMs = NOW_MS;
    beforeAll(async () => {
      open = await openTestDatabase(db.name);
      const order = { origin: 'builtin', list: builtInPrices(), acceptJumps: [] } as const;
      expect((await publishPrices(open.database.sql, order, NOW_MS)).faults).toEqual([]);
    });
    afterAll(() => open.drop());
    // What an earlier test published holds by then.
    beforeEach(() => {
      nowMs += DAY_MS;
    });

    const sql = () => open.database.sql;
    const refresh = async (data: unknown) => {
      const { filed, withdrawn } = await refreshPrices(sql(), data, nowMs);
      return [filed, withdrawn];
    };
    const waiting = async () =>
      (await listProposals(sql())).map(({ draft }) => [draft.model, draft.rates.output]);
    const decide = async (decision: 'approved' | 'rejected', more: object = {}) => {
      const [first] = await listProposals(sql());
      const order = { id: first?.id ?? '0', decision, acceptJump: false, decidedBy: null };
      return decideProposal(sql(), { ...order, ...more }, nowMs);
    };
    const outputOf = async (model: string, atMs: number) =>
      (await readPriceBook(sql())).priceAt(model, atMs)?.tiers[0]?.rates.outText;

    it('are none where the data says what is published; what it lacks is told', async () => {
      const { filed, withdrawn, unread } = await refreshPrices(sql(), feed(8), nowMs);
      expect([filed, withdrawn]).toEqual([0, 0]);
      expect(unread).toContainEqual({ model: 'openai/gpt-4o', reason: 'no row openai/gpt-4o' });
      expect(unread.map(({ model }) => model)).not.toContain(O3);
    });

    it('are filed once, however often the data comes, and withdrawn when it changes', async () => {
      expect(await refresh(feed(9))).toEqual([1, 0]);
      expect(await refresh(feed(9))).toEqual([0, 0]);
      expect(await waiting()).toEqual([[O3, '9']]);
      expect(await refresh(feed(10))).toEqual([1, 1]);
      expect(await waiting()).toEqual([[O3, '10']]);
      expect(await refresh(feed(8))).toEqual([0, 1]);
      // Nobody decided about it: it may come again.
      expect(await refresh(feed(9))).toEqual([1, 0]);
      const both = await Promise.all([refresh(feed(9, 5)), refresh(feed(9, 5))]);
      expect(new Set(both.map(([filed]) => filed))).toEqual(new Set([0, 1]));
      expect(await refresh(feed(8))).toEqual([0, 2]);
    });

    it('that are approved are published for the operator, from then on', async () => {
      await refresh(feed(9));
      const [shown] = await showProposals(sql(), nowMs);
      expect(shown).toMatchObject({
        model: O3,
        effectiveFrom: null,
        faults: [],
        figures: [
          { tier: '', class: 'outText', before: '8000000000', after: '9000000000' },
          { tier: '', class: 'outReasoning', before: '8000000000', after: '9000000000' },
        ],
      });
      const { version } = await decide('approved');
      expect(version).toMatch(/^openai\/o3@2026-12-0\dT00:00:02Z\.own$/);
      expect(await outputOf(O3, nowMs)).toBe(8_000_000_000n);
      expect(await outputOf(O3, nowMs + 2_000)).toBe(9_000_000_000n);
      // At once, before it holds, it is no news any more.
      expect(await refresh(feed(9))).toEqual([0, 0]);
      await expect(decide('approved')).rejects.toMatchObject({ code: 'not_found' });
    });

    it('that are rejected never come again', async () => {
      expect(await refresh(feed(9, 5))).toEqual([1, 0]);
      expect(await decide('rejected')).toEqual({ version: null });
      expect(await refresh(feed(9, 5))).toEqual([0, 0]);
      expect(await refresh(feed(9, 5.5))).toEqual([1, 0]);
      expect(await outputOf(MINI, nowMs)).toBe(4_400_000_000n);
      expect(await refresh(feed(9))).toEqual([0, 1]);
    });

    it('with a date are published for it, or from now on where it is over', async () => {
      await refresh(feed(9, 4.4, 12));
      const version = `${O3}@2027-03-01.own`;
      expect(await decide('approved')).toEqual({ version });
      expect(await refresh(feed(9, 4.4, 12))).toEqual([0, 0]);
      await refresh(feed(9, 4.4, 13));
      nowMs = Date.parse('2027-04-01T00:00:00Z');
      const [late] = await showProposals(sql(), nowMs);
      expect(late).toMatchObject({ effectiveFrom: null, faults: [] });
      expect(await decide('approved')).toEqual({ version: `${O3}@2027-04-01T00:00:02Z.own` });
      expect(await outputOf(O3, nowMs + 2_000)).toBe(13_000_000_000n);
    });

    it('that jump wait until somebody says that it is meant', async () => {
      await refresh(feed(13, 100));
      const [shown] = await showProposals(sql(), nowMs);
      expect(shown?.faults).toEqual(['jump']);
      await expect(decide('approved')).rejects.toMatchObject({ code: 'conflict' });
      expect(await waiting()).toEqual([[MINI, '100']]);
      expect(await outputOf(MINI, nowMs + DAY_MS)).toBe(4_400_000_000n);
      await decide('approved', { acceptJump: true });
      expect(await outputOf(MINI, nowMs + DAY_MS)).toBe(100_000_000_000n);
    });

    it('stay decided, whoever writes to the table', async () => {
      const rows = sql().updateTable('price_proposals').set({ decision: 'approved' });
      await expect(rows.where('decision', '=', 'rejected').execute()).rejects.toThrow();
      await expect(sql().deleteFrom('price_proposals').execute()).rejects.toThrow();
    });

    it('come of no other data and of no file that is not there', async () => {
      await expect(refresh({ surprise: 1 })).rejects.toMatchObject({ code: 'invalid_request' });
      const job = refreshPricesJob(sql(), systemClock, '/nowhere/data.json');
      await expect(job.run(new AbortController().signal)).rejects.toThrow();
      expect(await waiting()).toEqual([]);
    });

    it('are filed by the daily job from the operator’s file', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'hub-feed-'));
      const path = join(folder, 'data.json');
      await writeFile(path, JSON.stringify(feed(8, 3)));
      const clock = { ...systemClock, wallMs: () => nowMs };
      const job = refreshPricesJob(sql(), clock, path);
      expect(job.dueMs(nowMs) <= nowMs).toBe(true);
      await job.run(new AbortController().signal);
      expect(await waiting()).toEqual([
        [O3, '8'],
        [MINI, '3'],
      ]);
      await rm(folder, { recursive: true });
    });
  });
}
