// Who the hub is to authenticator apps and passkeys. The name and the origin are those of its canonical
// address, never of a request's Host.

import { isIP } from 'node:net';
import { HubError } from '../base/errors.ts';
import type { RelyingParty } from '../identity/passkeys.ts';

/** As an app lists it, beside the person's address. */
export const HUB_NAME = 'InferenceHub';

/** Throws `conflict` where the hub is reached by a number: browsers keep passkeys for names alone. */
export function relyingPartyOf(publicUrl: string): RelyingParty {
  const { hostname, origin } = new URL(publicUrl);
  if (isIP(hostname.replace(/^\[|\]$/g, '')) === 0) return { id: hostname, origin };
  const message = 'Passkeys need the hub to have a name: its operator sets PUBLIC_URL to it.';
  throw new HubError('conflict', { message });
}
