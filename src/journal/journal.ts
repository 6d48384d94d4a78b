// The append-only file in which a request's record is on disk before its client sees the last byte.
// Group commit: one flush at a time, which takes whatever came while the disk worked; pace.ts says
// when it begins. A record waits for the flush under way and for its own, and longer only behind more
// than 1 000 records or 1 MiB that came before it.

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitAtMost } from '../base/deadline.ts';
import { HubError, assert } from '../base/errors.ts';
import { createPace } from './pace.ts';
import { type JournalEnd, openSegmentWriter } from './segment-writer.ts';
import { syncFolder } from './segments.ts';

/** The most that one flush takes; one record always goes, however large. */
export const FLUSH_RECORDS = 1_000;
const FLUSH_CHARACTERS = 1024 * 1024;
const RETRY_MS = 250;
/** How long a finished answer waits for a disk that fails or hangs before its client is cut off. */
const GIVE_UP_MS = 10_000;
const GIVE_UP_CHECK_MS = 500;
/** Hundreds of times what any request's record takes; a frame could hold it thrice over. */
const LARGEST_RECORD = 1024 * 1024;
/** A flush that takes longer than this says that the disk hangs. */
const HANGING_MS = 2_000;
/** With more records than this waiting nothing new is begun, so memory stays bounded. */
const MOST_WAITING = 10_000;

export type { JournalEnd } from './segment-writer.ts';

export interface Journal {
  readonly folder: string;
  /**
   * Resolves once the record is on disk. Throws `journal_unavailable` when the disk has failed for
   * 10 s; the record is still kept in memory and written when the disk comes back.
   */
  append(record: string): Promise<void>;
  /** The same with a callback, once, which costs less than a promise; it must not throw. */
  append(record: string, done: Done): void;
  /**
   * False while the disk fails or hangs, or is far behind: then nothing new may be sent upstream.
   * What is kept in memory is therefore at most 10 000 records and those of the requests that run.
   */
  healthy(): boolean;
  /** Up to where records are on disk. */
  end(): JournalEnd;
  /** Calls back after each flush. */
  onFlush(callback: () => void): void;
  /** Writes what waits, for at most 10 s, and closes the file. */
  close(): Promise<void>;
}

export type Done = (error?: HubError) => void;

/** What the drain needs of a journal, so that it can also run in another thread. */
export type DrainedJournal = Pick<Journal, 'folder' | 'end' | 'onFlush' | 'append'>;

interface Pending {
  readonly record: string;
  readonly sinceMs: number;
  /** Undefined once it was called. */
  done: Done | undefined;
}

/** Opens the journal in `folder`; writing begins in a new segment, older ones wait for the drain. */
export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncFolder(dirname(folder));
  const writer = await openSegmentWriter(folder);
  let queue: Pending[] = [];
  let batch: readonly Pending[] = [];
  let flushing: Promise<void> | undefined;
  const pace = createPace();
  let failure: { readonly cause: unknown } | undefined;
  let isClosed = false;
  const callbacks: (() => void)[] = [];

  async function flush(): Promise<void> {
    const watch = setInterval(giveUp, GIVE_UP_CHECK_MS);
    for (;;) {
      await pace.gather();
      const count = countBatch(queue);
      if (count === 0) break;
      batch = queue.slice(0, count);
      queue = count === queue.length ? [] : queue.slice(count);
      if (!(await writeUntilDone(batch.map(({ record }) => record)))) {
        refuse([...batch, ...queue], failure?.cause);
        queue = [];
        break;
      }
      for (const pending of batch) tell(pending);
      for (const callback of callbacks) callback();
    }
    batch = [];
    clearInterval(watch);
    flushing = undefined;
  }

  /** Tries until the disk takes them; false when the journal was closed before that. */
  async function writeUntilDone(records: readonly string[]): Promise<boolean> {
    for (;;) {
      pace.began(records.length);
      try {
        await writer.write(records);
        failure = undefined;
        return true;
      } catch (error) {
        failure = { cause: error };
        if (isClosed) return false;
        await sleep(RETRY_MS);
      }
    }
  }

  /** Tells those that have waited too long; their records stay queued all the same. */
  function giveUp(): void {
    refuse(waitingSince([...batch, ...queue], GIVE_UP_MS), failure?.cause);
  }

  function add(record: string, done: Done): void {
    assert(record.length <= LARGEST_RECORD, 'a record is small');
    queue.push({ record, sinceMs: performance.now(), done });
    flushing ??= flush();
  }

  return {
    folder,
    append: appendWith(add),
    healthy() {
      if (!flushing) return true;
      const isHanging = batch.length > 0 && pace.sinceMs() > HANGING_MS;
      return !failure && !isHanging && queue.length < MOST_WAITING;
    },
    end: writer.end,
    onFlush: (callback) => void callbacks.push(callback),
    async close() {
      await waitAtMost(GIVE_UP_MS, flushing);
      isClosed = true;
      await writer.close();
    },
  };
}

function appendWith(add: (record: string, done: Done) => void): Journal['append'] {
  function append(record: string): Promise<void>;
  function append(record: string, done: Done): void;
  function append(record: string, done?: Done): Promise<void> | undefined {
    if (!done) {
      return new Promise((resolve, reject) => {
        add(record, (error) => (error ? reject(error) : resolve()));
      });
    }
    add(record, done);
    return undefined;
  }
  return append;
}

function waitingSince(waiting: readonly Pending[], ms: number): readonly Pending[] {
  const sinceMs = performance.now() - ms;
  return waiting.filter((pending) => pending.sinceMs < sinceMs);
}

function tell(pending: Pending, error?: HubError): void {
  const { done } = pending;
  pending.done = undefined;
  done?.(error);
}

function refuse(waiting: readonly Pending[], cause: unknown): void {
  const error = new HubError('journal_unavailable', { cause });
  for (const pending of waiting) tell(pending, error);
}

/** How many of those that wait go with the next flush. */
function countBatch(queue: readonly Pending[]): number {
  const most = Math.min(queue.length, FLUSH_RECORDS);
  let characters = 0;
  let count = 0;
  while (count < most && characters < FLUSH_CHARACTERS) {
    characters += queue[count]?.record.length ?? 0;
    count += 1;
  }
  return count;
}
