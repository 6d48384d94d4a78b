// Google's stand-in: a real OpenID Connect server on loopback. Who signs in there is what the test
// says; no page is shown, so browsers and plain clients pass through alike.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, interactionPolicy } from 'oidc-provider';

export interface GoogleUser {
  readonly subject: string;
  readonly email: string;
  readonly emailVerified?: boolean;
  readonly name?: string;
  /** How long ago they signed in to Google; now, unless it is said. */
  readonly signedInSecondsAgo?: number;
}

export interface GoogleIssuer {
  /** As a hub's settings name it. */
  readonly client: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  /** Another site that people sign in to. */
  readonly otherClientId: string;
  /** Who signs in from now on; null is somebody who goes back without doing so. */
  user: GoogleUser | null;
  /** Names the one address that browsers are sent back to; call it before the first visit. */
  admit(redirectUri: string): void;
  /** Does what a browser does at the issuer, and returns the address that it is sent back to. */
  pass(url: string): Promise<URL>;
  /** Away and back again, at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const CLIENT_ID = 'hub.apps.example';
const OTHER_CLIENT_ID = 'other.apps.example';
const INTERACTION = '/interaction/';
const ON_THE_WAY = { Interaction: 600, Session: 600 };
const SCOPE = 'openid email profile';

export async function openGoogleIssuer(): Promise<GoogleIssuer> {
  let provider: Provider | undefined;
  const clientSecret = randomBytes(24).toString('base64url');
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url?.startsWith(INTERACTION)) {
      void provider?.interactionFinished(request, response, resultOf(issuer.user));
    } else provider?.callback()(request, response);
  };
  const server = createServer(answer);
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const issuer: GoogleIssuer = {
    client: { issuer: url, clientId: CLIENT_ID, clientSecret },
    otherClientId: OTHER_CLIENT_ID,
    user: null,
    admit(redirectUri) {
      provider = createProvider(url, clientSecret, redirectUri, () => issuer.user);
    },
    pass: (start) => passThrough(url, start),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () => listen(port),
  };
  return issuer;
}

function resultOf(user: GoogleUser | null): Record<string, unknown> {
  if (!user) return { error: 'access_denied' };
  const ts = Math.floor(Date.now() / 1000) - (user.signedInSecondsAgo ?? 0);
  return { login: { accountId: user.subject, ts, remember: false }, select_account: {} };
}

function createProvider(
  url: string,
  clientSecret: string,
  redirectUri: string,
  userNow: () => GoogleUser | null,
): Provider {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const client = (clientId: string) => ({
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'client_secret_post',
  });
  const provider: Provider = new Provider(url, {
    clients: [client(CLIENT_ID), client(OTHER_CLIENT_ID)],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    // Google puts the address into the ID token itself.
    conformIdTokenClaims: false,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false }, claimsParameter: { enabled: true } },
    interactions: {
      policy,
      url: (_context: unknown, { uid }: { readonly uid: string }) => `${INTERACTION}${uid}`,
    },
    findAccount: (_context: unknown, subject: string) => accountOf(subject, userNow()),
    loadExistingGrant: (context: SignedIn) => grantOf(provider, context),
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 600, ...ON_THE_WAY },
  });
  return provider;
}

function accountOf(subject: string, user: GoogleUser | null) {
  const { email, emailVerified = true, name = 'Grace' } = user ?? { email: 'nobody@example.com' };
  const claims = { sub: subject, email, email_verified: emailVerified, name };
  return { accountId: subject, claims: () => claims };
}

interface SignedIn {
  readonly oidc: {
    readonly session: { readonly accountId: string };
    readonly client: { readonly clientId: string };
  };
}

/** Everybody has said before that the site may know who they are. */
async function grantOf(provider: Provider, { oidc }: SignedIn) {
  const { accountId } = oidc.session;
  const grant = new provider.Grant({ accountId, clientId: oidc.client.clientId });
  grant.addOIDCScope(SCOPE);
  await grant.save();
  return grant;
}

/** Follows redirects, with the issuer's own cookies, as long as they stay with the issuer. */
async function passThrough(issuer: string, start: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let at = new URL(start);
  while (at.origin === issuer) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { headers: { cookie }, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      const end = pair.indexOf('=');
      cookies.set(pair.slice(0, end), pair.slice(end + 1));
    }
    const next = response.headers.get('location');
    if (next === null)
      throw new Error(`the issuer answers ${response.status}: ${await response.text()}`);
    at = new URL(next, at);
  }
  return at;
}
