// Whose key it is. Both dialects' headers are taken from any client, because SDKs of one protocol are
// pointed at the other; a malformed key is refused before any look-up.

import { HubError } from '../base/errors.ts';
import type { RequestHeaders } from '../http/inbound.ts';
import type { ApiKey, KeyCache } from '../keys/cache.ts';
import { type ParsedKeySecret, parseKeySecret } from '../keys/secret.ts';

/** Throws `authentication_failed`, or `storage_unavailable` when nobody can tell. */
export function authenticate(headers: RequestHeaders, keys: KeyCache): ApiKey | Promise<ApiKey> {
  const secret = readSecret(headers);
  const key = secret && keys.find(secret.hash);
  return key instanceof Promise ? key.then(found) : found(key);
}

function found(key: ApiKey | undefined): ApiKey {
  if (!key) throw new HubError('authentication_failed');
  return key;
}

/**
 * A connection whose requests say the same sends the same headers object again, so its key is hashed
 * once. Whether the key still holds is asked each time.
 */
const secrets = new WeakMap<RequestHeaders, ParsedKeySecret>();

function readSecret(headers: RequestHeaders): ParsedKeySecret | undefined {
  let secret = secrets.get(headers);
  if (!secret) {
    secret = parseKeySecret(presentedKey(headers) ?? '');
    if (secret) secrets.set(headers, secret);
  }
  return secret;
}

function presentedKey(headers: RequestHeaders): string | undefined {
  const { authorization, 'x-api-key': header } = headers;
  const bearer =
    typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
  return bearer ?? (typeof header === 'string' ? header.trim() : undefined);
}
