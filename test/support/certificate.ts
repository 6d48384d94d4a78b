// A certificate for loopback, made anew for each test run, so that none lies in the repository and no
// program beside Node is needed: X.509 written out as DER, https://www.rfc-editor.org/rfc/rfc5280

import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const ECDSA_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const SUBJECT_ALT_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';
const DAY_MS = 86_400_000;

/** Signs itself; good for the host and for 127.0.0.1, from yesterday to tomorrow. */
export function makeCertificate(host = 'localhost'): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(tag(0x06, hex(ECDSA_SHA256)));
  // Two certificates of one name would be taken for each other.
  const name = sequence(
    tag(0x31, sequence(tag(0x06, hex(COMMON_NAME)), tag(0x0c, Buffer.from(randomUUID())))),
  );
  const names = sequence(tag(0x82, Buffer.from(host)), tag(0x87, Buffer.from([127, 0, 0, 1])));
  const isAuthority = sequence(tag(0x01, Buffer.from([0xff])));
  const body = sequence(
    tag(0xa0, tag(0x02, Buffer.from([2]))),
    tag(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tag(
      0xa3,
      sequence(
        sequence(tag(0x06, hex(SUBJECT_ALT_NAME)), tag(0x04, names)),
        sequence(tag(0x06, hex(BASIC_CONSTRAINTS)), tag(0x04, isAuthority)),
      ),
    ),
  );
  const signature = tag(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const der = sequence(body, algorithm, signature).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tag(0x30, ...parts);
}

function tag(type: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([type, ...(length < 128 ? [length] : long)]), content]);
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function time(wallMs: number): Buffer {
  const text = new Date(wallMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tag(0x18, Buffer.from(text));
}
