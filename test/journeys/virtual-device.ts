// A device that keeps passkeys, plugged into the real browser by its own protocol.
// https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/

import type { Page } from 'playwright-core';

export interface VirtualDevice {
  /** How many passkeys it keeps. */
  count(): Promise<number>;
  /** As somebody who gives neither finger nor PIN. */
  refuse(): Promise<void>;
  agree(): Promise<void>;
}

export async function plugInDevice(page: Page): Promise<VirtualDevice> {
  const protocol = await page.context().newCDPSession(page);
  await protocol.send('WebAuthn.enable');
  const { authenticatorId } = await protocol.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const verify = async (isUserVerified: boolean): Promise<void> => {
    await protocol.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
  };
  return {
    async count() {
      const { credentials } = await protocol.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.length;
    },
    refuse: () => verify(false),
    agree: () => verify(true),
  };
}
