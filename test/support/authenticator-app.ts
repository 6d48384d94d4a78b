// An authenticator app: RFC 6238 with SHA-1, six digits and 30 seconds, written from the RFC so that it
// agrees with the hub's library by more than being the same.

import { createHmac } from 'node:crypto';

const PERIOD_MS = 30_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code that an app with this secret (base 32) shows at a time. */
export function codeAt(secret: string, wallMs: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(wallMs / PERIOD_MS)));
  const hash = createHmac('sha1', decodeBase32(secret)).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  const number = (hash.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000;
  return number.toString().padStart(6, '0');
}

/** A code that none of the steps around now has. */
export function wrongCode(secret: string, wallMs: number): string {
  const right = [-2, -1, 0, 1, 2].map((step) => codeAt(secret, wallMs + step * PERIOD_MS));
  const wrong = ['000000', '111111', '222222', '333333', '444444', '555555'];
  return wrong.find((code) => !right.includes(code)) ?? '';
}

function decodeBase32(text: string): Buffer {
  const bits = text.replace(/./g, (letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'));
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
