// The append-only file in which a request's record is on disk before its client sees the last byte.
// Natural group commit: a flush starts at once, and whatever arrives while the disk works goes
// together in the next one (measured: 0.3–0.4 ms to commit, without any timer).

import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { HubError } from '../base/errors.ts';
import { frameRecord, listSegments, segmentPath } from './segments.ts';

/** A segment is closed beyond this; the drain removes it once its records are in the database. */
const SEGMENT_BYTES = 16 * 1024 * 1024;
const RETRY_MS = 250;
/** How long a finished answer waits for a disk that fails before its client is cut off. */
const GIVE_UP_MS = 10_000;

export interface JournalEnd {
  readonly segment: number;
  readonly position: number;
}

export interface Journal {
  readonly folder: string;
  /**
   * Resolves once the record is on disk. Throws `journal_unavailable` when the disk has failed for
   * 10 s; the record is still kept in memory and written when the disk comes back.
   */
  append(json: string): Promise<void>;
  /** False while the disk fails: then nothing new may be sent upstream. */
  healthy(): boolean;
  /** Up to where records are on disk. */
  end(): JournalEnd;
  /** Calls back after each flush. */
  onFlush(callback: () => void): void;
  close(): Promise<void>;
}

interface Pending {
  readonly line: string;
  readonly written: PromiseWithResolvers<void>;
}

/** Opens the journal in `folder`; writing begins in a new segment, older ones wait for the drain. */
export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let segment = ((await listSegments(folder)).at(-1) ?? 0) + 1;
  let file = await openSegment(folder, segment);
  let position = 0;
  let queue: Pending[] = [];
  let flushing: Promise<void> | undefined;
  let failing = false;
  const callbacks: (() => void)[] = [];

  async function flush(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      await writeUntilDone(batch);
      for (const pending of batch) pending.written.resolve();
      for (const callback of callbacks) callback();
    }
    flushing = undefined;
  }

  /** A failed write may have left half a batch behind, so each new try begins a new segment. */
  async function writeUntilDone(batch: readonly Pending[]): Promise<void> {
    const bytes = Buffer.from(batch.map((pending) => pending.line).join(''));
    let givenUp = false;
    const startedMs = performance.now();
    for (;;) {
      try {
        if (failing || position >= SEGMENT_BYTES) await rotate();
        await writeAll(file, bytes);
        await file.datasync();
        position += bytes.length;
        failing = false;
        return;
      } catch (error) {
        failing = true;
        if (!givenUp && performance.now() - startedMs > GIVE_UP_MS) {
          givenUp = true;
          const failure = new HubError('journal_unavailable', { cause: error });
          for (const pending of batch) pending.written.reject(failure);
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async function rotate(): Promise<void> {
    const next = await openSegment(folder, segment + 1);
    const previous = file;
    file = next;
    segment += 1;
    position = 0;
    await previous.close().catch(() => undefined);
  }

  return {
    folder,
    append(json) {
      const written = Promise.withResolvers<void>();
      queue.push({ line: frameRecord(json), written });
      flushing ??= flush();
      return written.promise;
    },
    healthy: () => !failing,
    end: () => ({ segment, position }),
    onFlush: (callback) => void callbacks.push(callback),
    async close() {
      await flushing;
      await file.close();
    },
  };
}

async function openSegment(folder: string, segment: number): Promise<FileHandle> {
  const file = await open(segmentPath(folder, segment), 'ax', 0o600);
  // The new name itself must survive a power cut, or the segment's records would be lost with it.
  const directory = await open(folder, 'r');
  await directory.sync().catch(() => undefined);
  await directory.close();
  return file;
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
