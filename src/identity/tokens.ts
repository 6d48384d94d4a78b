// Tokens of sessions and one-time links: 256 random bits, kept only as their SHA-256. Random bits
// need no salt and no slow hash: nobody can try them all.

import { createHash, randomBytes } from 'node:crypto';

export interface NewToken {
  /** What the browser gets; kept nowhere. */
  readonly token: string;
  readonly hash: Buffer;
}

export function createToken(): NewToken {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashToken(token) };
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
