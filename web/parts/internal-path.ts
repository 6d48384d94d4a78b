// Where signing in may lead back to. The address bar is anyone's to fill in, so an address that
// would leave this site is dropped.

/** Path and query of an address on `origin`; undefined for every other address. */
export function internalPath(value: unknown, origin: string): string | undefined {
  // Browsers read //host and /\host as another site's address.
  if (typeof value !== 'string' || !/^\/[^/\\]/.test(value)) return undefined;
  const url = URL.parse(value, origin);
  return url?.origin === origin ? url.pathname + url.search : undefined;
}
