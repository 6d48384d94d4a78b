// The token of an invitation's mailed link. Like every one-time token it leaves the address bar for
// memory; but it outlives signing in, because that is what an invited reader does first.

import { useSyncExternalStore } from 'react';

let token = '';
const listeners = new Set<() => void>();

export function keepInvitationToken(fragment: string): void {
  token = fragment;
  for (const listener of listeners) listener();
}

/** Empty where there is none; a link that is opened over its own page changes it. */
export function useInvitationToken(): string {
  return useSyncExternalStore(watch, () => token);
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
