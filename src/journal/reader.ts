// Reads the journal from a position on, across segments, without ever taking what is still being
// written. What cannot be read is named, byte for byte, and everything around it is read all the
// same. Holds one segment in memory at most, and 1 MiB of it while all is well.

import { open } from 'node:fs/promises';
import { findFrame, isTornFrame, parseFrames } from './frames.ts';
import type { DrainedJournal, JournalEnd } from './journal.ts';
import type { DamageReport } from './quarantine.ts';
import { HEADER_BYTES, type Header, listSegments, parseHeader, segmentPath } from './segments.ts';

/** More cost hardly less each, and while a batch goes in, others wait for the accounts that it locks. */
const BATCH_RECORDS = 2_000;
const READ_BYTES = 1024 * 1024;

export interface TornTail {
  readonly segment: number;
  /** How many bytes a crash left of a write that was never acknowledged. */
  readonly bytes: number;
}

export interface Batch {
  readonly records: readonly string[];
  /** Where the journal goes on after these records. */
  readonly next: JournalEnd;
  readonly torn?: TornTail;
  /** What stands between `from` and `next` and could not be read. */
  readonly damages: readonly DamageReport[];
}

/** The next records after `from`, or a step past what holds none; undefined when all is read. */
export async function readBatch(
  journal: Pick<DrainedJournal, 'folder' | 'end'>,
  from: JournalEnd,
): Promise<Batch | undefined> {
  const end = journal.end();
  const { segment, position } = from;
  if (segment > end.segment || (segment === end.segment && position >= end.position)) {
    return undefined;
  }
  const { folder } = journal;
  // The newest is there by definition: it may just be made again under its own number.
  const listed = (await listSegments(folder)).filter((number) => number < end.segment);
  const segments = [...listed, end.segment];
  if (!segments.includes(segment)) return stepOver(folder, segments, from);
  await using file = await open(segmentPath(folder, segment), 'r');
  const size = segment === end.segment ? end.position : (await file.stat()).size;
  const read = async (length: number): Promise<Buffer> => {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - position)));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
    return bytes.subarray(0, bytesRead);
  };

  const bytes = await read(READ_BYTES);
  if (bytes.length === 0) return stepOver(folder, segments, from);
  if (position === 0) {
    const header = parseHeader(bytes);
    if (header === 'foreign')
      return stepOver(folder, segments, from, unreadable(from, size, 'format_unknown'));
    if (header?.segment === segment) return goOn([], HEADER_BYTES);
  }
  const parsed = parseFrames(bytes, segment, position, BATCH_RECORDS);
  if (parsed.bytes > 0) return goOn(parsed.records, parsed.bytes);

  const rest = bytes.length < size - position ? await read(size) : bytes;
  const large = parseFrames(rest, segment, position, 1);
  if (large.bytes > 0) return goOn(large.records, large.bytes);
  const found = findFrame(rest, segment, position);
  if (found !== undefined) return goOn([], found, unreadable(from, position + found));
  const isTorn = segment < end.segment && (isTornFrame(rest) || isTornHeader(rest, position));
  if (isTorn) return stepOver(folder, segments, from, undefined, rest.length);
  const damage = unreadable(from, size);
  return segment < end.segment
    ? stepOver(folder, segments, from, damage)
    : goOn([], rest.length, damage);

  function goOn(records: readonly string[], length: number, unread?: DamageReport): Batch {
    const next = { segment, position: position + length };
    return { records, next, damages: unread ? [unread] : [] };
  }
}

/** On to the next segment that exists, with word of those that do not, and of a missing end. */
async function stepOver(
  folder: string,
  segments: readonly number[],
  from: JournalEnd,
  unread?: DamageReport,
  tornBytes = 0,
): Promise<Batch | undefined> {
  const next = segments.find((segment) => segment > from.segment);
  if (next === undefined) return undefined;
  const damages = unread ? [unread] : [];
  for (let segment = from.segment; segment < next; segment++) {
    const isMissing = segment > 0 && !segments.includes(segment);
    if (isMissing) damages.push({ segment, damage: 'missing', from: 0, bytes: 0 });
  }
  const knownEnd = next === from.segment + 1 ? await readPreviousEnd(folder, next) : undefined;
  const isCut = !unread && segments.includes(from.segment) && (knownEnd ?? 0) > from.position;
  if (isCut) damages.push(unreadable(from, knownEnd ?? 0, 'cut_short'));
  const isTorn = tornBytes > 0 && !isCut;
  return {
    records: [],
    next: { segment: next, position: 0 },
    damages,
    ...(isTorn && { torn: { segment: from.segment, bytes: tornBytes } }),
  };
}

/** What the segment's header says of the end of the one before it. */
async function readPreviousEnd(folder: string, segment: number): Promise<number | undefined> {
  const file = await open(segmentPath(folder, segment), 'r').catch(undefinedWhereMissing);
  if (!file) return undefined;
  try {
    const { buffer } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const header: Header | 'foreign' | undefined = parseHeader(buffer);
    const isOwn = header !== 'foreign' && header?.segment === segment;
    return isOwn ? header.previousEnd : undefined;
  } finally {
    await file.close();
  }
}

function unreadable(
  { segment, position: from }: JournalEnd,
  to: number,
  damage: DamageReport['damage'] = 'damaged',
): DamageReport {
  return { segment, damage, from, bytes: to - from };
}

function isTornHeader(bytes: Buffer, position: number): boolean {
  return position === 0 && bytes.length <= HEADER_BYTES && !bytes.includes('\n');
}

function undefinedWhereMissing(error: unknown): undefined {
  if ((error as { code?: string }).code !== 'ENOENT') throw error;
}
