// The token of a one-time link. It comes in the fragment, which browsers send to nobody, is taken
// out of the address bar before the page is drawn, and lives in memory only.

let token = '';

export function keepOneTimeToken(fragment: string): void {
  token = fragment;
}

export function oneTimeToken(): string {
  return token;
}
