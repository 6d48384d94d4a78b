// The hub as a client of Google's OpenID Connect: where a browser is sent, and what its return is
// worth. Google's addresses and keys are asked for when they are first needed, kept for a day, and
// asked for again after a failure, so a hub starts and serves although Google is away.

import * as oidc from 'openid-client';
import type { Clock } from '../base/clock.ts';

const DISCOVERY_MS = 24 * 3_600_000;
const TIMEOUT_SECONDS = 5;
const WITH_AUTH_TIME = JSON.stringify({ id_token: { auth_time: { essential: true } } });
/** Between two machines' clocks. */
const SKEW_MS = 30_000;

export interface GoogleClientSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What the hub keeps until the browser is back. */
export interface GoogleRequest {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What an ID token says, as far as the hub wants to know it. */
export interface GoogleClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string | undefined;
}

export interface GoogleReturn {
  /** The address that the browser came back to, with all that Google put into it. */
  readonly url: URL;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The person must have signed in to Google since then; undefined where any session there does. */
  readonly signedInSinceMs: number | undefined;
}

export interface GoogleClient {
  /** With `fresh`, Google asks for its own sign-in once more. Throws where Google is away. */
  request(redirectUri: string, fresh: boolean): Promise<GoogleRequest>;
  /** Throws where anything is not as it must be, or Google is away. */
  exchange(back: GoogleReturn): Promise<GoogleClaims>;
}

export function createGoogleClient(settings: GoogleClientSettings, clock: Clock): GoogleClient {
  const configuration = keepConfiguration(settings, clock);
  return {
    async request(redirectUri, fresh) {
      const verifier = oidc.randomPKCECodeVerifier();
      const state = oidc.randomState();
      const nonce = oidc.randomNonce();
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        // Google knows no `prompt=login`; `max_age=0` says the same (OpenID Connect Core, 3.1.2.1).
        prompt: 'select_account',
        ...(fresh && { max_age: '0', claims: WITH_AUTH_TIME }),
      });
      return { url: url.href, state, nonce, verifier };
    },
    async exchange({ url, state, nonce, verifier, signedInSinceMs }) {
      const tokens = await oidc.authorizationCodeGrant(await configuration(), url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('There is no ID token');
      if (signedInSinceMs !== undefined) requireFresh(claims, signedInSinceMs);
      return readClaims(claims);
    },
  };
}

/** The same promise for all who wait; one that fails is forgotten. */
function keepConfiguration(
  { issuer, clientId, clientSecret }: GoogleClientSettings,
  clock: Clock,
): () => Promise<oidc.Configuration> {
  let kept: Promise<oidc.Configuration> | undefined;
  let keptUntilMs = 0;
  // The settings allow plain http on this machine only.
  const insecurely = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];

  return () => {
    if (kept && clock.monotonicMs() < keptUntilMs) return kept;
    keptUntilMs = clock.monotonicMs() + DISCOVERY_MS;
    const asked = oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      execute: [oidc.enableNonRepudiationChecks, ...insecurely],
      timeout: TIMEOUT_SECONDS,
    });
    kept = asked;
    asked.catch(() => {
      if (kept === asked) kept = undefined;
    });
    return asked;
  };
}

/** Where Google does not say when somebody signed in, nothing is proven. */
function requireFresh({ auth_time: authTime }: oidc.IDToken, sinceMs: number): void {
  if (authTime !== undefined && authTime * 1000 >= sinceMs - SKEW_MS) return;
  throw new Error('It is not known that the person signed in to Google just now');
}

function readClaims({ iss, sub, email, email_verified, name }: oidc.IDToken): GoogleClaims {
  if (typeof email !== 'string') throw new Error('There is no email address in the ID token');
  return {
    issuer: iss,
    subject: sub,
    email,
    emailVerified: email_verified === true,
    name: typeof name === 'string' ? name : undefined,
  };
}

/** What went wrong in a word that may be logged: Google's own, or that of the library. */
export function reasonOf(error: unknown): string | undefined {
  const { error: word, code } = error as { readonly error?: unknown; readonly code?: unknown };
  const isWord = (text: unknown): text is string =>
    typeof text === 'string' && /^\w{1,60}$/.test(text);
  return [word, code].find(isWord);
}
