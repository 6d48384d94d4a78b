// Where a browser may be sent once it is back: a path of the hub's own. What comes from an address bar
// is anybody's to write, and browsers read `//host` and `/\host` as another site.

import { HubError } from '../base/errors.ts';

const OWN_PATH = /^\/(?![/\\])[^\\\p{Cc}]*$/u;
const MOST_CHARACTERS = 500;
/** Of no site at all. */
const NOWHERE = 'http://hub.invalid';

/** The path as browsers will read it, with its query. Throws `invalid_request`. */
export function requireOwnPath(text: string): string {
  const url = OWN_PATH.test(text) ? URL.parse(text, NOWHERE) : null;
  const path = url?.origin === NOWHERE ? url.pathname + url.search : '';
  // Dots may have hidden a second slash: `/.//host`.
  if (OWN_PATH.test(path) && path.length <= MOST_CHARACTERS) return path;
  const message = 'This is no page of the hub.';
  throw new HubError('invalid_request', { param: 'back', message });
}

/** The path with one more field in its query. */
export function withField(path: string, name: string, value: string): string {
  const url = new URL(path, NOWHERE);
  url.searchParams.set(name, value);
  return url.pathname + url.search;
}
