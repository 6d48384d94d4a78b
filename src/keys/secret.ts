// The text of an API key: prefix, 256 random bits, and a CRC-32 of all that stands before it. The
// checksum lets a mistyped or invented key be refused, and a leaked one be recognised by scanners,
// without a database; a full CRC-32 finds every change within any 32 adjacent bits.

import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { encodeBase32 } from '../base/ids.ts';
import type { Book } from '../db/schema.ts';

export interface NewKeySecret {
  /** The whole text; it leaves the hub once and is kept nowhere. */
  readonly text: string;
  readonly hash: Buffer;
  readonly lastFour: string;
}

export interface ParsedKeySecret {
  readonly mode: Book;
  /** SHA-256 of the whole text. */
  readonly hash: Buffer;
}

const SECRET_BYTES = 32;
const SHAPE = /^(ih_(live|test)_[0-9a-hjkmnp-tv-z]{52})([0-9a-hjkmnp-tv-z]{7})$/;

export function createKeySecret(mode: Book): NewKeySecret {
  const body = `ih_${mode}_${encodeBase32(randomBytes(SECRET_BYTES))}`;
  const text = body + checksum(body);
  return { text, hash: sha256(text), lastFour: text.slice(-4) };
}

/** What a well-formed key says of itself; undefined for every other text. Never throws. */
export function parseKeySecret(text: string): ParsedKeySecret | undefined {
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const [, body = '', mode, given] = match;
  if (checksum(body) !== given) return undefined;
  return { mode: mode as Book, hash: sha256(text) };
}

/** How a key is shown once its text is gone: `ih_live_…a1b2`. */
export function keyHint(mode: Book, lastFour: string): string {
  return `ih_${mode}_…${lastFour}`;
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return encodeBase32(bytes);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
