// Whose key it is. Every dialect's place for it is taken from any client, because SDKs of one protocol
// are pointed at the other; a malformed key is refused before any look-up. A key in the address is
// read here and nowhere else: addresses are neither logged nor forwarded.

import { HubError } from '../base/errors.ts';
import type { Inbound, RequestHeaders } from '../http/inbound.ts';
import { type ApiKey, assertUsable } from '../keys/api-key.ts';
import type { KeyCache } from '../keys/cache.ts';
import { type ParsedKeySecret, parseKeySecret } from '../keys/secret.ts';

type Presented = Pick<Inbound, 'headers' | 'url'>;

/**
 * Throws `authentication_failed`, `key_not_allowed` from an address (`ip`) where the key does not
 * work, or `storage_unavailable` when nobody can tell.
 */
export function authenticate(
  inbound: Presented,
  ip: string | undefined,
  keys: KeyCache,
): ApiKey | Promise<ApiKey> {
  const secret = readSecret(inbound);
  const key = secret && keys.find(secret.hash);
  return key instanceof Promise ? key.then((later) => usable(later, ip)) : usable(key, ip);
}

function usable(key: ApiKey | undefined, ip: string | undefined): ApiKey {
  if (!key) throw new HubError('authentication_failed');
  assertUsable(key, ip);
  return key;
}

/**
 * A connection whose requests say the same sends the same headers object again, so its key is hashed
 * once. Whether the key still holds is asked each time.
 */
const secrets = new WeakMap<RequestHeaders, ParsedKeySecret>();

function readSecret({ headers, url }: Presented): ParsedKeySecret | undefined {
  let secret = secrets.get(headers);
  if (!secret) {
    const inHeaders = keyOfHeaders(headers);
    // The same headers may come with another address.
    if (inHeaders === undefined) return parseKeySecret(keyOfAddress(url) ?? '');
    secret = parseKeySecret(inHeaders);
    if (secret) secrets.set(headers, secret);
  }
  return secret;
}

/** Where a key may stand bare, the first of them counts. */
const KEY_HEADERS = Object.freeze(['x-api-key', 'api-key', 'x-goog-api-key']);

function keyOfHeaders(headers: RequestHeaders): string | undefined {
  const { authorization } = headers;
  const bearer =
    typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
  if (bearer !== undefined) return bearer;
  for (const name of KEY_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') return value.trim();
  }
  return undefined;
}

function keyOfAddress(url: string): string | undefined {
  const query = url.indexOf('?');
  return query < 0 ? undefined : (new URLSearchParams(url.slice(query)).get('key') ?? undefined);
}
