// Recovery codes: what lets somebody in whose authenticator app is lost. Ten of 80 random bits, kept as
// hashes, each used up by the delete that finds it.

import { randomBytes } from 'node:crypto';
import { encodeBase32 } from '../base/ids.ts';
import type { Sql } from '../db/database.ts';
import { hashToken } from './tokens.ts';

const CODES = 10;
const CODE_BYTES = 10;

/** Makes new ones inside the caller's transaction; those from before end. The texts are kept nowhere. */
export async function renewRecoveryCodes(tx: Sql, personId: string): Promise<string[]> {
  await forgetRecoveryCodes(tx, personId);
  const texts = Array.from({ length: CODES }, () => encodeBase32(randomBytes(CODE_BYTES)));
  await tx
    .insertInto('recovery_codes')
    .values(texts.map((text) => ({ person_id: personId, code_hash: hashToken(text) })))
    .execute();
  return texts.map((text) => text.replace(/.{4}(?!$)/g, '$&-'));
}

/** Uses a code up; false where it is none of this person's, or was used already. */
export async function useRecoveryCode(sql: Sql, personId: string, typed: string): Promise<boolean> {
  const { numDeletedRows } = await sql
    .deleteFrom('recovery_codes')
    .where('person_id', '=', personId)
    .where('code_hash', '=', hashToken(normalise(typed)))
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

export async function countRecoveryCodes(sql: Sql, personId: string): Promise<number> {
  const { count } = await sql
    .selectFrom('recovery_codes')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function forgetRecoveryCodes(tx: Sql, personId: string): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('person_id', '=', personId).execute();
}

/** As people copy them from paper: any case and spacing, and the letters that look like digits. */
function normalise(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
}
