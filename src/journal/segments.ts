// The journal's files: numbered segments, each begun by a header that names the format, the segment
// and where the one before it ended, as far as that is known; so a later version can read what an
// earlier one wrote, and a file that lacks its end, or stands under a foreign number, is noticed.

import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const NAME = /^(\d{12})\.journal$/;
const FORMAT = 1;
const HEADER = /^(journal (\d{2}) (\d{12}) (\d{12}|-{12}) )([0-9a-f]{8})\n$/;
/** Each write is on disk when it returns: one call where writing and then flushing were two. */
const SYNCHRONOUS: number | undefined = constants.O_DSYNC;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (SYNCHRONOUS ?? 0);
const UNKNOWN_END = '-'.repeat(12);

export interface Header {
  readonly segment: number;
  /** Up to where the segment before was on disk; undefined after a start. */
  readonly previousEnd: number | undefined;
}

/** The same for every header of this format. */
export const HEADER_BYTES = encodeHeader({ segment: 1, previousEnd: undefined }).length;

export function segmentPath(folder: string, segment: number): string {
  return join(folder, segmentName(segment));
}

export function segmentName(segment: number): string {
  return `${pad(segment)}.journal`;
}

/** The numbers of the segments that exist, lowest first. */
export async function listSegments(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Makes a segment that is durable with its header and its name; a failure leaves none behind. */
export async function createSegment(folder: string, header: Header): Promise<FileHandle> {
  const path = segmentPath(folder, header.segment);
  const file = await open(path, NEW_FILE, 0o600);
  try {
    await writeDurably(file, encodeHeader(header), 0);
    await syncFolder(folder);
    return file;
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(path).catch(() => undefined);
    throw error;
  }
}

export async function removeSegment(folder: string, segment: number): Promise<void> {
  await unlink(segmentPath(folder, segment));
}

/** Moves a segment into another folder of the same file system: that needs no space. */
export async function moveSegment(folder: string, segment: number, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  await rename(segmentPath(folder, segment), join(to, segmentName(segment)));
}

/** A name that was made survives a power cut only once its folder is on disk as well. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows gives no handle to a folder.
  if (process.platform === 'win32') return;
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Writes into a segment; on disk when it resolves. */
export async function writeDurably(
  file: FileHandle,
  bytes: Buffer,
  position: number,
): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
  // Windows has no such files.
  if (SYNCHRONOUS === undefined) await file.datasync();
}

/** The header at the beginning of `bytes`; `foreign` is a sound one of a format not known here. */
export function parseHeader(bytes: Buffer): Header | 'foreign' | undefined {
  const match = HEADER.exec(bytes.toString('latin1', 0, HEADER_BYTES));
  if (!match) return undefined;
  const [, text = '', format, segment, previousEnd, checksum] = match;
  if (checksum !== checksumOf(text)) return undefined;
  if (Number(format) !== FORMAT) return 'foreign';
  return {
    segment: Number(segment),
    previousEnd: previousEnd === UNKNOWN_END ? undefined : Number(previousEnd),
  };
}

export function encodeHeader({ segment, previousEnd }: Header): Buffer {
  const end = previousEnd === undefined ? UNKNOWN_END : pad(previousEnd);
  const text = `journal ${FORMAT.toString().padStart(2, '0')} ${pad(segment)} ${end} `;
  return Buffer.from(`${text}${checksumOf(text)}\n`);
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function pad(value: number): string {
  return value.toString().padStart(12, '0');
}
