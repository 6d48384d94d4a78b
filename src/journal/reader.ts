// Reads the journal from a position on, across segments, without ever taking what is still being
// written. What cannot be read is reported and kept on disk, never passed over in silence.

import { appendFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal, JournalEnd } from './journal.ts';
import { frameRecord, keepDamagedCopy, listSegments, parseLines, segmentPath } from './segments.ts';

const BATCH_RECORDS = 500;
const READ_BYTES = 1024 * 1024;

export type JournalTrouble = 'torn_record_ignored' | 'damaged_segment_kept';

export interface Batch {
  readonly records: readonly string[];
  /** Where the journal goes on after these records. */
  readonly next: JournalEnd;
  readonly troubles: readonly JournalTrouble[];
}

/** The next records after `from`, or a step into the next segment; undefined when all is read. */
export async function readBatch(journal: Journal, from: JournalEnd): Promise<Batch | undefined> {
  const end = journal.end();
  const segments = await listSegments(journal.folder);
  const following = segments.find((segment) => segment > from.segment);
  const stepOver = (troubles: readonly JournalTrouble[]): Batch | undefined =>
    following === undefined
      ? undefined
      : { records: [], next: { segment: following, position: 0 }, troubles };

  if (!segments.includes(from.segment)) return stepOver([]);
  const current = from.segment === end.segment;
  const limit = current ? Math.min(end.position - from.position, READ_BYTES) : READ_BYTES;
  const bytes = await readFrom(segmentPath(journal.folder, from.segment), from.position, limit);
  const parsed = parseLines(bytes, BATCH_RECORDS);
  if (parsed.damaged > 0) await keepDamagedCopy(journal.folder, from.segment);
  if (parsed.bytes > 0) {
    return {
      records: parsed.records,
      next: { segment: from.segment, position: from.position + parsed.bytes },
      troubles: parsed.damaged > 0 ? ['damaged_segment_kept'] : [],
    };
  }
  if (current) return undefined;
  // What a crash cut short was never acknowledged to any client.
  return stepOver(bytes.length > 0 ? ['torn_record_ignored'] : []);
}

/** Keeps a record that the database will never take, for a person to look at. */
export async function keepRefused(folder: string, record: string): Promise<void> {
  await appendFile(join(folder, 'refused.records'), frameRecord(record), { mode: 0o600 });
}

async function readFrom(path: string, position: number, limit: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(limit);
    const { bytesRead } = await file.read(bytes, 0, limit, position);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
