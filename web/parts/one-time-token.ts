// The token of a one-time link. It comes in the fragment, which browsers send to nobody, is taken
// out of the address bar before the page is drawn, and lives in memory only. It belongs to the page
// that its link leads to: another page does not take it for its own.

import { useSyncExternalStore } from 'react';

/** The pages that one-time links lead to. */
export type LinkedPath = '/welcome' | '/sign-in' | '/confirm' | '/reset' | '/confirm-email';

let kept: { readonly path: LinkedPath; readonly token: string } | undefined;
const listeners = new Set<() => void>();

export function keepOneTimeToken(path: LinkedPath, token: string): void {
  kept = { path, token };
  tell();
}

export function forgetOneTimeToken(): void {
  kept = undefined;
  tell();
}

/** A token lives as long as its page is open. */
export function forgetOneTimeTokenBeyond(path: string): void {
  if (kept && kept.path !== path) forgetOneTimeToken();
}

/** Empty where there is none; a link that is opened over its own page changes it. */
export function useOneTimeToken(path: LinkedPath): string {
  return useSyncExternalStore(watch, () => (kept?.path === path ? kept.token : ''));
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
