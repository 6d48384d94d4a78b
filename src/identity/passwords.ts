// Passwords: argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), as PHC text, so that the
// parameters may grow while old hashes still verify. One hash is made at a time: each takes some
// 30 ms of a thread that the usage journal's writes also need.

import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { HubError } from '../base/errors.ts';

const MEMORY_KIB = 19 * 1024;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const QUEUE_LIMIT = 50;
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** The PHC text of a password. Throws `rate_limited` when too many hashes wait already. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, MEMORY_KIB, PASSES, LANES, HASH_BYTES);
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(hash)}`;
}

/**
 * Whether the password is the one behind `kept`. Without a kept hash (an unknown account, a person
 * who never chose a password) it takes the same time and answers no, so that time does not tell.
 */
export async function verifyPassword(password: string, kept: string | null): Promise<boolean> {
  const match = PHC.exec(kept ?? '');
  if (!match) {
    await derive(password, randomBytes(SALT_BYTES), MEMORY_KIB, PASSES, LANES, HASH_BYTES);
    return false;
  }
  const [, memory, passes, lanes, salt = '', hash = ''] = match;
  const expected = Buffer.from(hash, 'base64');
  const actual = await derive(
    password,
    Buffer.from(salt, 'base64'),
    Number(memory),
    Number(passes),
    Number(lanes),
    expected.length,
  );
  return timingSafeEqual(actual, expected);
}

const runArgon2 = promisify<'argon2id', Argon2Parameters, Buffer>(argon2);
let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

async function derive(
  password: string,
  salt: Buffer,
  memory: number,
  passes: number,
  lanes: number,
  tagLength: number,
): Promise<Buffer> {
  if (waiting >= QUEUE_LIMIT) throw new HubError('rate_limited', { retryAfterSeconds: 5 });
  waiting += 1;
  // The same password typed on two keyboards may come composed or decomposed.
  const message = password.normalize('NFKC');
  const mine = last.then(() =>
    runArgon2('argon2id', { message, nonce: salt, parallelism: lanes, tagLength, memory, passes }),
  );
  last = mine.catch(() => undefined);
  try {
    return await mine;
  } finally {
    waiting -= 1;
  }
}

/** PHC's base 64 has no padding. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
