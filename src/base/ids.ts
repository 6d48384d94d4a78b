// Ids are a prefix that says what they name, and 128 bits in Crockford's base 32: 48 bits of time
// (so that they sort by creation, which keeps index pages warm) and 80 random bits (so that nobody
// guesses one). The layout is ULID's, https://github.com/ulid/spec.

import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_BYTES = 10;

export type IdPrefix = 'req' | 'ws' | 'key' | 'usr' | 'txn' | 'node' | 'run' | 'bgt';

/** A new id such as `req_01k9…`: prefix, underscore, 26 lower-case characters. */
export function newId(prefix: IdPrefix, wallMs: number): string {
  return `${prefix}_${encodeTime(wallMs)}${encodeBase32(randomBytes(RANDOM_BYTES))}`;
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
