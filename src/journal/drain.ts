// Moves the journal into the database, batch by batch, for as long as the node runs. While the
// database is away the journal just grows; on its return the drain goes on where the database says
// that it was.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { waitAtMost } from '../base/deadline.ts';
import type { Database } from '../db/database.ts';
import { decodeCharge } from '../usage/record.ts';
import type { Journal, JournalEnd } from './journal.ts';
import { type JournalTrouble, keepRefused, readBatch } from './reader.ts';
import { listSegments, removeSegment } from './segments.ts';
import { type BatchWriter, openBatchWriter } from './writer.ts';

/** Records that come within this long go together; `flush` does not wait for it. */
const GATHER_MS = 50;
const RETRY_MS = 500;
/** How long a stopping node waits for the database; what is left is drained at the next start. */
const CLOSE_MS = 5_000;

export interface DrainEvents {
  /** After a batch: the workspaces whose usage is new. */
  drained(workspaceIds: ReadonlySet<string>): void;
  /** Something that a person must look at; it is kept on disk. */
  trouble(what: JournalTrouble | 'record_refused', where: { segment: number }): void;
  /** The first failure after a success: until the next success the journal only grows. */
  stalled(error: unknown): void;
}

export interface Drain {
  /** Resolves once everything that is in the journal at the time of the call is in the database. */
  flush(): Promise<void>;
  /** Drains what is there, if the database answers, and stops. */
  close(): Promise<void>;
}

interface Flush {
  readonly target: JournalEnd;
  readonly drained: PromiseWithResolvers<void>;
}

export function startDrain(
  database: Database,
  journal: Journal,
  nodeId: string,
  clock: Clock,
  events: DrainEvents,
): Drain {
  const { sql } = database;
  let reached: JournalEnd | undefined;
  const writer = openBatchWriter(sql, nodeId, clock.wallMs, async (record) => {
    await keepRefused(journal.folder, record);
    events.trouble('record_refused', { segment: reached?.segment ?? 0 });
  });
  let flushes: Flush[] = [];
  let isStalled = false;
  let wake = Promise.withResolvers<void>();
  const stop = new AbortController();
  const stopped = once(stop.signal, 'abort');
  const pause = (until: Promise<unknown>): Promise<unknown> => Promise.race([until, stopped]);
  journal.onFlush(() => wake.resolve());
  const running = run();

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        reached ??= await writer.readPosition();
        for (let next = await drainBatch(journal, writer, reached, events); next; ) {
          reached = next;
          settleFlushes();
          next = await drainBatch(journal, writer, reached, events);
        }
        isStalled = false;
        settleFlushes();
        await pause(wake.promise);
        wake = Promise.withResolvers<void>();
        if (flushes.length === 0) await pause(sleep(GATHER_MS));
      } catch (error) {
        if (!isStalled) events.stalled(error);
        isStalled = true;
        // Unknown whether the batch committed: the database is asked before the next try.
        reached = undefined;
        await pause(sleep(RETRY_MS));
      }
    }
  }

  function settleFlushes(): void {
    const isDone = ({ target }: Flush): boolean =>
      stop.signal.aborted || (reached !== undefined && !isBefore(reached, target));
    for (const flush of flushes) if (isDone(flush)) flush.drained.resolve();
    flushes = flushes.filter((flush) => !isDone(flush));
  }

  function flush(): Promise<void> {
    const drained = Promise.withResolvers<void>();
    flushes.push({ target: journal.end(), drained });
    wake.resolve();
    return drained.promise;
  }

  async function close(): Promise<void> {
    if (reached) await waitAtMost(CLOSE_MS, flush());
    stop.abort();
    await waitAtMost(CLOSE_MS, running);
    settleFlushes();
  }

  let closed: Promise<void> | undefined;
  return { flush, close: () => (closed ??= close()) };
}

/** Drains one batch; returns where the journal goes on, or undefined when all of it is drained. */
async function drainBatch(
  journal: Journal,
  writer: BatchWriter,
  from: JournalEnd,
  events: DrainEvents,
): Promise<JournalEnd | undefined> {
  const batch = await readBatch(journal, from);
  if (!batch) return undefined;
  for (const trouble of batch.troubles) events.trouble(trouble, { segment: from.segment });
  await writer.write(batch.records, from, batch.next);
  if (batch.next.segment > from.segment) {
    for (const segment of await listSegments(journal.folder)) {
      if (segment < batch.next.segment) await removeSegment(journal.folder, segment);
    }
  }
  if (batch.records.length > 0) {
    events.drained(new Set(batch.records.map((record) => decodeCharge(record).workspaceId)));
  }
  return batch.next;
}

function isBefore(a: JournalEnd, b: JournalEnd): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.position < b.position);
}
