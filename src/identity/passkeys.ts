// The passkeys of people: what is kept of each, and the answers of their devices. A passkey proves the
// device and, by its own PIN or finger, the person: both proofs at once (WebAuthn level 3).

import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  type WebAuthnCredential,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject } from '@simplewebauthn/server/helpers';
import { HubError } from '../base/errors.ts';
import { isId, newId } from '../base/ids.ts';
import { type Sql, isRefusal } from '../db/database.ts';
import type { PasskeysTable } from '../db/schema-people.ts';
import { type Person, personOf } from './people.ts';
import { lockWaysIn, requireWayIn } from './ways-in.ts';

/** EdDSA, ES256 and RS256 (RFC 9053): what all devices have at least one of. */
export const PASSKEY_ALGORITHMS: readonly number[] = Object.freeze([-8, -7, -257]);
const MOST_PASSKEYS = 20;
/** Of what a browser may say: usb, nfc, ble, internal, hybrid, smart-card, cable. */
const MOST_TRANSPORTS = 10;

/** Who asks: as browsers write it into what they sign. */
export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
}

export interface Passkey {
  readonly id: string;
  readonly name: string;
  /** As devices name it, in base64url. */
  readonly credentialId: string;
  readonly transports: readonly string[];
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** Oldest first. */
export async function listPasskeys(sql: Sql, personId: string): Promise<Passkey[]> {
  const rows = await sql
    .selectFrom('passkeys')
    .select(['id', 'name', 'credential_id', 'transports', 'created_at', 'last_used_at'])
    .where('person_id', '=', personId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    credentialId: base64url(row.credential_id),
    transports: row.transports,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }));
}

export interface NewPasskey {
  readonly personId: string;
  readonly name: string;
  readonly challenge: string;
  /** As the browser gave it. */
  readonly response: unknown;
}

/** Keeps a passkey whose device answered the challenge. Throws `invalid_request` or `conflict`. */
export async function addPasskey(
  tx: Sql,
  { personId, name, challenge, response }: NewPasskey,
  relyingParty: RelyingParty,
  wallMs: number,
): Promise<Passkey> {
  const credential = await readRegistration(response, challenge, relyingParty);
  if (!credential) throw new HubError('invalid_request', { message: NOT_AN_ANSWER });
  const { passkeys } = await lockWaysIn(tx, personId);
  if (passkeys >= MOST_PASSKEYS) throw tooMany();
  const id = newId('psk', wallMs);
  const createdAt = new Date(wallMs);
  const transports = (credential.transports ?? []).slice(0, MOST_TRANSPORTS);
  const row = {
    id,
    person_id: personId,
    credential_id: Buffer.from(credential.id, 'base64url'),
    public_key: Buffer.from(credential.publicKey),
    sign_count: BigInt(credential.counter),
    transports,
    name,
    created_at: createdAt,
  };
  try {
    await tx.insertInto('passkeys').values(row).execute();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new HubError('conflict', { message: 'This passkey is known here already.' });
  }
  const credentialId = credential.id;
  return { id, name, credentialId, transports, createdAt, lastUsedAt: null };
}

/** The new credential; undefined where the device did not answer this challenge for this hub. */
async function readRegistration(
  answer: unknown,
  expectedChallenge: string,
  { id: expectedRPID, origin: expectedOrigin }: RelyingParty,
): Promise<WebAuthnCredential | undefined> {
  const response = answer as RegistrationResponseJSON;
  try {
    refuseCertificates(response);
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin,
      expectedRPID,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
    });
    return registrationInfo?.credential;
  } catch {
    return undefined;
  }
}

/**
 * The hub asks for no word about the maker of a device. One that comes all the same may hold
 * certificates, and checking those means fetching addresses that they name.
 */
function refuseCertificates({ response: { attestationObject } }: RegistrationResponseJSON): void {
  const bytes = new Uint8Array(Buffer.from(attestationObject, 'base64url'));
  const attestation = decodeAttestationObject(bytes);
  const fmt = attestation.get('fmt');
  const isBare = fmt === 'none' || (fmt === 'packed' && !attestation.get('attStmt').get('x5c'));
  if (!isBare) throw new Error('The device vouches for itself by a certificate');
}

const NOT_AN_ANSWER = 'This is not the answer of a passkey to what the hub asked.';

function tooMany(): HubError {
  const message = `You have ${MOST_PASSKEYS} passkeys already. Remove one first.`;
  return new HubError('conflict', { message });
}

/**
 * The person whose passkey answered the challenge; undefined where none did, or it was none of theirs
 * who are asked.
 */
export async function usePasskey(
  sql: Sql,
  { challenge, response, personId }: PasskeyAnswer,
  relyingParty: RelyingParty,
  wallMs: number,
): Promise<Person | undefined> {
  const answer = response as AuthenticationResponseJSON;
  const row = await findCredential(sql, answer.id);
  if (!row || (personId !== undefined && row.person_id !== personId)) return undefined;
  const newCount = await readCount(answer, challenge, row, relyingParty);
  if (newCount === undefined) return undefined;
  // Only over the count that was read, so that of two answers with one count the second fails.
  const { numUpdatedRows } = await sql
    .updateTable('passkeys')
    .set({ sign_count: newCount, last_used_at: new Date(wallMs) })
    .where('id', '=', row.passkey_id)
    .where('sign_count', '=', row.sign_count)
    .executeTakeFirst();
  return numUpdatedRows === 1n ? personOf(row) : undefined;
}

/** How often the device has signed; undefined where this is not its answer, or it may be a copy. */
async function readCount(
  response: AuthenticationResponseJSON,
  expectedChallenge: string,
  known: Pick<PasskeysTable, 'credential_id' | 'public_key' | 'sign_count'>,
  { id: expectedRPID, origin: expectedOrigin }: RelyingParty,
): Promise<bigint | undefined> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin,
      expectedRPID,
      credential: {
        id: base64url(known.credential_id),
        publicKey: new Uint8Array(known.public_key),
        counter: Number(known.sign_count),
      },
      requireUserVerification: true,
    });
    return verified ? BigInt(authenticationInfo.newCounter) : undefined;
  } catch {
    return undefined;
  }
}

export interface PasskeyAnswer {
  readonly challenge: string;
  /** As the browser gave it. */
  readonly response: unknown;
  /** Whose it must be; undefined where whoever answers is to sign in. */
  readonly personId: string | undefined;
}

async function findCredential(sql: Sql, credentialId: unknown) {
  if (typeof credentialId !== 'string') return undefined;
  return sql
    .selectFrom('passkeys')
    .innerJoin('people', 'people.id', 'passkeys.person_id')
    .select(['people.id', 'people.email', 'people.name', 'people.is_operator'])
    .select(['passkeys.id as passkey_id', 'person_id', 'credential_id', 'public_key', 'sign_count'])
    .where('credential_id', '=', Buffer.from(credentialId, 'base64url'))
    .executeTakeFirst();
}

/** Throws `not_found` for what is no passkey of this person's. */
export async function renamePasskey(
  sql: Sql,
  personId: string,
  passkeyId: string,
  name: string,
): Promise<void> {
  if (!isId('psk', passkeyId)) throw new HubError('not_found');
  const { numUpdatedRows } = await sql
    .updateTable('passkeys')
    .set({ name })
    .where('id', '=', passkeyId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new HubError('not_found');
}

/** Throws `not_found`, or `conflict` where it is the only way in. */
export async function removePasskey(tx: Sql, personId: string, passkeyId: string): Promise<void> {
  if (!isId('psk', passkeyId)) throw new HubError('not_found');
  const ways = await lockWaysIn(tx, personId);
  const { numDeletedRows } = await tx
    .deleteFrom('passkeys')
    .where('id', '=', passkeyId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  if (numDeletedRows !== 1n) throw new HubError('not_found');
  requireWayIn({ ...ways, passkeys: ways.passkeys - 1 });
}

/** The embedded database gives bytes that are no Buffer. */
function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
