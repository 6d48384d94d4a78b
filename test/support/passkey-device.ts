// A device with passkeys, in software: it makes ES256 keys and signs as WebAuthn level 3 says (what it
// sends is put together by hand, section 6), and can be told to do it wrong.

import {
  type KeyObject,
  X509Certificate,
  createHash,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';
import type { Certificate } from './certificate.ts';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;
const PUBLIC_KEY = 'public-key';

export interface Wishes {
  /** The site that the browser shows; the hub's unless it is said. */
  readonly origin?: string;
  /** The name that the passkey is for; the hub's unless it is said. */
  readonly rpId?: string;
  /** Whether the person gave a PIN or a finger. */
  readonly userVerified?: boolean;
  readonly challenge?: string;
  /** By what the device vouches for itself, as its maker gave it; not at all unless it is said. */
  readonly certificate?: Certificate;
}

export interface PasskeyDevice {
  /** The count that goes into the next signature; null for a device that does not count. */
  count: number | null;
  /** Answers what `navigator.credentials.create` is asked. */
  register(options: unknown, wishes?: Wishes): Record<string, unknown>;
  /** Answers what `navigator.credentials.get` is asked. */
  answer(options: unknown, wishes?: Wishes): Record<string, unknown>;
}

/** One passkey for the site at `origin`. */
export function openPasskeyDevice(origin: string, count: number | null = null): PasskeyDevice {
  const rpId = new URL(origin).hostname;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(32);
  let userHandle = '';

  function clientData(type: string, challenge: string, wishes: Wishes): Buffer {
    const said = {
      type,
      challenge: wishes.challenge ?? challenge,
      origin: wishes.origin ?? origin,
    };
    return Buffer.from(JSON.stringify({ ...said, crossOrigin: false }));
  }

  /** Section 6.1: hash of the name, flags, count, and the credential where there is a new one. */
  function authenticatorData(wishes: Wishes, credential = Buffer.alloc(0)): Buffer {
    const verified = (wishes.userVerified ?? true) ? USER_VERIFIED : 0;
    const flags = USER_PRESENT | verified | (credential.length > 0 ? HAS_CREDENTIAL : 0);
    const counted = Buffer.alloc(4);
    counted.writeUInt32BE(device.count ?? 0);
    if (device.count !== null) device.count += 1;
    return Buffer.concat([sha256(wishes.rpId ?? rpId), Buffer.from([flags]), counted, credential]);
  }

  const device: PasskeyDevice = {
    count,
    register(options, wishes = {}) {
      const asked = options as { challenge: string; user: { id: string } };
      userHandle = asked.user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const credential = [Buffer.alloc(16), length, credentialId, cbor(coseKey(publicKey))];
      const authData = authenticatorData(wishes, Buffer.concat(credential));
      const client = clientData('webauthn.create', asked.challenge, wishes);
      const { certificate } = wishes;
      const signed = [authData.subarray(0, 32), sha256(client), credentialId, rawPoint(publicKey)];
      const statement = certificate
        ? { fmt: 'fido-u2f', attStmt: vouch(certificate, Buffer.concat(signed)) }
        : { fmt: 'none', attStmt: {} };
      return answerOf(credentialId, {
        clientDataJSON: client,
        attestationObject: cbor({ ...statement, authData }),
      });
    },
    answer(options, wishes = {}) {
      const { challenge } = options as { challenge: string };
      const data = authenticatorData(wishes);
      const client = clientData('webauthn.get', challenge, wishes);
      return answerOf(credentialId, {
        clientDataJSON: client,
        authenticatorData: data,
        signature: sign('sha256', Buffer.concat([data, sha256(client)]), privateKey),
        userHandle: Buffer.from(userHandle, 'base64url'),
      });
    },
  };
  return device;
}

function answerOf(credentialId: Buffer, response: Record<string, Buffer>): Record<string, unknown> {
  const id = credentialId.toString('base64url');
  const encoded = Object.entries(response).map(([name, bytes]) => [
    name,
    bytes.toString('base64url'),
  ]);
  const transports = ['internal'];
  return {
    id,
    rawId: id,
    type: PUBLIC_KEY,
    clientExtensionResults: {},
    response: { ...Object.fromEntries(encoded), transports },
  };
}

/** Section 8.6, the form of U2F. */
function vouch({ cert, key }: Certificate, signed: Buffer): Record<string, unknown> {
  const data = Buffer.concat([Buffer.from([0]), signed]);
  return { sig: sign('sha256', data, key), x5c: [new X509Certificate(cert).raw] };
}

function rawPoint(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([
    Buffer.from([4]),
    Buffer.from(x, 'base64url'),
    Buffer.from(y, 'base64url'),
  ]);
}

/** RFC 9052: key type EC2, algorithm ES256, curve P-256. */
function coseKey(key: KeyObject): Map<number, number | Buffer> {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return new Map<number, number | Buffer>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, Buffer.from(x, 'base64url')],
    [-3, Buffer.from(y, 'base64url')],
  ]);
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

/** As much of CBOR (RFC 8949) as is needed: integers, bytes, texts, lists and maps. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([head(3, text.length), text]);
  }
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  return Buffer.concat([head(5, entries.length), ...entries.flat().map(cbor)]);
}

function head(major: number, length: number): Buffer {
  const first = major << 5;
  if (length < 24) return Buffer.from([first | length]);
  if (length < 0x100) return Buffer.from([first | 24, length]);
  return Buffer.from([first | 25, length >> 8, length & 0xff]);
}
