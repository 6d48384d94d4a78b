// What could not be booked stays on disk, with the reason, until a person has dealt with it: damaged
// segments in quarantine/, records that the database refuses in refused.records. Whatever lies there
// counts as trouble; who has dealt with it takes it out of the folder.

import { existsSync } from 'node:fs';
import { mkdir, open, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findFrame, frameRecord, parseFrames } from './frames.ts';
import type { DrainedJournal } from './journal.ts';
import { moveSegment, removeSegment, segmentName, syncFolder } from './segments.ts';

/** Refused records stand in a file of their own, as frames of a segment that never exists. */
const REFUSED = 'refused.records';
const REFUSED_SEGMENT = 0;
const REASONS = /\.journal\.reasons$/;

export type Damage =
  /** Bytes that no write of the journal can have left. */
  | 'damaged'
  /** The segment ends before the place up to which it was on disk. */
  | 'cut_short'
  /** It was written by a later version. */
  | 'format_unknown'
  /** There is no file of this number. */
  | 'missing';

export interface DamageReport {
  readonly segment: number;
  readonly damage: Damage;
  readonly from: number;
  /** How many bytes could not be read; 0 where nobody knows. */
  readonly bytes: number;
}

export interface JournalTroubles {
  /** Records that the database refuses. */
  readonly refusedRecords: number;
  /** Segments with a part that could not be read. */
  readonly damagedSegments: number;
  /** Segments that are gone. */
  readonly missingSegments: number;
}

/** How much of a journal waits for a person; all zero when nothing does. */
export async function journalTroubles(folder: string): Promise<JournalTroubles> {
  const quarantine = quarantineFolder(folder);
  const names = existsSync(quarantine) ? await readdir(quarantine) : [];
  const reasons = names.filter((name) => REASONS.test(name));
  const texts = await Promise.all(reasons.map((name) => readFile(join(quarantine, name), 'utf8')));
  const missingSegments = texts.filter((text) => text.includes('"damage":"missing"')).length;
  return {
    refusedRecords: (await readRefused(folder)).length,
    damagedSegments: texts.length - missingSegments,
    missingSegments,
  };
}

/** Writes down why a segment is kept; durable before the drain goes past the damage. */
export async function keepReason(folder: string, report: DamageReport): Promise<void> {
  const to = quarantineFolder(folder);
  await mkdir(to, { recursive: true, mode: 0o700 });
  await append(to, reasonsName(report.segment), () => Buffer.from(`${JSON.stringify(report)}\n`));
  await syncFolder(folder);
}

/** Takes a drained segment out of the journal: into quarantine/ if it was damaged, else away. */
export async function retireSegment(folder: string, segment: number): Promise<void> {
  const to = quarantineFolder(folder);
  const isKept = existsSync(join(to, reasonsName(segment)));
  if (isKept) await moveSegment(folder, segment, to);
  else await removeSegment(folder, segment);
}

/** Keeps a record that the database will never take; durable when it resolves. */
export function keepRefused(folder: string, record: string): Promise<void> {
  return append(folder, REFUSED, (size) => frameRecord(record, REFUSED_SEGMENT, size));
}

/** The records that the database refused, each once. */
export async function readRefused(folder: string): Promise<readonly string[]> {
  return parseRefused(await readFile(join(folder, REFUSED)).catch(emptyWhereMissing));
}

/**
 * Puts the refused records into the journal again, so that the drain tries them once more; returns
 * how many. Whatever breaks in between, each is at least in one of the two; the database takes a
 * record once. Nothing may call `keepRefused` meanwhile.
 */
export async function requeueRefused(journal: DrainedJournal): Promise<number> {
  const records = await readRefused(journal.folder);
  await Promise.all(records.map((record) => journal.append(record)));
  await rm(join(journal.folder, REFUSED), { force: true });
  return records.length;
}

/** A crash may have cut a frame short; the next one stands behind it all the same. */
function parseRefused(bytes: Buffer): readonly string[] {
  const records = new Set<string>();
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.subarray(at);
    const parsed = parseFrames(rest, REFUSED_SEGMENT, at, Infinity);
    for (const record of parsed.records) records.add(record);
    const left = bytes.subarray(at + parsed.bytes);
    const next = findFrame(left, REFUSED_SEGMENT, at + parsed.bytes);
    if (next === undefined) break;
    at += parsed.bytes + next;
  }
  return [...records];
}

/** Adds to a file what `make` makes of its size. */
async function append(folder: string, name: string, make: (size: number) => Buffer): Promise<void> {
  const file = await open(join(folder, name), 'a', 0o600);
  try {
    const { size } = await file.stat();
    await file.appendFile(make(size));
    await file.datasync();
  } finally {
    await file.close();
  }
  await syncFolder(folder);
}

function quarantineFolder(folder: string): string {
  return join(folder, 'quarantine');
}

function reasonsName(segment: number): string {
  return `${segmentName(segment)}.reasons`;
}

function emptyWhereMissing(error: unknown): Buffer {
  if ((error as { code?: string }).code === 'ENOENT') return Buffer.alloc(0);
  throw error;
}
