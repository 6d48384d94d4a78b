// The journal's files: numbered segments of lines, each line a checksum and a JSON record. A line
// that a crash cut short can only be the last of its segment; it was never acknowledged.

import { copyFile, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const NAME = /^(\d{12})\.journal$/;
const CHECKSUM_LENGTH = 8;

export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${segment.toString().padStart(12, '0')}.journal`);
}

/** The numbers of the segments that exist, lowest first. */
export async function listSegments(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export async function removeSegment(folder: string, segment: number): Promise<void> {
  await unlink(segmentPath(folder, segment));
}

/** Keeps a copy of a segment that holds something unreadable, for a person to look at. */
export async function keepDamagedCopy(folder: string, segment: number): Promise<void> {
  const path = segmentPath(folder, segment);
  await copyFile(path, `${path}.damaged`);
}

export function frameRecord(json: string): string {
  return `${checksum(json)} ${json}\n`;
}

export interface ParsedLines {
  readonly records: readonly string[];
  /** How many bytes the records (and unreadable lines) take; what follows has no line end yet. */
  readonly bytes: number;
  /** Whole lines whose checksum is wrong. */
  readonly damaged: number;
}

/** Splits bytes into records, up to `limit` of them. */
export function parseLines(bytes: Buffer, limit: number): ParsedLines {
  const records: string[] = [];
  let at = 0;
  let damaged = 0;
  while (records.length < limit) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    const line = bytes.toString('utf8', at, end);
    const json = line.slice(CHECKSUM_LENGTH + 1);
    if (line === `${checksum(json)} ${json}`) records.push(json);
    else damaged += 1;
    at = end + 1;
  }
  return { records, bytes: at, damaged };
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_LENGTH, '0');
}
