// Writes batches into segments, one after the other, and says up to where the disk has them.

import type { FileHandle } from 'node:fs/promises';
import { createFramer } from './frames.ts';
import {
  HEADER_BYTES,
  createSegment,
  listSegments,
  removeSegment,
  writeDurably,
} from './segments.ts';

/** A segment is closed beyond this; the drain removes it once its records are in the database. */
const SEGMENT_BYTES = 16 * 1024 * 1024;

export interface JournalEnd {
  readonly segment: number;
  readonly position: number;
}

export interface SegmentWriter {
  /** Resolves once the records are on disk; after a throw none of them counts as written. */
  write(records: readonly string[]): Promise<void>;
  end(): JournalEnd;
  close(): Promise<void>;
}

/**
 * A failed write may have left half a batch behind, and after a failed flush nobody knows what the
 * disk has; so each new try begins a new file. It takes the number of the one before when nothing in
 * that was acknowledged: a disk that fails for hours leaves one file behind, not one a try.
 */
export async function openSegmentWriter(folder: string): Promise<SegmentWriter> {
  const frame = createFramer();
  let segment = ((await listSegments(folder)).at(-1) ?? 0) + 1;
  /** Numbers that were tried; one may be taken by a file that could not be removed. */
  let tried = segment;
  let file: FileHandle = await createSegment(folder, { segment, previousEnd: undefined });
  let position = HEADER_BYTES;
  let previousEnd: number | undefined;
  let isSuspect = false;

  async function rotate(): Promise<void> {
    const isReplaced = isSuspect && position === HEADER_BYTES;
    if (isReplaced) await removeSegment(folder, segment).catch(ignoreMissing);
    else if (tried === segment) tried += 1;
    // A number that had to be left out lies between: then nothing is said of the one before.
    const before = tried - segment > 1 ? undefined : isReplaced ? previousEnd : position;
    const next = await openNext(before);
    const abandoned = file;
    file = next;
    segment = tried;
    position = HEADER_BYTES;
    previousEnd = before;
    isSuspect = false;
    await abandoned.close().catch(() => undefined);
  }

  async function openNext(before: number | undefined): Promise<FileHandle> {
    try {
      return await createSegment(folder, { segment: tried, previousEnd: before });
    } catch (error) {
      if ((error as { code?: string }).code === 'EEXIST') tried += 1;
      throw error;
    }
  }

  return {
    async write(records) {
      try {
        if (isSuspect || position >= SEGMENT_BYTES) await rotate();
        const bytes = frame(records, segment, position);
        await writeDurably(file, bytes, position);
        position += bytes.length;
      } catch (error) {
        isSuspect = true;
        throw error;
      }
    },
    end: () => ({ segment, position }),
    close: () => file.close(),
  };
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: string }).code !== 'ENOENT') throw error;
}
