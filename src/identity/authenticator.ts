// The authenticator app: codes of RFC 6238 (30 seconds, six digits, SHA-1, which is what all apps can).
// Its secret must be read back, so it is sealed for its person. A code works once: the time step that
// it belongs to is kept, and only a later one is taken.

import { Secret, TOTP } from 'otpauth';
import { HubError } from '../base/errors.ts';
import type { Sql } from '../db/database.ts';
import { type Resealed, resealRows } from '../vault/reseal.ts';
import type { Vault } from '../vault/seal.ts';
import type { Person } from './people.ts';
import { forgetRecoveryCodes } from './recovery-codes.ts';

const PERIOD_SECONDS = 30;
/** A clock may go wrong by a step, and a code may be typed as it ends. */
const STEPS_AROUND = 1;
const SECRET_BYTES = 20;

export interface NewAuthenticator {
  /** Base 32. */
  readonly secret: string;
  /** `otpauth://totp/…` */
  readonly uri: string;
}

/** A secret that is not in use yet; one that waited before ends. Throws `conflict` where one is in use. */
export async function beginAuthenticator(
  sql: Sql,
  vault: Vault,
  { id: personId, email }: Person,
  hubName: string,
): Promise<NewAuthenticator> {
  const secret = new Secret({ size: SECRET_BYTES });
  const sealed = vault.seal(secret.base32, { personId });
  const { numUpdatedRows } = await sql
    .updateTable('people')
    .set({ totp_sealed: Buffer.from(sealed.bytes), totp_sealing_key: sealed.keyId })
    .where('id', '=', personId)
    .where('totp_confirmed_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) {
    const message = 'An authenticator app is set up already. Remove it first.';
    throw new HubError('conflict', { message });
  }
  const totp = new TOTP({ issuer: hubName, label: email, secret, period: PERIOD_SECONDS });
  return { secret: secret.base32, uri: totp.toString() };
}

/** Puts the waiting secret to use; false where the code is not its own, or nothing waits. */
export function confirmAuthenticator(
  sql: Sql,
  vault: Vault,
  personId: string,
  code: string,
  wallMs: number,
): Promise<boolean> {
  return takeCode(sql, vault, { personId, code, isConfirmed: false }, wallMs);
}

/** Whether a code is right, in its time, and was not used before; it is used up. */
export function useAuthenticatorCode(
  sql: Sql,
  vault: Vault,
  personId: string,
  code: string,
  wallMs: number,
): Promise<boolean> {
  return takeCode(sql, vault, { personId, code, isConfirmed: true }, wallMs);
}

interface TypedCode {
  readonly personId: string;
  readonly code: string;
  /** Of the secret that is in use, or of the one that waits to be. */
  readonly isConfirmed: boolean;
}

async function takeCode(
  sql: Sql,
  vault: Vault,
  { personId, code, isConfirmed }: TypedCode,
  wallMs: number,
): Promise<boolean> {
  const row = await sql
    .selectFrom('people')
    .select(['totp_sealed', 'totp_sealing_key'])
    .where('id', '=', personId)
    .where('totp_confirmed_at', isConfirmed ? 'is not' : 'is', null)
    .executeTakeFirst();
  if (!row?.totp_sealed || row.totp_sealing_key === null) return false;
  const sealed = { keyId: row.totp_sealing_key, bytes: row.totp_sealed };
  const step = stepOf(openSecret(vault, sealed, personId), code, wallMs);
  if (step === undefined) return false;
  // Of two at the same time the second finds the step taken.
  const { numUpdatedRows } = await sql
    .updateTable('people')
    .set({ totp_last_step: step, ...(!isConfirmed && { totp_confirmed_at: new Date(wallMs) }) })
    .where('id', '=', personId)
    .where('totp_sealed', '=', row.totp_sealed)
    .where('totp_confirmed_at', isConfirmed ? 'is not' : 'is', null)
    .where((eb) => eb.or([eb('totp_last_step', 'is', null), eb('totp_last_step', '<', step)]))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The time step whose code this is; undefined where it is none of those around now. */
function stepOf(secret: string, code: string, wallMs: number): bigint | undefined {
  const totp = new TOTP({ secret, period: PERIOD_SECONDS });
  const timestamp = wallMs;
  const delta = totp.validate({ token: code, timestamp, window: STEPS_AROUND });
  return delta === null ? undefined : BigInt(totp.counter({ timestamp }) + delta);
}

function openSecret(
  vault: Vault,
  sealed: { readonly keyId: string; readonly bytes: Buffer },
  personId: string,
): string {
  try {
    return vault.open(sealed, { personId });
  } catch (cause) {
    const message = 'The hub cannot check codes of your authenticator app. Use a recovery code.';
    throw new HubError('conflict', { message, cause });
  }
}

/** Ends it, and with it the codes that stand in for it; false where none was in use. */
export async function removeAuthenticator(tx: Sql, personId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('people')
    .set({
      totp_sealed: null,
      totp_sealing_key: null,
      totp_confirmed_at: null,
      totp_last_step: null,
    })
    .where('id', '=', personId)
    .where('totp_confirmed_at', 'is not', null)
    .executeTakeFirst();
  await forgetRecoveryCodes(tx, personId);
  return numUpdatedRows === 1n;
}

export async function hasAuthenticator(sql: Sql, personId: string): Promise<boolean> {
  const row = await sql
    .selectFrom('people')
    .select('id')
    .where('id', '=', personId)
    .where('totp_confirmed_at', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** What a previous key has sealed is sealed anew under the current one. */
export async function resealAuthenticators(sql: Sql, vault: Vault): Promise<Resealed> {
  const rows = await sql
    .selectFrom('people')
    .select(['id', 'totp_sealed', 'totp_sealing_key'])
    .where('totp_sealing_key', '<>', vault.keyId)
    .execute();
  return resealRows(
    vault,
    rows.flatMap(({ id, totp_sealed: bytes, totp_sealing_key: keyId }) => {
      if (!bytes || keyId === null) return [];
      return {
        sealed: { keyId, bytes },
        context: { personId: id },
        async keep(anew) {
          const { numUpdatedRows } = await sql
            .updateTable('people')
            .set({ totp_sealed: Buffer.from(anew.bytes), totp_sealing_key: anew.keyId })
            .where('id', '=', id)
            .where('totp_sealed', '=', bytes)
            .executeTakeFirst();
          return numUpdatedRows;
        },
      };
    }),
  );
}
