// A hub whose people sign in with Google, and what a browser does there and back.

import { DOCUMENTS } from '../../src/policy/documents.ts';
import type { ConsoleWiring } from '../../src/console/deps.ts';
import type { Database } from '../../src/db/database.ts';
import { type GoogleIssuer, type GoogleUser, openGoogleIssuer } from '../support/google-issuer.ts';
import { type Answer, type Browser, type TestConsole, openBrowser, openConsole } from './world.ts';

export interface GoogleHub {
  readonly hub: TestConsole;
  readonly issuer: GoogleIssuer;
  /** To Google, where this user signs in; returns the address that they come back to. */
  leave(browser: Browser, path: string, user: GoogleUser | null, body?: object): Promise<URL>;
  /** What the hub answers to the browser that comes back. */
  arrive(browser: Browser, back: URL): Promise<Answer>;
  /** There and back; returns the path that the browser ends at. */
  visit(browser: Browser, path: string, user: GoogleUser | null, body?: object): Promise<string>;
  /** A browser in which this user has just signed up. */
  signUp(user: GoogleUser): Promise<Browser>;
  close(): Promise<void>;
}

export const CONSENT = {
  isAdult: true,
  termsVersion: DOCUMENTS.terms.version,
  privacyVersion: DOCUMENTS.privacy.version,
};

export async function openGoogleHub(
  kind: Database['kind'],
  wired: Partial<ConsoleWiring> = {},
): Promise<GoogleHub> {
  const issuer = await openGoogleIssuer();
  const all = { google: issuer.client, ...wired };
  const hub = await openConsole(kind, undefined, wired.vault, undefined, all);
  issuer.admit(`${hub.url}/api/v1/google/callback`);
  const google: GoogleHub = {
    hub,
    issuer,
    async leave(browser, path, user, body = {}) {
      issuer.user = user;
      const { status, body: reply } = await browser.post(path, body);
      if (status !== 200) throw new Error(`${path} answers ${status}`);
      return issuer.pass(String(reply['url']));
    },
    arrive: (browser, back) => browser.get(`/google/callback${back.search}`),
    async visit(browser, path, user, body) {
      return endOf(await google.arrive(browser, await google.leave(browser, path, user, body)));
    },
    async signUp(user) {
      const browser = openBrowser(hub.url);
      const end = await google.visit(browser, '/sign-up/google', user, CONSENT);
      if (end !== '/console') throw new Error(`the sign-up ends at ${end}`);
      return browser;
    },
    async close() {
      await hub.close();
      await issuer.stop();
    },
  };

  /** Nothing but the hub itself is a place to end at. */
  function endOf({ status, headers }: Answer): string {
    const location = headers.get('location') ?? '';
    if (status !== 303 || !location.startsWith(`${hub.url}/`)) {
      throw new Error(`the callback answers ${status} to ${location}`);
    }
    return location.slice(hub.url.length);
  }
  return google;
}
