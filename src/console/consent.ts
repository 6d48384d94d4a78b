// What somebody who signs up has accepted must be what the page showed them, and what holds now.

import { HubError } from '../base/errors.ts';
import type { Consent } from '../identity/new-account.ts';
import { DOCUMENTS } from '../policy/documents.ts';

/** Throws `invalid_request`. */
export function requireCurrentDocuments({ termsVersion, privacyVersion }: Consent): void {
  const message = 'This is not the current version. Load the page again to read it.';
  for (const [param, version, current] of [
    ['termsVersion', termsVersion, DOCUMENTS.terms.version],
    ['privacyVersion', privacyVersion, DOCUMENTS.privacy.version],
  ] as const) {
    if (version !== current) throw new HubError('invalid_request', { param, message });
  }
}
