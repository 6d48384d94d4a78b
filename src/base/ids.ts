// Ids are a prefix that says what they name, and 128 bits in Crockford's base 32: 48 bits of time
// (so that they sort by creation, which keeps index pages warm) and 80 random bits (so that nobody
// guesses one). The layout is ULID's, https://github.com/ulid/spec.

import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** All texts of two characters: half as many pieces to put together. */
const PAIRS = Array.from({ length: 1_024 }, (_, bits) => {
  return ALPHABET.charAt(bits >>> 5) + ALPHABET.charAt(bits & 31);
});
const TIME_CHARACTERS = 10;
const RANDOM_BYTES = 10;

export type IdPrefix =
  | 'req'
  | 'ws'
  | 'key'
  | 'usr'
  | 'txn'
  | 'node'
  | 'run'
  | 'bgt'
  | 'cred'
  | 'ses'
  | 'psk'
  | 'sup'
  | 'inv'
  | 'msg';

/** Random bytes for several hundred ids: one call of the system's generator costs as much as all. */
const pool = Buffer.alloc(400 * RANDOM_BYTES);
let used = pool.length;
/** The characters of the last millisecond: most ids of a busy node share it with another. */
let lastMs = -1;
let lastTime = '';

/** A new id such as `req_01k9…`: prefix, underscore, 26 lower-case characters. */
export function newId(prefix: IdPrefix, wallMs: number): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += RANDOM_BYTES;
  if (wallMs !== lastMs) {
    lastTime = encodeTime(wallMs);
    lastMs = wallMs;
  }
  return `${prefix}_${lastTime}${encodeFive(at)}${encodeFive(at + 5)}`;
}

/** Eight characters from five bytes of the pool. */
function encodeFive(at: number): string {
  const high = pool.readUInt16BE(at);
  const low = pool.readUIntBE(at + 2, 3);
  return pair(high >>> 6) + pair(((high & 63) << 4) | (low >>> 20)) + pair(low >>> 10) + pair(low);
}

function pair(bits: number): string {
  return PAIRS[bits & 1023]!;
}

/** Whether a text from outside can be an id of this kind at all; cheap, before any look-up. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return (
    text.length === prefix.length + 27 &&
    text.startsWith(`${prefix}_`) &&
    /^[0-9a-hjkmnp-tv-z]{26}$/.test(text.slice(prefix.length + 1))
  );
}

function encodeTime(wallMs: number): string {
  let rest = Math.floor(wallMs);
  let text = '';
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Crockford base 32, five bits a character; a length that is not a multiple of 5 is padded. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let buffer = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >>> bits) & 31);
    }
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET.charAt((buffer << (5 - bits)) & 31) : text;
}
