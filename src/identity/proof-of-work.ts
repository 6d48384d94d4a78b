// Proof of work: what a form costs whoever sends it, so that sending thousands does not pay. A
// challenge is altcha's (SHA-256, one pass), signed with secrets that all nodes share, so it needs no
// row until it is solved; a solved one is spent, because its signature alone would hold for ever.

import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto';
import { type Challenge, createChallenge, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/sha';
import { z } from 'zod';
import { HubError } from '../base/errors.ts';
import type { Sql } from '../db/database.ts';

const LIFETIME_MS = 10 * 60_000;
/** Hashes until the solution: a tenth of a second of a laptop's script, half of a slow phone's. */
const LEAST_HASHES = 20_000;
const MOST_HASHES = 80_000;

const solvedShape = z.object({
  challenge: z.object({
    parameters: z.object({
      algorithm: z.string(),
      cost: z.number(),
      expiresAt: z.number(),
      keyLength: z.number(),
      keyPrefix: z.string(),
      keySignature: z.string(),
      nonce: z.string(),
      salt: z.string(),
    }),
    signature: z.string(),
  }),
  solution: z.object({ counter: z.number(), derivedKey: z.string() }),
});

/** A new challenge. */
export async function challengeWork(sql: Sql, wallMs: number): Promise<Challenge> {
  return createChallenge({
    algorithm: 'SHA-256',
    cost: 1,
    counter: randomInt(LEAST_HASHES, MOST_HASHES),
    deriveKey,
    expiresAt: new Date(wallMs + LIFETIME_MS),
    ...(await readSecrets(sql)),
  });
}

/**
 * Takes a solved challenge, as base64 of JSON, once. Throws `proof_of_work_failed` where it is none
 * of the hub's, has expired or was taken before.
 */
export async function spendWork(sql: Sql, text: string, wallMs: number): Promise<void> {
  const solved = decode(text);
  if (!solved || !(await isSolved(sql, solved, wallMs))) throw new HubError('proof_of_work_failed');
  const { nonce, expiresAt } = solved.challenge.parameters;
  await sql.deleteFrom('spent_challenges').where('expires_at', '<=', new Date(wallMs)).execute();
  const spent = await sql
    .insertInto('spent_challenges')
    .values({
      challenge_hash: createHash('sha256').update(nonce).digest(),
      expires_at: new Date(expiresAt * 1000),
    })
    .onConflict((conflict) => conflict.column('challenge_hash').doNothing())
    .returning('challenge_hash')
    .executeTakeFirst();
  if (!spent) throw new HubError('proof_of_work_failed');
}

type Solved = z.infer<typeof solvedShape>;

function decode(text: string): Solved | undefined {
  try {
    return solvedShape.parse(JSON.parse(Buffer.from(text, 'base64').toString()));
  } catch {
    return undefined;
  }
}

async function isSolved(
  sql: Sql,
  { challenge, solution }: Solved,
  wallMs: number,
): Promise<boolean> {
  if (challenge.parameters.expiresAt * 1000 <= wallMs) return false;
  const secrets = await readSecrets(sql);
  const { verified } = await verifySolution({ challenge, solution, deriveKey, ...secrets });
  return verified;
}

/** What challenges and their solutions are signed with: one root in the database, two uses of it. */
async function readSecrets(sql: Sql) {
  const root = (await findRoot(sql)) ?? (await makeRoot(sql));
  const secretFor = (use: string): string => createHmac('sha256', root).update(use).digest('hex');
  return { hmacSignatureSecret: secretFor('challenge'), hmacKeySignatureSecret: secretFor('key') };
}

async function findRoot(sql: Sql): Promise<Buffer | undefined> {
  const row = await sql
    .selectFrom('hub_secrets')
    .select('value')
    .where('name', '=', 'proof_of_work')
    .executeTakeFirst();
  return row?.value;
}

/** Of nodes that ask for the first time together, one makes it. */
async function makeRoot(sql: Sql): Promise<Buffer> {
  await sql
    .insertInto('hub_secrets')
    .values({ name: 'proof_of_work', value: randomBytes(32) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const root = await findRoot(sql);
  if (!root) throw new Error('the secret of proofs of work was removed while it was made');
  return root;
}
