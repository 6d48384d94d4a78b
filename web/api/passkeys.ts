// Passkeys: the hub asks, the browser answers, the hub looks at the answer. A browser has them where
// the page came by https or from localhost, and under a name: an IP address is no place for one.

import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from '@simplewebauthn/browser';
import type { PasskeyOptionsReply, PasskeyResponse } from '../../src/console/contract-sign-up.ts';
import type { SessionReply } from '../../src/console/contract.ts';
import { addPasskey } from './account.ts';
import { call } from './client.ts';

/** The browser gave no answer: mostly because the person has closed its question. */
class PasskeyFailure extends Error {}

const IP_ADDRESS = /^[\d.]+$|^\[/;

/** Whether passkeys work on this page. */
export function hasPasskeys(): boolean {
  return browserSupportsWebAuthn() && !IP_ADDRESS.test(window.location.hostname);
}

export const signInByPasskey = () => prove<SessionReply>('/sign-in/passkey', false);
export const reauthenticateByPasskey = () => prove<void>('/account/reauthenticate/passkey', false);

/**
 * Lets the browser offer its passkeys in the field for the address. Resolves when one was chosen;
 * undefined where none was, or the browser cannot do it.
 */
export async function awaitPasskeyAutofill(): Promise<SessionReply | undefined> {
  if (!hasPasskeys() || !(await browserSupportsWebAuthnAutofill())) return undefined;
  try {
    return await prove<SessionReply>('/sign-in/passkey', true);
  } catch {
    return undefined;
  }
}

export function stopPasskeyAutofill(): void {
  WebAuthnAbortService.cancelCeremony();
}

export async function makePasskey(name: string): Promise<void> {
  const { options } = await call<PasskeyOptionsReply>('POST', '/account/passkeys/options');
  // What the hub's own library made for this one.
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const response = await startRegistration({ optionsJSON }).catch((error: Error) => {
    throw new PasskeyFailure(
      error.name === 'InvalidStateError'
        ? 'This device has a passkey for your account already.'
        : 'No passkey was made. Try again, and confirm what the browser asks.',
    );
  });
  await addPasskey({ name, response: { ...response } });
}

async function prove<Reply>(path: string, useBrowserAutofill: boolean): Promise<Reply> {
  const { options } = await call<PasskeyOptionsReply>('POST', `${path}/options`);
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const response = await startAuthentication({ optionsJSON, useBrowserAutofill }).catch(() => {
    throw new PasskeyFailure('No passkey was used. Try again, or choose another way.');
  });
  const answer: PasskeyResponse = { response: { ...response } };
  return call<Reply>('POST', path, answer);
}
