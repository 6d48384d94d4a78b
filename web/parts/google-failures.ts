// What a way over Google may end with, in words. The codes come back in the address, which anybody
// can write: a code that is not in the table says no more than that it failed.

import type { GoogleFailure } from '../../src/console/contract-sign-up.ts';

const WORDS: Readonly<Record<GoogleFailure, string>> = Object.freeze({
  google_cancelled: 'You came back from Google without an answer. Try again, or go another way.',
  google_failed: 'Google did not vouch for you this time. Try again.',
  google_unknown: 'No account here belongs to this Google account. Sign up with it first.',
  google_address_taken:
    'An account with the address of this Google account exists. Sign in to it another way, then link Google in its settings.',
  google_linked_elsewhere: 'This Google account is linked to another account of this hub.',
});

export function googleFailure(code: string): string {
  return Object.hasOwn(WORDS, code) ? WORDS[code as GoogleFailure] : WORDS.google_failed;
}
