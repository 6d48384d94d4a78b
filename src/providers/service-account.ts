// Reads the key file of a Google service account, as the cloud console gives it out. What is wrong with
// it is said without a word of it, for most of it is a secret.

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { objectOf, parseJson, stringOf } from '../base/json.ts';
import type { ServiceAccount } from './provider.ts';

export function readServiceAccount(path: string): ServiceAccount {
  return parseServiceAccount(readKeyFile(path));
}

/** Throws an Error whose message completes a sentence that begins with the name of the setting. */
export function parseServiceAccount(text: string): ServiceAccount {
  const file = objectOf(parseJson(text));
  if (file === undefined) throw new Error("must be a service account's key file, which is JSON");
  const read = (field: string): string => {
    const value = stringOf(file[field]) ?? '';
    if (value === '') throw new Error(`must be a service account's key file with ${field}`);
    return value;
  };
  const account = {
    email: read('client_email'),
    privateKey: read('private_key'),
    privateKeyId: read('private_key_id'),
    tokenUrl: read('token_uri'),
  };
  if (!isRsaKey(account.privateKey)) throw new Error('must hold an RSA key in private_key');
  if (!/^https?:$/.test(URL.parse(account.tokenUrl)?.protocol ?? '')) {
    throw new Error('must hold an address in token_uri');
  }
  return Object.freeze(account);
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error('must be a file that can be read');
  }
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
