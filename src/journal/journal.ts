// The append-only file in which a request's record is on disk before its client sees the last byte.
// Natural group commit: one flush at a time, which starts at once and takes whatever came while the
// disk worked, so nothing waits on a timer. A record waits for the flush under way and for its own,
// and longer only behind more than 1 000 records or 1 MiB that came before it.

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitAtMost } from '../base/deadline.ts';
import { HubError, assert } from '../base/errors.ts';
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
  append(json: string): Promise<void>;
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

interface Pending {
  readonly json: string;
  readonly sinceMs: number;
  readonly written: PromiseWithResolvers<void>;
}

/** Opens the journal in `folder`; writing begins in a new segment, older ones wait for the drain. */
export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncFolder(dirname(folder));
  const writer = await openSegmentWriter(folder);
  const queue: Pending[] = [];
  let batch: readonly Pending[] = [];
  let flushing: Promise<void> | undefined;
  let flushSinceMs = 0;
  let failure: { readonly cause: unknown } | undefined;
  let isClosed = false;
  const callbacks: (() => void)[] = [];

  async function flush(): Promise<void> {
    const watch = setInterval(giveUp, GIVE_UP_CHECK_MS);
    while (queue.length > 0) {
      batch = queue.splice(0, countBatch(queue));
      if (!(await writeUntilDone(batch.map((pending) => pending.json)))) {
        refuse([...batch, ...queue.splice(0)], failure?.cause);
        break;
      }
      for (const pending of batch) pending.written.resolve();
      for (const callback of callbacks) callback();
    }
    batch = [];
    clearInterval(watch);
    flushing = undefined;
  }

  /** Tries until the disk takes them; false when the journal was closed before that. */
  async function writeUntilDone(records: readonly string[]): Promise<boolean> {
    for (;;) {
      flushSinceMs = performance.now();
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
    const sinceMs = performance.now() - GIVE_UP_MS;
    const late = [...batch, ...queue].filter((pending) => pending.sinceMs < sinceMs);
    refuse(late, failure?.cause);
  }

  return {
    folder,
    append(json) {
      assert(json.length <= LARGEST_RECORD, 'a record is small');
      const written = Promise.withResolvers<void>();
      queue.push({ json, sinceMs: performance.now(), written });
      flushing ??= flush();
      return written.promise;
    },
    healthy() {
      if (!flushing) return true;
      const isHanging = performance.now() - flushSinceMs > HANGING_MS;
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

function refuse(waiting: readonly Pending[], cause: unknown): void {
  const error = new HubError('journal_unavailable', { cause });
  for (const pending of waiting) pending.written.reject(error);
}

/** How many of those that wait go with the next flush. */
function countBatch(queue: readonly Pending[]): number {
  const most = Math.min(queue.length, FLUSH_RECORDS);
  let characters = 0;
  let count = 0;
  while (count < most && characters < FLUSH_CHARACTERS) {
    characters += queue[count]?.json.length ?? 0;
    count += 1;
  }
  return count;
}
