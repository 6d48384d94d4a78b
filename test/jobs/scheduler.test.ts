// The scheduler against a real database: each due time once, whoever else is there and whatever the
// clocks say.

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { Sql } from '../../src/db/database.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { type Job, dailyAt, every } from '../../src/jobs/job.ts';
import { type Scheduler, type SchedulerDeps, startScheduler } from '../../src/jobs/scheduler.ts';
import { TEST_DATABASES } from '../support/databases.ts';
import { type OpenTestDatabase, openTestDatabase } from '../support/open-database.ts';
import { collectLog } from '../reconcile/world.ts';

/** Long enough for a machine that does much else. */
const waitUntil = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 15_000 });
const LOOK_MS = 10;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('due times', () => {
  it('are days of UTC from the given minute on', () => {
    const due = dailyAt(0, 15);
    const at = (iso: string) => new Date(due(Date.parse(iso))).toISOString();
    expect(at('2026-11-23T00:15:00.000Z')).toBe('2026-11-23T00:15:00.000Z');
    expect(at('2026-11-23T23:59:59.999Z')).toBe('2026-11-23T00:15:00.000Z');
    expect(at('2026-11-24T00:14:59.999Z')).toBe('2026-11-23T00:15:00.000Z');
  });

  it('are multiples of an interval', () => {
    expect(every(1_000)(12_999)).toBe(12_000);
    expect(every(1_000)(13_000)).toBe(13_000);
  });
});

for (const kind of TEST_DATABASES) {
  describe.skipIf(!kind.available)(`the scheduler on ${kind.label}`, () => {
    let open: OpenTestDatabase;
    let sql: Sql;
    const started: Scheduler[] = [];
    beforeAll(async () => {
      open = await openTestDatabase(kind.name);
      sql = open.database.sql;
    });
    afterEach(() => Promise.all(started.splice(0).map((scheduler) => scheduler.stop())));
    afterAll(() => open.drop());

    let names = 0;
    /** A daily job of a name of its own that counts what it does. */
    const makeJob = (run: Job['run'] = async () => undefined) => {
      names += 1;
      const name = `job-${String.fromCodePoint(96 + names)}`;
      const job = { name, dueMs: dailyAt(0, 15), run: vi.fn(run) };
      return job;
    };
    const start = (job: Job, deps: Partial<SchedulerDeps> = {}): Scheduler => {
      const scheduler = startScheduler({
        sql,
        clock: systemClock,
        log: collectLog(),
        jobs: [job],
        lookMs: LOOK_MS,
        ...deps,
      });
      started.push(scheduler);
      return scheduler;
    };
    const rowsOf = (job: Job) =>
      sql
        .selectFrom('job_runs')
        .selectAll()
        .where('job', '=', job.name)
        .orderBy('due_at')
        .execute();
    const finished = async (job: Job): Promise<number> =>
      (await rowsOf(job)).filter((row) => row.finished_at !== null).length;
    /** A clock that tells what it is told, and how often it was asked for the wall's time. */
    const makeClock = (startMs: number) => {
      const clock = { ...systemClock, nowMs: startMs, asked: 0, wallMs: () => 0 };
      clock.wallMs = () => {
        clock.asked += 1;
        return clock.nowMs;
      };
      return clock;
    };
    const lookTwice = async (clock: { asked: number }) => {
      const before = clock.asked;
      await waitUntil(() => expect(clock.asked).toBeGreaterThan(before + 2));
    };

    it('does a due time once, however many schedulers look', async () => {
      const job = makeJob();
      const clock = makeClock(Date.now());
      for (let i = 0; i < 4; i++) start(job, { clock });
      await waitUntil(async () => expect(await finished(job)).toBe(1));
      await lookTwice(clock);
      expect(job.run).toHaveBeenCalledTimes(1);
    });

    it('does each day once while the clock jumps forwards and backwards', async () => {
      const job = makeJob();
      const today = Date.parse('2026-11-23T12:00:00.000Z');
      const clock = makeClock(today);
      start(job, { clock });
      start(job, { clock });
      const days = [0, 3, 0, -1, 3, 0, 1, 2, 3];
      const seen = new Set<number>();
      for (const day of days) {
        clock.nowMs = today + day * DAY_MS;
        seen.add(day);
        await lookTwice(clock);
        await waitUntil(async () => expect(await finished(job)).toBe(seen.size));
        expect(job.run).toHaveBeenCalledTimes(seen.size);
      }
    });

    it('does not make up for days that passed while nobody was there', async () => {
      const job = makeJob();
      const clock = makeClock(Date.parse('2026-11-01T12:00:00.000Z'));
      start(job, { clock });
      await waitUntil(async () => expect(await finished(job)).toBe(1));
      clock.nowMs += 20 * DAY_MS;
      await waitUntil(async () => expect(await finished(job)).toBe(2));
      await lookTwice(clock);
      expect(job.run).toHaveBeenCalledTimes(2);
    });

    it('logs a failure without its words, and tries again after a pause', async () => {
      let failures = 2;
      const log = collectLog();
      const job = makeJob(async () => {
        failures -= 1;
        if (failures >= 0) throw new Error('a secret');
      });
      start(job, { log, retryMs: 20 });
      await waitUntil(async () => expect(await finished(job)).toBe(1));
      expect(job.run).toHaveBeenCalledTimes(3);
      expect(log.lines.map(({ event, fields }) => [event, fields?.job])).toEqual([
        ['job_failed', job.name],
        ['job_failed', job.name],
      ]);
      expect(JSON.stringify(log.lines)).not.toContain('a secret');
      expect((await rowsOf(job))[0]?.attempts).toBe(3);
    });

    it('leaves the work to the next one at once when it is stopped in the middle', async () => {
      const working = Promise.withResolvers<void>();
      const log = collectLog();
      const job = makeJob((signal) => {
        working.resolve();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      });
      const first = start(job, { log });
      await working.promise;
      await first.stop();
      expect(log.lines).toEqual([]);
      const same = { ...makeJob(), name: job.name };
      start(same);
      await waitUntil(async () => expect(await finished(job)).toBe(1));
      expect(same.run).toHaveBeenCalledTimes(1);
    });

    it('keeps the claim of long work alive', async () => {
      const done = Promise.withResolvers<void>();
      const job = makeJob(() => done.promise);
      const clock = makeClock(Date.now());
      start(job, { claimMs: 150, clock });
      start(job, { claimMs: 150, clock });
      const until = () => rowsOf(job).then(([row]) => row?.claimed_until.getTime() ?? 0);
      await waitUntil(async () => expect(await until()).toBeGreaterThan(0));
      const firstUntil = await until();
      await waitUntil(async () => expect(await until()).toBeGreaterThan(firstUntil + 300));
      expect(job.run).toHaveBeenCalledTimes(1);
      done.resolve();
      await waitUntil(async () => expect(await finished(job)).toBe(1));
      expect((await rowsOf(job))[0]?.attempts).toBe(1);
    });

    it('waits a bounded time for work that does not end', { timeout: 15_000 }, async () => {
      const working = Promise.withResolvers<void>();
      const job = makeJob(() => {
        working.resolve();
        return new Promise(() => undefined);
      });
      const scheduler = start(job);
      await working.promise;
      const before = performance.now();
      await scheduler.stop();
      expect(performance.now() - before).toBeLessThan(8_000);
      started.length = 0;
    });

    it.skipIf(kind.name === 'pglite')('takes over from a node that is gone', async () => {
      const working = Promise.withResolvers<AbortSignal>();
      const job = makeJob((signal) => {
        working.resolve(signal);
        return new Promise(() => undefined);
      });
      const dead = openPostgres(open.url ?? '');
      startScheduler({
        sql: dead.sql,
        clock: systemClock,
        log: collectLog(),
        jobs: [job],
        lookMs: LOOK_MS,
        claimMs: 300,
      });
      const signal = await working.promise;
      const other = { ...makeJob(), name: job.name };
      start(other, { claimMs: 300 });
      await waitUntil(async () => expect((await rowsOf(job))[0]?.attempts).toBe(1));
      expect(other.run).not.toHaveBeenCalled();
      await dead.close();
      await waitUntil(async () => expect(await finished(job)).toBe(1));
      expect(other.run).toHaveBeenCalledTimes(1);
      // The one that lost its database ends its work by itself: it may be another's by now.
      await waitUntil(() => expect(signal.aborted).toBe(true));
    });
  });
}
