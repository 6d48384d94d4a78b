// Moves the journal into the database, batch by batch, for as long as the node runs. While the
// database is away the journal just grows; on its return the drain goes on where the database says
// that it was.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { waitAtMost } from '../base/deadline.ts';
import type { Database } from '../db/database.ts';
import type { DrainedJournal, JournalEnd } from './journal.ts';
import {
  type JournalTroubles,
  journalTroubles,
  keepRefused,
  requeueRefused,
} from './quarantine.ts';
import { type StepEvents, type Steps, createSteps, isBefore } from './steps.ts';
import { openBatchWriter } from './writer.ts';

/**
 * Records that come within this long go together, because a batch costs some 2 ms however large it is
 * (bench/drain.ts); `flush` waits not.
 */
export const GATHER_MS = 500;
const RETRY_MS = 500;
/** How long a stopping node waits for the database; what is left is drained at the next start. */
const CLOSE_MS = 5_000;

export interface DrainEvents extends StepEvents {
  /** The first failure after a success: until the next success the journal only grows. */
  stalled(error: unknown): void;
}

export interface Drain {
  /**
   * Resolves once everything that is in the journal at the time of the call is in the database
   * (true), or the drain has stopped before that (false).
   */
  flush(): Promise<boolean>;
  /** What waits for a person in this journal's folder. */
  troubles(): Promise<JournalTroubles>;
  /** Tries the records again that the database refused; returns how many there were. */
  retryRefused(): Promise<number>;
  /** Drains what is there, if the database answers, and stops. */
  close(): Promise<void>;
}

interface Flush {
  readonly target: JournalEnd;
  readonly drained: PromiseWithResolvers<boolean>;
}

export function startDrain(
  database: Database,
  journal: DrainedJournal,
  nodeId: string,
  clock: Clock,
  events: DrainEvents,
): Drain {
  const oneByOne = takeTurns();
  const writer = openBatchWriter(database.sql, nodeId, clock.wallMs, async (record) => {
    await oneByOne(() => keepRefused(journal.folder, record));
    events.trouble('record_refused', { segment: steps.reached()?.segment ?? 0 });
  });
  const steps = createSteps(journal, writer, events);
  let flushes: Flush[] = [];
  let isStalled = false;
  let wake = Promise.withResolvers<void>();
  let hurry = Promise.withResolvers<void>();
  const stop = new AbortController();
  const stopped = once(stop.signal, 'abort');
  const pause = (...until: Promise<unknown>[]) => Promise.race([...until, stopped]);
  journal.onFlush(() => wake.resolve());
  const running = run();

  async function run(): Promise<void> {
    await reportTroubles(journal.folder, events).catch(events.stalled);
    while (!stop.signal.aborted) {
      try {
        // What comes meanwhile is left for the next time: there would always be a little more.
        const end = journal.end();
        while (!stop.signal.aborted && !hasReached(steps, end) && (await steps.next()))
          settleFlushes();
        isStalled = false;
        settleFlushes();
        await pause(wake.promise);
        wake = Promise.withResolvers<void>();
        if (flushes.length === 0) await pause(sleep(GATHER_MS), hurry.promise);
        hurry = Promise.withResolvers<void>();
      } catch (error) {
        if (!isStalled) events.stalled(error);
        isStalled = true;
        await pause(sleep(RETRY_MS));
      }
    }
  }

  function settleFlushes(): void {
    const isOver = ({ target }: Flush) => stop.signal.aborted || hasReached(steps, target);
    const over = flushes.filter(isOver);
    flushes = flushes.filter((flush) => !over.includes(flush));
    for (const { target, drained } of over) drained.resolve(hasReached(steps, target));
  }

  function flush(): Promise<boolean> {
    const drained = Promise.withResolvers<boolean>();
    flushes.push({ target: journal.end(), drained });
    wake.resolve();
    hurry.resolve();
    if (stop.signal.aborted) settleFlushes();
    return drained.promise;
  }

  async function close(): Promise<void> {
    if (steps.reached()) await waitAtMost(CLOSE_MS, flush());
    stop.abort();
    await waitAtMost(CLOSE_MS, running);
    settleFlushes();
  }

  let closed: Promise<void> | undefined;
  return {
    flush,
    troubles: () => journalTroubles(journal.folder),
    retryRefused: () => oneByOne(() => requeueRefused(journal)),
    close: () => (closed ??= close()),
  };
}

function hasReached(steps: Steps, target: JournalEnd): boolean {
  const at = steps.reached();
  return at !== undefined && !isBefore(at, target);
}

/** Runs what it is given one after the other. */
function takeTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}

/** What an earlier life left for a person is said again at each start. */
async function reportTroubles(folder: string, events: StepEvents): Promise<void> {
  const troubles = await journalTroubles(folder);
  const isAny = Object.values(troubles).some((count) => count > 0);
  if (isAny) events.trouble('journal_troubles_wait', troubles);
}
