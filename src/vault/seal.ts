// Sealing: AES-256-GCM under a key of the operator's. What is sealed opens only where it belongs, for
// whose it is and what for is authenticated with it. Keys from before still open.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** A workspace's credential at a provider. */
export interface CredentialContext {
  readonly workspaceId: string;
  readonly provider: string;
}

/** What a person's authenticator app computes its codes from. */
export interface AuthenticatorContext {
  readonly personId: string;
}

/** Whose it is, and what for. */
export type SealContext = CredentialContext | AuthenticatorContext;

export interface Sealed {
  /** Names the key; tells nothing of it. */
  readonly keyId: string;
  /** Nonce, ciphertext and tag. */
  readonly bytes: Uint8Array;
}

export interface Vault {
  /** Under which new ones are sealed. */
  readonly keyId: string;
  seal(text: string, context: SealContext): Sealed;
  /** Throws `SealError` where the key is unknown, or anything is not as it was sealed. */
  open(sealed: Sealed, context: SealContext): string;
}

/** Says no more than that it does not open. */
export class SealError extends Error {}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_DIGITS = 16;

export function openVault(current: Uint8Array, ...previous: readonly Uint8Array[]): Vault {
  const keys = new Map([current, ...previous].map((key) => [keyIdOf(key), key]));
  const keyId = keyIdOf(current);
  return {
    keyId,
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, current, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(nameOf(context));
      const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return { keyId, bytes: Buffer.concat(sealed) };
    },
    open(sealed, context) {
      const key = keys.get(sealed.keyId);
      if (!key) throw new SealError('It is sealed under a key that is not set');
      return open(key, sealed.bytes, context);
    },
  };
}

function open(key: Uint8Array, bytes: Uint8Array, context: SealContext): string {
  const end = bytes.length - TAG_BYTES;
  if (end < NONCE_BYTES) throw new SealError('It is too short to be sealed');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(nameOf(context));
  decipher.setAuthTag(bytes.subarray(end));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, end));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    throw new SealError('It is not what was sealed here');
  }
}

function nameOf(context: SealContext): Buffer {
  if ('personId' in context) return Buffer.from(`authenticator secret\n${context.personId}`);
  return Buffer.from(`provider credential\n${context.workspaceId}\n${context.provider}`);
}

function keyIdOf(key: Uint8Array): string {
  const hash = createHash('sha256').update('inferencehub sealing key\n').update(key);
  return hash.digest('hex').slice(0, KEY_ID_DIGITS);
}
