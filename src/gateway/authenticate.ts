// Whose key it is. Both dialects' headers are taken from any client, because SDKs of one protocol are
// pointed at the other; a malformed key is refused before any look-up.

import type { IncomingMessage } from 'node:http';
import { HubError } from '../base/errors.ts';
import type { ApiKey, KeyCache } from '../keys/cache.ts';
import { parseKeySecret } from '../keys/secret.ts';

/** Throws `authentication_failed`, or `storage_unavailable` when nobody can tell just now. */
export async function authenticate(request: IncomingMessage, keys: KeyCache): Promise<ApiKey> {
  const secret = parseKeySecret(presentedKey(request) ?? '');
  const key = secret && (await keys.find(secret.hash));
  if (!key) throw new HubError('authentication_failed');
  return key;
}

function presentedKey(request: IncomingMessage): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  const header = request.headers['x-api-key'];
  return bearer ?? (typeof header === 'string' ? header.trim() : undefined);
}
